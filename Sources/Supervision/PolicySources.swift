import Control
import Linux
public import Policy
import SystemPackage

/// Where the policy comes from: files in this order, then rules of the environment.
public struct PolicySources: Equatable, Sendable {
    /// Longest file that is read, in octets.
    private static let longestFile = 64 << 20

    public var files: [String]
    /// Rules with spaces or line feeds between them, from `CODETAINER_ALLOW`.
    public var extra: String

    public init(files: [String], extra: String) { (self.files, self.extra) = (files, extra) }

    /// Everything that is wrong, a line each.
    public struct Unusable: Error, Equatable {
        public let messages: [String]
    }

    /// A rule a line; `private` belongs to the rule before it.
    static func lines(of rules: String) -> String {
        var lines: [String] = []
        for word in rules.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            if word == "private", let rule = lines.popLast() {
                lines.append("\(rule) \(word)")
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Reads all of it.
    public func read() throws(Unusable) -> Allowlist {
        var sources: [Allowlist.Source] = []
        var messages: [String] = []
        for file in files {
            do throws(SystemCallError) {
                let octets = try Files.read(FilePath(file), limit: Self.longestFile)
                sources.append(Allowlist.Source(name: file, utf8: octets))
            } catch {
                messages.append(
                    "cannot read the allowlist: \(error): mount it there, or set CODETAINER_ALLOWLIST"
                )
            }
        }
        if !extra.isEmpty {
            sources.append(Allowlist.Source(name: "CODETAINER_ALLOW", text: Self.lines(of: extra)))
        }
        do throws(AllowlistErrors) {
            let allowlist = try Allowlist(parsing: sources)
            if messages.isEmpty { return allowlist }
        } catch {
            messages += "\(error)".split(separator: "\n").map(String.init)
        }
        throw Unusable(messages: messages)
    }
}

extension PolicySources: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(files)
        writer.write(extra)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(files: try reader.texts(), extra: try reader.text())
    }
}
