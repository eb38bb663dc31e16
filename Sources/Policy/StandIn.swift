// Stands in for the policy branch until it is merged.
public enum Address: Hashable, Sendable, Comparable, CustomStringConvertible {
    case v4(UInt32)
    case v6(UInt64, UInt64)
    public var isIPv4: Bool { if case .v4 = self { true } else { false } }
    public var bytes: [UInt8] {
        switch self {
        case .v4(let bits): (0..<4).map { UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0)) }
        case .v6(let high, let low):
            [high, low].flatMap { half in
                (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) }
            }
        }
    }
    public init?(bytes: [UInt8]) {
        let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self = .v4(UInt32(number))
        case 16:
            self = .v6(
                UInt64(truncatingIfNeeded: number >> 64), UInt64(truncatingIfNeeded: number))
        default: return nil
        }
    }
    public static func < (left: Address, right: Address) -> Bool {
        (left.bytes.count, left.number) < (right.bytes.count, right.number)
    }
    var number: UInt128 { bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
    public var description: String {
        switch self {
        case .v4: bytes.map(String.init).joined(separator: ".")
        case .v6:
            stride(from: 0, to: 16, by: 2).map {
                String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
            }.joined(separator: ":")
        }
    }
}

public struct AddressRange: Hashable, Sendable {
    public let base: Address
    public let prefixLength: Int
    public init?(base: Address, prefixLength: Int) {
        self.base = base
        self.prefixLength = prefixLength
    }
    public init(_ address: Address) {
        base = address
        prefixLength = address.bytes.count * 8
    }
    public var first: Address { base }
    public var last: Address {
        let width = base.bytes.count * 8
        let number = base.number | ((UInt128(1) << UInt128(width - prefixLength)) &- 1)
        return width == 32
            ? .v4(UInt32(number))
            : .v6(UInt64(truncatingIfNeeded: number >> 64), UInt64(truncatingIfNeeded: number))
    }
    public static let nonPublic: [AddressRange] = [
        AddressRange(base: .v4(0x0000_0000), prefixLength: 8)!,
        AddressRange(base: .v4(0x0A00_0000), prefixLength: 8)!,
        AddressRange(base: .v4(0x7F00_0000), prefixLength: 8)!,
        AddressRange(base: .v4(0xA9FE_0000), prefixLength: 16)!,
        AddressRange(base: .v4(0xAC10_0000), prefixLength: 12)!,
        AddressRange(base: .v4(0xC0A8_0000), prefixLength: 16)!,
        AddressRange(base: .v4(0xE000_0000), prefixLength: 4)!,
        AddressRange(base: .v4(0xF000_0000), prefixLength: 4)!,
        AddressRange(base: .v6(0, 0), prefixLength: 3)!,
        AddressRange(base: .v6(0x2001_0DB8_0000_0000, 0), prefixLength: 32)!,
        AddressRange(base: .v6(0x4000_0000_0000_0000, 0), prefixLength: 2)!,
        AddressRange(base: .v6(0x8000_0000_0000_0000, 0), prefixLength: 1)!,
    ]
}

public enum Transport: UInt8, Hashable, Sendable {
    case tcp = 6
    case udp = 17
}

public struct PortRange: Hashable, Sendable {
    public let first: UInt16
    public let last: UInt16
    public init?(first: UInt16, last: UInt16) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }
    public init(_ port: UInt16) {
        first = port
        last = port
    }
}
