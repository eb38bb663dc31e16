public import Policy

/// A set that rules look packets up in.
public struct NamedSet: Equatable, Sendable {
    public var name: String
    public var family: Family
    public var content: Content

    public init(_ name: String, _ family: Family, _ content: Content) {
        self.name = name
        self.family = family
        self.content = content
    }

    public enum Content: Equatable, Sendable {
        /// Disjoint ranges of addresses in ascending order.
        case addresses([ClosedRange<Address>])
        /// Disjoint boxes of `address . protocol . port`.
        case endpoints([EndpointRange])
        /// `address . protocol . port`, each with a timeout; empty until names are resolved.
        case grants(limit: UInt32)
    }
}

/// An address, a transport and a port: what a grant opens.
public struct Endpoint: Hashable, Sendable {
    public var address: Address
    public var transport: Transport
    public var port: UInt16

    public init(_ address: Address, _ transport: Transport, _ port: UInt16) {
        self.address = address
        self.transport = transport
        self.port = port
    }
}

extension Endpoint: CustomStringConvertible {
    /// `192.0.2.1:443/tcp`, `[2001:db8::1]:443/udp`.
    public var description: String {
        address.isIPv4 ? "\(address):\(port)/\(transport)" : "[\(address)]:\(port)/\(transport)"
    }
}

/// Addresses, a transport and ports: what the operator's policy opens without a name.
public struct EndpointRange: Hashable, Sendable {
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
}

extension Address {
    var family: Family { isIPv4 ? .v4 : .v6 }
}
