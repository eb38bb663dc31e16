import Foundation

/// A message as docs/troubleshooting.md lists it.
struct CatalogueRow: Hashable {
    /// Exit codes that it may come with; none for what ends nothing.
    let codes: [Int]
    /// With … for what differs from one time to the next.
    let text: String
    /// The heading that it stands below.
    let heading: String

    /// Whether a text from the sources is this message, a part of it that ends where a clause does,
    /// or the same with … where the row has words.
    func holds(_ part: String) -> Bool {
        text.hasPrefix(part) || text.hasSuffix(part) || text.contains(" \(part): ")
            || (part.filter(\.isLetter).count >= 6 && Self.matches(text, part, from: "^"))
    }

    private static func matches(_ line: String, _ template: String, from start: String) -> Bool {
        let pieces = template.components(separatedBy: "…").map {
            NSRegularExpression.escapedPattern(for: $0)
        }
        let pattern = start + pieces.joined(separator: ".+") + "$"
        return line.range(of: pattern, options: .regularExpression) != nil
    }

    /// Whether it is what a program said, whatever came before it on the line.
    func matches(_ line: String) -> Bool { Self.matches(line, text, from: "(^|: )") }

    /// Verbs, and phrases, with which a text tells what to do.
    private static let remedies = [
        "add", "ask", "build", "check", "choose", "chmod", "copy", "end with", "give", "leave",
        "load", "make", "mount", "name", "pass", "put", "raise", "remove", "report", "restart",
        "come back",
        "run", "say", "see", "set", "shorten", "take", "unset", "use", "write", "known here are",
    ]
    private static let demands = [
        "must be ", "must have ", "must start ", " is for ", " takes ", "needs a ", "needs an ",
        "needs the ", "has to be ", "is needed",
        "instead", "only the ", "at most",
    ]

    /// Whether the text itself says what to do.
    var hasRemedy: Bool {
        let clauses = text.components(separatedBy: ": ").dropFirst()
        return clauses.contains { clause in
            Self.remedies.contains { clause.hasPrefix($0) || clause.contains(", or \($0) ") }
        } || Self.demands.contains { text.contains($0) }
    }
}

/// docs/troubleshooting.md: below each heading the messages in a block of `text`, a line each with its
/// code, then the cause and the fix.
struct Catalogue {
    private(set) var rows: [CatalogueRow] = []
    /// Each heading with the text below it.
    private(set) var sections: [String: String] = [:]
    /// The headings' names in links, as GitHub makes them, in the order of the page.
    private(set) var anchors: [String] = []

    init(page: String) {
        var heading = ""
        var isBlock = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isBlock = line == "```text"
            } else if isBlock {
                let parts = line.split(separator: " ", maxSplits: 1)
                rows.append(
                    CatalogueRow(
                        codes: parts[0].split(separator: "|").compactMap { Int($0) },
                        text: parts.count == 2 ? parts[1].trimmingSpaces() : "", heading: heading))
            } else if line.hasPrefix("#") {
                heading = String(line.drop { $0 == "#" || $0 == " " })
                anchors.append(
                    heading.lowercased().filter {
                        $0.isLetter || $0.isNumber || "-_ ".contains($0)
                    }.replacingOccurrences(of: " ", with: "-"))
            } else {
                sections[heading, default: ""] += line + "\n"
            }
        }
    }

    static func page() throws -> Catalogue {
        Catalogue(
            page: try String(
                contentsOfFile: "\(SourceMessages.root)/docs/troubleshooting.md", encoding: .utf8))
    }
}
