/// What an address is for, by the IANA special-purpose address registries.
///
/// - SeeAlso: RFC 6890, and the registries `iana-ipv4-special-registry` and
///   `iana-ipv6-special-registry` as of 2025.
public enum AddressClass: Hashable, Sendable, CaseIterable {
    /// Unicast that the Internet routes.
    case global
    /// "This host", and the rest of 0.0.0.0/8 (RFC 791 §3.2, RFC 4291 §2.5.2).
    case unspecified
    case loopback
    /// RFC 1918.
    case privateUse
    case linkLocal
    /// A cloud's instance metadata service: credentials for whoever asks.
    case metadata
    case multicast
    /// 255.255.255.255 (RFC 8190).
    case broadcast
    /// Shared address space behind a carrier's NAT (RFC 6598).
    case carrierGradeNAT
    case benchmarking
    case documentation
    /// Unassigned, or set aside for protocols.
    case reserved
    /// An IPv4 address within ::ffff:0:0/96 (RFC 4291 §2.5.5.2) or ::/96 (§2.5.5.1).
    case v4Mapped
    /// Translated to IPv4 on the way (RFC 6052, RFC 8215).
    case nat64
    /// Tunnelled to the IPv4 address inside (RFC 3056).
    case sixToFour
    /// Tunnelled over UDP to the IPv4 address inside (RFC 4380).
    case teredo
    /// RFC 4193.
    case uniqueLocal
    /// Packets to it are thrown away (RFC 6666).
    case discardOnly

    /// Whether its addresses are IPv6 that ends at an IPv4 address written inside.
    public var carriesIPv4: Bool {
        switch self {
        case .v4Mapped, .nat64, .sixToFour, .teredo: true
        default: false
        }
    }
}

extension AddressClass: CustomStringConvertible {
    /// As a person reads it: `private use`, `instance metadata`.
    public var description: String {
        switch self {
        case .global: "global"
        case .unspecified: "unspecified"
        case .loopback: "loopback"
        case .privateUse: "private use"
        case .linkLocal: "link-local"
        case .metadata: "instance metadata"
        case .multicast: "multicast"
        case .broadcast: "broadcast"
        case .carrierGradeNAT: "carrier-grade NAT"
        case .benchmarking: "benchmarking"
        case .documentation: "documentation"
        case .reserved: "reserved"
        case .v4Mapped: "IPv4-mapped"
        case .nat64: "NAT64"
        case .sixToFour: "6to4"
        case .teredo: "Teredo"
        case .uniqueLocal: "unique local"
        case .discardOnly: "discard-only"
        }
    }
}

extension Address {
    /// What this address is for.
    public var classification: AddressClass {
        guard AddressRange.specialOctets[firstOctet] else { return .global }
        return AddressRange.specialPurpose.first { $0.range.contains(self) }?.purpose ?? .global
    }

    /// Whether the Internet routes it, so that a DNS answer may carry it without the policy naming
    /// it. False exactly for what `AddressRange.nonPublic` holds.
    public var isPubliclyRoutable: Bool { classification == .global }

    /// Whether it may be a neighbour's, on a network that the operator has: RFC 1918, 4193, 6598.
    public var isOnOwnNetwork: Bool {
        switch classification {
        case .privateUse, .uniqueLocal, .carrierGradeNAT: true
        default: false
        }
    }
}
