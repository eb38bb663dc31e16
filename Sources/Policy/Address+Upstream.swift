extension Address {
    /// Where Docker's own resolver answers.
    private static let docker = Address.v4(0x7F00_000B)

    /// Whether a DNS server can be there: of this machine's own addresses only Docker's resolver.
    public var canBeAsked: Bool {
        switch classification {
        case .loopback: self == Self.docker
        case .unspecified, .multicast, .v4Mapped: false
        default: true
        }
    }
}
