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

    /// Reads the labels of an uncompressed name of any case; false for the root, for lengths that
    /// do not add up to exactly `name`, and for labels that no host name has.
    ///
    /// To be called once. Not an initialiser, since a failable one copies all of `starts`.
    mutating func read(_ name: Span<UInt8>) -> Bool {
        guard name.count <= DomainName.longestWireName else { return false }
        var start = 0
        // Each turn moves `start` forward, and `name` ends.
        while start < name.count {
            let length = Int(name[start])
            if length == 0 { return count > 0 && start == name.count - 1 }
            let end = start + 1 + length
            guard length <= DomainName.longestLabel, end < name.count,
                Self.isLabel(name, start + 1..<end)
            else { return false }
            starts[count] = UInt8(start)
            count += 1
            start = end
        }
        return false
    }

    /// Offset of a label's length octet.
    subscript(label: Int) -> Int { Int(starts[label]) }

    /// `range` is not empty.
    private static func isLabel(_ name: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for position in range where !NameGrammar.isLabelByte(name[position]) { return false }
        return name[range.lowerBound] != ASCII.hyphen && name[range.upperBound - 1] != ASCII.hyphen
    }
}
