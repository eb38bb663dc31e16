import Confinement
import Control
import Linux
import Resolver

/// What the resolver is started with: everything it will ever have.
///
/// The descriptors belong to PID 1, which keeps them while the resolver restarts, so that queries
/// wait in the sockets and counters go on.
public struct ResolverSpecification: Equatable, Sendable {
    /// The program, as its path in the image.
    public var executable: String
    public var user: UInt32
    public var group: UInt32
    /// UDP sockets, bound.
    public var datagramSockets: [CInt]
    /// TCP sockets, listening.
    public var streamSockets: [CInt]
    /// A sealed file with the canonical allowlist, see `LivePolicy.text`.
    public var policy: CInt
    /// A shared file of counters.
    public var statistics: CInt
    /// The log of refused packets; nil where the kernel has none.
    public var packetLog: CInt?
    /// `address:port` of each DNS server, in order of preference.
    public var upstreams: [String]
    /// Whether AAAA is answered.
    public var relaysAAAA: Bool
    /// Whether denied names are only recorded.
    public var audits: Bool
    /// The licence server's name; empty where there is none.
    public var leasedName = ""
    /// What confines it: PID 1's own program. No record has it, as the next program has its own.
    public var launcher = System.ownExecutable

    public init(
        executable: String, user: UInt32, group: UInt32, datagramSockets: [CInt],
        streamSockets: [CInt], policy: CInt, statistics: CInt, packetLog: CInt?,
        upstreams: [String], relaysAAAA: Bool, audits: Bool = false
    ) {
        self.executable = executable
        (self.user, self.group) = (user, group)
        (self.datagramSockets, self.streamSockets) = (datagramSockets, streamSockets)
        (self.policy, self.statistics, self.packetLog) = (policy, statistics, packetLog)
        (self.upstreams, self.relaysAAAA, self.audits) = (upstreams, relaysAAAA, audits)
    }

    /// The start of the resolver with its end of a fresh grant channel.
    ///
    /// Descriptors are numbered from 3 in the child, in the order of the words that name them.
    func spawnRequest(grants: PipeChannel) -> SpawnRequest {
        var descriptors: [(source: CInt, target: CInt)] = []
        func inherit(_ source: CInt) -> CInt {
            let target = CInt(3 + descriptors.count)
            descriptors.append((source, target))
            return target
        }
        var configuration = ResolverConfiguration(
            datagramSockets: datagramSockets.map(inherit),
            streamSockets: streamSockets.map(inherit),
            grants: PipeChannel(
                incoming: inherit(grants.incoming), outgoing: inherit(grants.outgoing)),
            statistics: inherit(statistics),
            packetLog: packetLog.map(inherit), policy: inherit(policy),
            upstreams: upstreams.compactMap { Endpoint($0) }, relaysAAAA: relaysAAAA,
            audits: audits)
        configuration.leasedName = leasedName
        var cage = Cage(
            identity: .init(user: user, group: group), filter: .service,
            limits: [.init(.openFiles, 4096)],
            keptDescriptors: UInt32(3 + descriptors.count), newSession: true, directory: "/")
        // It is given none.
        cage.environment = .callers
        return SpawnRequest(
            launcher,
            ["codetainer", "confine"] + cage.options
                + [executable, "resolver"] + configuration.arguments,
            environment: [], descriptors: descriptors)
    }
}

extension ResolverSpecification: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(executable)
        writer.write(user)
        writer.write(group)
        writer.write(datagramSockets) { $0.write($1) }
        writer.write(streamSockets) { $0.write($1) }
        writer.write(policy)
        writer.write(statistics)
        writer.write(packetLog) { $0.write($1) }
        writer.write(upstreams)
        writer.write(relaysAAAA)
        writer.write(audits)
        writer.write(leasedName)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(
            executable: try reader.text(), user: try reader.integer(), group: try reader.integer(),
            datagramSockets: try reader.list { reader throws(RecordError) in try reader.integer() },
            streamSockets: try reader.list { reader throws(RecordError) in try reader.integer() },
            policy: try reader.integer(), statistics: try reader.integer(),
            packetLog: try reader.optional { reader throws(RecordError) in try reader.integer() },
            upstreams: try reader.texts(), relaysAAAA: try reader.bool(), audits: try reader.bool())
        leasedName = try reader.text()
    }

    /// Every descriptor that must outlive an exec of PID 1.
    var descriptors: [CInt] {
        datagramSockets + streamSockets + [policy, statistics] + (packetLog.map { [$0] } ?? [])
    }
}
