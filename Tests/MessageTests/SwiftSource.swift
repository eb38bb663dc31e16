/// As much of Swift as it takes to find the string literals in the arguments of a call.
struct SwiftSource {
    let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private static let quote = UInt8(ascii: "\"")
    private static let slash = UInt8(ascii: "/")

    /// What is between the parentheses of each call of `name`, declarations left out.
    mutating func calls(of name: String) -> [Range<Int>] {
        let wanted = Array((name + "(").utf8)
        var ranges: [Range<Int>] = []
        for index in bytes.indices where bytes[index] == wanted[0] {
            guard bytes[index...].starts(with: wanted) else { continue }
            let before = index > 0 ? bytes[index - 1] : 32
            let isDeclared = bytes[..<index].suffix(5).elementsEqual("func ".utf8)
            guard !Self.isWordPart(before), !isDeclared else { continue }
            let start = index + wanted.count
            ranges.append(start..<end(ofGroupFrom: start))
        }
        return ranges
    }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        byte == 95 || (48...57).contains(byte) || (65...90).contains(byte)
            || (97...122).contains(byte)
    }

    private var isAtComment: Bool { bytes[position...].starts(with: [Self.slash, Self.slash]) }

    /// Where the parenthesis closes that was opened before `start`.
    private mutating func end(ofGroupFrom start: Int) -> Int {
        position = start
        var depth = 1
        while position < bytes.count {
            switch bytes[position] {
            case Self.quote:
                _ = literal()
                continue
            case Self.slash where isAtComment:
                skipLine()
                continue
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 { return position }
            default: break
            }
            position += 1
        }
        return position
    }

    /// The literals in a range, with … for interpolations; those that are added make one.
    mutating func literals(in range: Range<Int>) -> [String] {
        var literals: [String] = []
        var joins = false
        position = range.lowerBound
        while position < range.upperBound {
            switch bytes[position] {
            case Self.quote:
                let text = literal()
                let before = joins ? literals.popLast() ?? "" : ""
                literals.append(before + text)
                joins = false
                continue
            case Self.slash where isAtComment:
                skipLine()
                continue
            case UInt8(ascii: "+"): joins = true
            case 32, 10: break
            default: joins = false
            }
            position += 1
        }
        return literals.map { $0.trimmingSpaces() }
    }

    /// The number after `code:`, or that of the first code of sysexits.h by its name.
    func code(in range: Range<Int>) -> Int? {
        let names = [
            "usage": 64, "unavailable": 69, "software": 70, "system": 71, "noPermission": 77,
            "configuration": 78,
        ]
        let text = String(decoding: bytes[range], as: UTF8.self).trimmingSpaces()
        for (name, code) in names
        where text.hasPrefix(".\(name),") || text.hasSuffix("code: ExitCode.\(name).rawValue") {
            return code
        }
        let words = text.split { $0 == " " || $0.isNewline }
        return words.dropLast().last == "code:" ? Int(words[words.count - 1]) : nil
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != 10 { position += 1 }
    }

    /// Reads the literal that begins here, and goes past it.
    private mutating func literal() -> String {
        let triple = [Self.quote, Self.quote, Self.quote]
        let quotes = bytes[position...].starts(with: triple) ? 3 : 1
        position += quotes
        var text: [UInt8] = []
        while position < bytes.count, !bytes[position...].starts(with: triple.prefix(quotes)) {
            guard bytes[position] == UInt8(ascii: "\\") else {
                text.append(bytes[position])
                position += 1
                continue
            }
            position += 1
            switch bytes[position] {
            case UInt8(ascii: "("):
                position = end(ofGroupFrom: position + 1)
                text += Array("…".utf8)
            case 10:
                while bytes[position + 1] == 32 { position += 1 }
            case UInt8(ascii: "n"): text.append(10)
            default: text.append(bytes[position])
            }
            position += 1
        }
        position += quotes
        return String(decoding: text, as: UTF8.self)
    }
}

extension StringProtocol {
    func trimmingSpaces() -> String {
        var text = self[...]
        while text.first?.isWhitespace ?? false { text = text.dropFirst() }
        while text.last?.isWhitespace ?? false { text = text.dropLast() }
        return String(text)
    }
}
