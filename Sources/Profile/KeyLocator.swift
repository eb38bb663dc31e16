/// Finds the line of a key in a TOML document that a real parser has accepted.
///
/// TOMLKit tells the place of a syntax error only, and an unknown key is no syntax error. The
/// locator knows headers, keys and multi-line strings, which is enough to point at a line; a key
/// that it cannot find, as in an inline table, is placed at its closest parent.
struct KeyLocator {
    private var lines: [[String]: Int] = [:]

    init(_ text: String) {
        var prefix: [String] = []
        var counts: [[String]: Int] = [:]
        var closing: String?
        // A line may end in CRLF, which is one Character (TOML 1.0, "Newline").
        let ends: Set<Character> = ["\n", "\r\n"]
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: ends.contains
        )
        .enumerated() {
            if let quotes = closing {
                if Self.count(quotes, in: line) > 0 { closing = nil }
                continue
            }
            let content = line.drop(while: \.isWhitespace)
            if content.hasPrefix("[[") {
                let path = Self.path(content.dropFirst(2).prefix { $0 != "]" })
                let ordinal = counts[path, default: 0]
                counts[path] = ordinal + 1
                prefix = path + ["\(ordinal)"]
                record(prefix, index)
            } else if content.hasPrefix("[") {
                let path = Self.path(content.dropFirst().prefix { $0 != "]" })
                prefix = Self.insideLatest(path, counts)
                record(prefix, index)
            } else if let equals = content.firstIndex(of: "="), !content.hasPrefix("#") {
                record(prefix + Self.path(content[..<equals]), index)
                let value = content[content.index(after: equals)...]
                for quotes in ["\"\"\"", "'''"] where Self.count(quotes, in: value) == 1 {
                    closing = quotes
                }
            }
        }
    }

    /// The line, counted from 1, of the key or of the closest parent that is known; 0 for none.
    func line(of path: [String]) -> Int {
        var path = path[...]
        while !path.isEmpty {
            if let line = lines[Array(path)] { return line }
            path = path.dropLast()
        }
        return 0
    }

    private mutating func record(_ path: [String], _ index: Int) {
        for count in 1...max(1, path.count) where count <= path.count {
            let parent = Array(path.prefix(count))
            if lines[parent] == nil { lines[parent] = index + 1 }
        }
    }

    /// `[a.b]` below `[[a]]` belongs to the latest element of `a`.
    private static func insideLatest(_ path: [String], _ counts: [[String]: Int]) -> [String] {
        var resolved: [String] = []
        var plain: [String] = []
        for part in path {
            resolved.append(part)
            plain.append(part)
            if let count = counts[plain], plain.count < path.count {
                resolved.append("\(count - 1)")
            }
        }
        return resolved
    }

    /// How often three quotes stand in a line, not overlapping.
    private static func count(_ quotes: String, in line: Substring) -> Int {
        var count = 0
        var rest = line
        while !rest.isEmpty {
            if rest.hasPrefix(quotes) {
                count += 1
                rest = rest.dropFirst(quotes.count)
            } else {
                rest = rest.dropFirst()
            }
        }
        return count
    }

    private static func path(_ text: Substring) -> [String] {
        text.split(separator: ".").map { part in
            String(part.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" })
        }
    }
}
