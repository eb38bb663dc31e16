public import Policy

/// An address, a transport and a port: what a grant opens.
public struct Destination: Hashable, Sendable {
    public var address: Address
    public var transport: Transport
    public var port: UInt16

    public init(_ address: Address, _ transport: Transport, _ port: UInt16) {
        self.address = address
        self.transport = transport
        self.port = port
    }
}

extension Destination: CustomStringConvertible {
    /// `192.0.2.1:443/tcp`, `[2001:db8::1]:443/udp`.
    public var description: String {
        address.isIPv4 ? "\(address):\(port)/\(transport)" : "[\(address)]:\(port)/\(transport)"
    }
}

/// Addresses, a transport and ports: what the operator's policy opens without a name.
public struct DestinationRange: Hashable, Sendable {
    public var addresses: ClosedRange<Address>
    public var transport: Transport
    public var ports: ClosedRange<UInt16>

    public init(
        _ addresses: ClosedRange<Address>, _ transport: Transport, _ ports: ClosedRange<UInt16>
    ) {
        self.addresses = addresses
        self.transport = transport
        self.ports = ports
    }

    public init(_ addresses: AddressRange, _ transport: Transport, _ ports: PortRange) {
        self.init(addresses.first...addresses.last, transport, ports.first...ports.last)
    }

    public func contains(_ destination: Destination) -> Bool {
        transport == destination.transport && ports.contains(destination.port)
            && addresses.contains(destination.address)
    }
}

extension Allowlist {
    /// What the rules about addresses open.
    public var destinationRanges: [DestinationRange] {
        addressRules.flatMap { rule in
            rule.service.ports.map { DestinationRange(rule.range, rule.service.transport, $0) }
        }
    }
}
