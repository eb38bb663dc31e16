/// An IP address, as numbers in host order.
///
/// Every IPv4 address is ordered before every IPv6 address. An IPv6 address with an IPv4 address
/// inside (`::ffff:192.0.2.1`) stays IPv6: it is never taken for the address inside.
public enum Address: Hashable, Sendable {
    /// The four octets as one number: `192.0.2.1` is `0xC000_0201`.
    case v4(UInt32)
    /// The first and the last eight octets: `2001:db8::1` is `0x2001_0DB8_0000_0000`, `1`.
    case v6(UInt64, UInt64)

    /// The address in network order: 4 octets or 16, as A and AAAA records carry it.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(isIPv4 ? 4 : 16)
        append(to: &bytes)
        return bytes
    }

    /// Puts the address's octets in network order behind what is in `bytes`.
    public func append(to bytes: inout [UInt8]) {
        switch self {
        case .v4(let bits): Self.append(bits, to: &bytes)
        case .v6(let high, let low):
            Self.append(high, to: &bytes)
            Self.append(low, to: &bytes)
        }
    }

    /// Takes 4 or 16 octets in network order; `nil` for any other count.
    public init?(bytes: Span<UInt8>) {
        switch bytes.count {
        case 4: self.init(bits: Self.number(of: bytes), width: 32)
        case 16: self.init(bits: Self.number(of: bytes), width: 128)
        default: return nil
        }
    }

    /// Takes 4 or 16 octets in network order; `nil` for any other count.
    public init?(bytes: [UInt8]) {
        self.init(bytes: bytes.span)
    }

    /// False for every IPv6 address, whatever lies inside.
    public var isIPv4: Bool {
        if case .v4 = self { true } else { false }
    }

    private static func append<Number: FixedWidthInteger>(
        _ number: Number, to bytes: inout [UInt8]
    ) {
        var shift = Number.bitWidth
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private static func number(of bytes: Span<UInt8>) -> UInt128 {
        var number: UInt128 = 0
        for position in bytes.indices { number = number << 8 | UInt128(bytes[position]) }
        return number
    }
}

extension Address {
    /// Its place in `AddressRange.specialOctets`.
    var firstOctet: Int {
        switch self {
        case .v4(let bits): Int(bits >> 24)
        case .v6(let high, _): 256 + Int(high >> 56)
        }
    }

    /// Number of bits: 32 or 128.
    var width: Int { isIPv4 ? 32 : 128 }

    /// The address as one number of `width` bits.
    var bits: UInt128 {
        switch self {
        case .v4(let bits): UInt128(bits)
        case .v6(let high, let low): UInt128(high) << 64 | UInt128(low)
        }
    }

    /// The address of the given width, 32 for IPv4, whose number is `bits`.
    init(bits: UInt128, width: Int) {
        self =
            width == 32
            ? .v4(UInt32(truncatingIfNeeded: bits))
            : .v6(UInt64(truncatingIfNeeded: bits >> 64), UInt64(truncatingIfNeeded: bits))
    }
}

extension Address: Comparable {
    /// IPv4 before IPv6, then by number.
    public static func < (left: Address, right: Address) -> Bool {
        (left.width, left.bits) < (right.width, right.bits)
    }
}
