public import Linux
import Policy

/// What the resolver is started with. Every descriptor is inherited: it can open nothing itself.
public struct ResolverConfiguration: Equatable, Sendable {
    /// UDP sockets, bound to where questions arrive.
    public var datagramSockets: [CInt]
    /// TCP sockets that listen.
    public var streamSockets: [CInt]
    /// A channel with PID 1 at its other end. When PID 1 closes it, the resolver ends.
    public var grants: PipeChannel
    /// A memory file of `ResolverStatistics.byteCount` octets; what it counts goes on.
    public var statistics: CInt?
    /// A netlink socket that receives refused packets.
    public var packetLog: CInt?
    /// A sealed memory file with the allowlist's text.
    public var policy: CInt
    /// Where allowed questions are put, in order of preference.
    public var upstreams: [Endpoint]
    /// Whether IPv6 addresses are of any use here: false answers every AAAA question with nothing.
    public var relaysAAAA: Bool
    /// Whether denied names are resolved and recorded, instead of denied.
    public var audits: Bool
    /// New names a minute that each wildcard rule lets through.
    public var newNamesPerMinute: Int
    /// The licence server's name; empty where there is none.
    public var leasedName = ""

    public init(
        datagramSockets: [CInt], streamSockets: [CInt], grants: PipeChannel,
        statistics: CInt? = nil, packetLog: CInt? = nil, policy: CInt, upstreams: [Endpoint],
        relaysAAAA: Bool = false,
        audits: Bool = false, newNamesPerMinute: Int = 60
    ) {
        self.datagramSockets = datagramSockets
        self.streamSockets = streamSockets
        self.grants = grants
        self.statistics = statistics
        self.packetLog = packetLog
        self.policy = policy
        self.upstreams = upstreams
        self.relaysAAAA = relaysAAAA
        self.audits = audits
        self.newNamesPerMinute = newNamesPerMinute
    }
}
