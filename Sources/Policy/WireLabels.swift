/// Where the labels of a name on the wire begin: the proof that the name is well-formed.
///
///     +---+---+---+---+---+---+---+---+---+
///     | 3 | w   w   w | 2 | d   e | 0 |
///     +---+---+---+---+---+---+---+---+---+
///       ^ starts[0] = 0   ^ starts[1] = 4
struct WireLabels {
    /// Most labels that 255 octets can hold, root left out.
    static let mostLabels = 127

    /// Offset of each label's length octet; 255 octets, so an offset fits in one.
    private var starts = InlineArray<127, UInt8>(repeating: 0)
    private(set) var count = 0

    /// Reads the labels of an uncompressed name of any case; `nil` for the root, for lengths that
    /// do not add up to exactly `name`, and for labels that no host name has.
    init?(of name: Span<UInt8>) {
        guard name.count <= DomainName.longestWireName else { return nil }
        var start = 0
        // Each turn moves `start` forward, and `name` ends.
        while start < name.count {
            let length = Int(name[start])
            if length == 0 {
                guard count > 0, start == name.count - 1 else { return nil }
                return
            }
            let end = start + 1 + length
            guard length <= DomainName.longestLabel, end < name.count,
                Self.isLabel(name, start + 1..<end)
            else { return nil }
            starts[count] = UInt8(start)
            count += 1
            start = end
        }
        return nil
    }

    /// Offset of a label's length octet.
    subscript(label: Int) -> Int { Int(starts[label]) }

    private static func isLabel(_ name: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for position in range {
            let byte = name[position]
            let isEdge = position == range.lowerBound || position == range.upperBound - 1
            guard NameGrammar.isLabelByte(byte), !(isEdge && byte == ASCII.hyphen) else {
                return false
            }
        }
        return true
    }
}
