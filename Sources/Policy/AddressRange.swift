/// The addresses that share a prefix, as CIDR notation writes them (RFC 4632 §3.1, RFC 4291 §2.3).
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    /// The first address; no bit beyond the prefix is set.
    public let base: Address
    /// 0 to 32 for IPv4, 0 to 128 for IPv6.
    public let prefixLength: Int

    /// The range that holds this one address.
    public init(_ address: Address) {
        base = address
        prefixLength = address.width
    }

    /// `nil` when the prefix is longer than the address, or `base` has a bit set beyond it.
    public init?(base: Address, prefixLength: Int) {
        guard 0...base.width ~= prefixLength else { return nil }
        self.init(around: base, prefixLength: prefixLength)
        guard self.base == base else { return nil }
    }

    /// The range of this prefix length, at most the address's width, that holds `address`.
    init(around address: Address, prefixLength: Int) {
        let hostBits = Self.hostBits(width: address.width, prefixLength: prefixLength)
        base = Address(bits: address.bits & ~hostBits, width: address.width)
        self.prefixLength = prefixLength
    }

    /// Reads `203.0.113.0/24`, `2001:db8::/32`, or an address that stands for itself.
    ///
    /// - Throws: `SyntaxError`; where bits beyond the prefix are set, its reason holds the
    ///   corrected range.
    public init(parsing text: some StringProtocol) throws(SyntaxError) {
        let bytes = Array(text.utf8)
        do throws(Fault) {
            self = try AddressGrammar.range(in: bytes.span, 0..<bytes.count)
        } catch {
            throw error.located(in: bytes.span, lineStart: 0)
        }
    }

    /// The lowest address, the same as `base`.
    public var first: Address { base }

    /// The highest address: all bits beyond the prefix are set.
    public var last: Address {
        let hostBits = Self.hostBits(width: base.width, prefixLength: prefixLength)
        return Address(bits: base.bits | hostBits, width: base.width)
    }

    /// Whether the prefix is the whole address.
    public var isSingleAddress: Bool { prefixLength == base.width }

    /// False for every address of the other family.
    public func contains(_ address: Address) -> Bool {
        // What is left of the difference in front of the bits beyond the prefix.
        switch (base, address) {
        case (.v4(let own), .v4(let other)):
            return (own ^ other) >> UInt32(32 - prefixLength) == 0
        case (.v6(let ownHigh, let ownLow), .v6(let otherHigh, let otherLow)):
            let high = (ownHigh ^ otherHigh) >> UInt64(max(0, 64 - prefixLength))
            let low = (ownLow ^ otherLow) >> UInt64(min(64, 128 - prefixLength))
            return high == 0 && low == 0
        default: return false
        }
    }

    /// Whether every address of `range` is in this range.
    public func contains(_ range: AddressRange) -> Bool {
        contains(range.first) && contains(range.last)
    }

    /// Whether an address is in both; then one of the two holds all of the other.
    public func overlaps(_ range: AddressRange) -> Bool {
        contains(range) || range.contains(self)
    }

    /// `10.0.0.0/8`; a single address without its prefix length.
    public var description: String {
        isSingleAddress ? base.description : "\(base)/\(prefixLength)"
    }

    private static func hostBits(width: Int, prefixLength: Int) -> UInt128 {
        // Shifting by the full width gives zero, so a prefix of 0 needs no case of its own.
        (UInt128(1) << UInt128(width - prefixLength)) &- 1
    }
}
