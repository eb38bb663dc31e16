/// A host name in its canonical form: lower-case ASCII labels, no trailing dot.
///
/// A label is one to 63 letters, digits, hyphens and underscores, with no hyphen at either end
/// (RFC 1123 §2.1). The underscore is not part of a host name by that standard, but names of real
/// services carry it (RFC 8552), so it is allowed. A name has at least one label and takes at most
/// 255 octets on the wire, the root label included (RFC 1035 §2.3.4).
///
/// Names are ordered as RFC 4034 §6.1 orders them: by label, from the right.
public struct DomainName: Hashable, Sendable, CustomStringConvertible {
    /// Longest name on the wire, in octets, root label included (RFC 1035 §2.3.4).
    public static let longestWireName = 255
    /// Longest label, in octets, its length octet not counted (RFC 1035 §2.3.4).
    public static let longestLabel = 63

    /// The name as a message carries it: labels preceded by their length, then the root label's
    /// zero (RFC 1035 §3.1). Always lower case.
    public let wireBytes: [UInt8]

    /// A wire name known to be canonical.
    init(canonicalWireBytes: [UInt8]) {
        wireBytes = canonicalWireBytes
    }

    /// Reads a name as a person writes it.
    ///
    /// Letters are folded to lower case, one trailing dot is dropped, and a label with letters
    /// beyond ASCII (a U-label) becomes its A-label, `xn--…` (RFC 5891, Punycode of RFC 3492).
    /// A name whose last label is a number is refused: programs take it for an IPv4 address.
    ///
    /// - Throws: `DomainNameError` that points at the offending character.
    public init(parsing text: some StringProtocol) throws(DomainNameError) {
        let bytes = Array(text.utf8)
        do throws(Fault) {
            var wire: [UInt8] = []
            try NameGrammar.appendWireName(of: bytes.span, in: 0..<bytes.count, to: &wire)
            wireBytes = wire
        } catch {
            throw error.located(in: bytes.span, lineStart: 0)
        }
    }

    /// Takes a name from a message: labels preceded by their length, up to and including the root
    /// label, without compression.
    ///
    /// `nil` when the labels do not add up, when a label holds anything but what `DomainName`
    /// allows, and for the root itself.
    public init?(wireName: Span<UInt8>) {
        var labels = WireLabels()
        guard labels.read(wireName) else { return nil }
        var folded: [UInt8] = []
        folded.reserveCapacity(wireName.count)
        for position in wireName.indices {
            folded.append(wireName[position].foldedASCII)
        }
        wireBytes = folded
    }

    /// The name as text: labels joined by dots, no trailing dot.
    public var description: String {
        var text = Array(wireBytes.dropFirst().dropLast())
        // Where a label's length stood there is a dot now, but for the first one's.
        var dot = Int(wireBytes[0])
        while dot < text.count {
            let length = Int(text[dot])
            text[dot] = ASCII.dot
            dot += 1 + length
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The labels from left to right, root left out.
    var labels: [ArraySlice<UInt8>] {
        var labels: [ArraySlice<UInt8>] = []
        var start = 0
        while start < wireBytes.count, wireBytes[start] > 0 {
            let end = start + 1 + Int(wireBytes[start])
            labels.append(wireBytes[start + 1..<end])
            start = end
        }
        return labels
    }
}

extension DomainName: Comparable {
    /// The order of RFC 4034 §6.1.
    public static func < (left: DomainName, right: DomainName) -> Bool {
        left.labels.reversed().lexicographicallyPrecedes(right.labels.reversed()) {
            $0.lexicographicallyPrecedes($1)
        }
    }
}
