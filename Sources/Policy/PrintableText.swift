/// Text of unknown origin, made fit for one line of a terminal or a log.
enum PrintableText {
    /// Longest excerpt, in scalars; what is beyond it becomes an ellipsis.
    static let longestExcerpt = 80

    /// The bytes in `range` as text: repaired, shortened, and with everything escaped that could
    /// move a cursor, turn the writing direction, or end the quotation.
    static func excerpt(of bytes: Span<UInt8>, in range: Range<Int>) -> String {
        // A scalar takes at most four bytes, so no more are worth decoding.
        let end = min(range.upperBound, range.lowerBound + 4 * (longestExcerpt + 1))
        var head: [UInt8] = []
        for position in range.lowerBound..<max(range.lowerBound, end) {
            head.append(bytes[position])
        }
        var excerpt = ""
        for (count, scalar) in String(decoding: head, as: UTF8.self).unicodeScalars.enumerated() {
            if count == longestExcerpt { return excerpt + "…" }
            excerpt += escape(scalar)
        }
        return excerpt
    }

    /// One scalar as it is printed.
    static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\t": return "\\t"
        case "\r": return "\\r"
        case "\n": return "\\n"
        case "\"", "\\": return "\\\(scalar)"
        case " ": return " "
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            return "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default:
            return String(scalar)
        }
    }
}
