extension Address: CustomStringConvertible {
    /// Reads an address: four decimal numbers without leading zeros, or the forms of RFC 4291 §2.2,
    /// an IPv4 address in the last four octets included. No zone, no brackets, no prefix length.
    ///
    /// - Throws: `SyntaxError` that points at the offending character.
    public init(parsing text: some StringProtocol) throws(SyntaxError) {
        let bytes = Array(text.utf8)
        do throws(Fault) {
            self = try AddressGrammar.address(in: bytes.span, 0..<bytes.count)
        } catch {
            throw error.located(in: bytes.span, lineStart: 0)
        }
    }

    /// The dotted quad, or the one form that RFC 5952 recommends.
    public var description: String {
        switch self {
        case .v4(let bits): Self.dottedQuad(bits)
        // RFC 5952 §5: where a well-known prefix tells of an IPv4 address inside, show it.
        case .v6(0, let low) where low >> 32 == 0xFFFF:
            "::ffff:" + Self.dottedQuad(UInt32(truncatingIfNeeded: low))
        case .v6(let high, let low): Self.groups(high, low)
        }
    }

    private static func dottedQuad(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }

    /// Lower-case groups without leading zeros; the first of the longest runs of two or more zero
    /// groups is left out (RFC 5952 §4).
    private static func groups(_ high: UInt64, _ low: UInt64) -> String {
        let groups = [high, low].flatMap { half in
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) }
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        var longest = 0..<0
        var run = 0..<0
        for (position, group) in groups.enumerated() {
            run = group == 0 ? run.lowerBound..<position + 1 : position + 1..<position + 1
            if run.count > longest.count { longest = run }
        }
        guard longest.count > 1 else { return text(0..<8) }
        return text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
    }
}
