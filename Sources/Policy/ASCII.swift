/// The ASCII that the grammars are made of.
enum ASCII {
    static let hyphen = UInt8(ascii: "-")
    static let dot = UInt8(ascii: ".")
    static let slash = UInt8(ascii: "/")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let star = UInt8(ascii: "*")
    static let exclamationMark = UInt8(ascii: "!")
    static let hash = UInt8(ascii: "#")
    static let underscore = UInt8(ascii: "_")
    static let openingBracket = UInt8(ascii: "[")
    static let closingBracket = UInt8(ascii: "]")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
}

extension UInt8 {
    // Each is one comparison: what is below the first wraps around to above the last.
    var isASCIIDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    var isASCIIUppercase: Bool { self &- UInt8(ascii: "A") < 26 }

    var isASCIILetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }

    /// Lower case for a letter, the byte itself otherwise. Length octets of a name on the wire
    /// (at most 63) are below "A", so a whole wire name can be folded byte by byte.
    var foldedASCII: UInt8 { isASCIIUppercase ? self | 0x20 : self }

    /// The value of a hexadecimal digit, `nil` for anything else.
    var hexadecimalDigit: UInt8? {
        let folded = foldedASCII
        if isASCIIDigit { return self - UInt8(ascii: "0") }
        if UInt8(ascii: "a") <= folded && folded <= UInt8(ascii: "f") {
            return folded - UInt8(ascii: "a") + 10
        }
        return nil
    }
}

extension Span<UInt8> {
    /// The first position in `range` that holds `byte`.
    func firstPosition(of byte: UInt8, in range: Range<Int>) -> Int? {
        // One check of the bounds here spares one for each byte; 100,000 lines feel it.
        let part = extracting(range)
        for offset in part.indices where part[offset] == byte { return range.lowerBound + offset }
        return nil
    }

    /// Whether the bytes in `range` are exactly those of `text`.
    func holds(_ text: String, in range: Range<Int>) -> Bool {
        guard text.utf8.count == range.count else { return false }
        for (position, byte) in zip(range, text.utf8) where self[position] != byte { return false }
        return true
    }
}
