/// What is wrong with a document, and in which line.
public struct Mistake: Error, Hashable, Sendable {
    public let line: Int
    public let reason: String
}

public struct Mistakes: Error, Hashable, Sendable {
    /// One or more, in the order of their lines; at most `Document.mostMistakes`.
    public let mistakes: [Mistake]
}

/// TOML 1.0, read without a trap whatever the octets are.
///
/// Other than what is written in C++ it knows the line of every value, goes on after a mistake, and
/// brings neither iostreams nor assertions into PID 1.
///
/// - SeeAlso: https://toml.io/en/v1.0.0
public enum Document {
    /// Tables and arrays within one another; what is read is walked by recursion, and this bounds it.
    public static let deepest = 32
    /// A file that is no TOML at all has one on every line.
    public static let mostMistakes = 20

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - utf8: the file, as it was read.
    ///   - file: what the places in it call it.
    public static func parse(_ utf8: [UInt8], file: String) throws(Mistakes) -> Table {
        guard String(validating: utf8, as: UTF8.self) != nil else {
            throw Mistakes(mistakes: [
                Mistake(
                    line: lineOfInvalidText(utf8),
                    reason: "it is not UTF-8: save it as UTF-8")
            ])
        }
        var parser = Parser(utf8, file: file)
        parser.readDocument()
        guard parser.mistakes.isEmpty else { throw Mistakes(mistakes: parser.mistakes) }
        return parser.root.frozen
    }

    private static func lineOfInvalidText(_ octets: [UInt8]) -> Int {
        let lines = octets.split(separator: 0x0a, omittingEmptySubsequences: false)
        let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return (line ?? 0) + 1
    }

    /// The parts of a dotted key, `telemetry.attributes."fly.app_name"`; nil where it is none.
    public static func key(_ text: String) -> [String]? {
        var parser = Parser(Array(text.utf8), file: "")
        guard let parts = try? parser.key(), parser.isAtEnd else { return nil }
        return parts
    }
}
