public import Policy

/// What decides the ruleset: everything that a boot or a reload knows about the network.
public struct EgressPlan: Equatable, Sendable {
    /// The one uid that may speak to `upstreams`.
    public var resolver: UInt32
    /// Where the resolver forwards, port 53, UDP and TCP.
    public var upstreams: [Address]
    public var published: [PublishedPort]
    /// What the operator's policy opens by address, and the only way to open a private one.
    public var statics: [DestinationRange]
    public var mode: Mode
    /// Where refused packets are copied to.
    public var logGroup: UInt16
    /// Most grants of one family at a time.
    public var grantLimit: UInt32
    /// The TCP port of the metrics server: open from outside, and from inside to root alone.
    public var metricsPort: UInt16?
    /// The service that asks a licence server; nil where there is none.
    public var lease: Lease?

    /// Who may speak to a licence server, and where that is.
    public struct Lease: Equatable, Sendable {
        /// The one uid that may.
        public var user: UInt32
        /// The server, where it is an address; the addresses of a name come as grants.
        public var server: Destination?

        public init(user: UInt32, server: Destination?) {
            (self.user, self.server) = (user, server)
        }
    }

    public enum Mode: Sendable {
        case enforce
        /// Everything passes, and what would have been refused is recorded.
        case audit
    }

    public init(
        resolver: UInt32, upstreams: [Address], published: [PublishedPort] = [],
        statics: [DestinationRange] = [], mode: Mode = .enforce, logGroup: UInt16 = 53,
        grantLimit: UInt32 = 65_536
    ) {
        self.resolver = resolver
        self.upstreams = upstreams
        self.published = published
        self.statics = statics
        self.mode = mode
        self.logGroup = logGroup
        self.grantLimit = grantLimit
    }

    /// Docker's resolver on a user-defined network. Its DNAT, in the runtime's own table, leads to
    /// a port of dockerd's choice at the same address.
    public static let dockerResolver = Address.v4(0x7F00_000B)
    /// Where the responder listens, port 53, and where every query is sent: 127.0.0.53 and ::1.
    public static let responders = [Address.v4(0x7F00_0035), Address.v6(0, 1)]

    /// Whether dockerd asks the outside on the container's behalf. It does so from sockets that it
    /// opens, as uid 0, *inside* the container's network namespace.
    var asksDocker: Bool { upstreams.contains(Self.dockerResolver) }
}

/// Ports that accept connections from outside.
public struct PublishedPort: Hashable, Sendable {
    public var transport: Transport
    public var ports: PortRange

    public init(_ transport: Transport, _ ports: PortRange) {
        self.transport = transport
        self.ports = ports
    }
}
