/// What a rule opens at its addresses: ports of one transport.
public struct Service: Hashable, Sendable, CustomStringConvertible {
    /// The transport of all `ports`.
    public let transport: Transport
    /// Ascending; no two overlap or touch.
    public let ports: [PortRange]

    /// What a rule opens that names no port: TCP 443.
    public static let https = Service(transport: .tcp, ports: [.https])

    /// Takes ports in any order; overlapping and adjacent ranges are merged.
    public init(transport: Transport, ports: [PortRange]) {
        self.transport = transport
        self.ports = PortRange.merging(ports)
    }

    /// Number of ports.
    public var portCount: Int { ports.reduce(0) { $0 + $1.count } }

    /// Whether a port is one of these.
    public func contains(_ port: UInt16) -> Bool { ports.contains { $0.contains(port) } }

    /// Whether all ports of another are among these.
    public func covers(_ other: Service) -> Bool {
        transport == other.transport
            && other.ports.allSatisfy { range in
                ports.contains { $0.first <= range.first && range.last <= $0.last }
            }
    }

    /// What follows the colon of a rule: `80,443`, `8000-8100`, `443/udp`.
    public var description: String {
        let list = ports.map(\.description).joined(separator: ",")
        return transport == .tcp ? list : "\(list)/\(transport)"
    }
}
