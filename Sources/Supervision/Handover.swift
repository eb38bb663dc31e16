import Control
import Linux

/// The state of PID 1, as it passes from one program image to the next.
///
/// Boot ends by executing `codetainer supervise` with this in a sealed memory file and with the
/// descriptors it names left open; children notice nothing. Resuming from it is the normal path,
/// not an exception.
public struct Handover: Sendable {
    /// Raised whenever the form changes; a program takes its own format only.
    static let format: UInt32 = 8

    /// A credential whose secret is in a sealed memory file of its own, which only PID 1 holds. It
    /// is read straight into locked memory and closed, so no buffer of the record ever has it.
    public struct CredentialState: Equatable, Sendable {
        public var host: String
        public var username: String
        public var served: UInt64
        public var file: CInt

        public init(host: String, username: String, served: UInt64, file: CInt) {
            (self.host, self.username) = (host, username)
            (self.served, self.file) = (served, file)
        }
    }

    public var facts: SupervisorFacts
    public var resolver: ResolverSpecification
    public var resolverLifecycle: UInt32
    /// PID 1's end of the grant channel to the running resolver; nil while there is none.
    public var grants: PipeChannel?
    public var controlListener: CInt
    /// The connection of the agent's runner, while there is one.
    public var runnerConnection: CInt?
    public var endsWithAgent: Bool
    public var terms = CommandTerms()
    public var log: LogSettings
    /// Lines that nobody has read yet, nor been told of.
    public var lostLines: UInt64
    public var credentials: [CredentialState]
    public var policy: LivePolicy
    /// The allowlist files, and rules beside them, that a reload reads.
    public var sources: PolicySources
    /// How long ending may take.
    public var grace = Shutdown.Grace()
    var services: [ServiceState] = []
    /// PID 1's end of the channel to the metrics server; nil where there is none.
    var metricsChannel: CInt?
    /// PID 1's end of the channel to the lease service; nil where there is none.
    var leaseChannel: CInt?

    /// What a trap or an upgrade may have interrupted.
    public var work = WorkInHand()

    /// What was under way, and is taken up again by whoever goes on from the state.
    public struct WorkInHand: Equatable, Sendable {
        /// The container's end, as far as it has come.
        public var ending: Shutdown?
        /// The process that syncs file systems at the end.
        public var synchroniser: CInt?
        /// Whether a signal has asked for the allowlist to be read again.
        public var isReloading = false
        /// A descriptor of the agent's runner, as a process (pidfd_open(2)).
        public var runnerHandle: CInt?
        /// Who asked for an upgrade and waits for its end.
        public var upgradeConnection: CInt?
        /// Traps in a minute that end the container.
        public var trapLimit: UInt32 = 3

        public init() {}

        var descriptors: [CInt] { [runnerHandle, upgradeConnection].compactMap { $0 } }
    }

    /// Every descriptor that must stay open across the exec.
    public var descriptors: [CInt] {
        resolver.descriptors
            + (grants?.descriptors ?? [])
            + [controlListener, runnerConnection, metricsChannel, leaseChannel].compactMap { $0 }
            + credentials.map(\.file) + services.flatMap(\.descriptors) + work.descriptors
    }
}

extension Handover: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(Self.format)
        facts.write(to: &writer)
        resolver.write(to: &writer)
        writer.write(resolverLifecycle)
        writer.write(grants) { writer, channel in
            writer.write(channel.incoming)
            writer.write(channel.outgoing)
        }
        writer.write(controlListener)
        writer.write(runnerConnection) { $0.write($1) }
        writer.write(endsWithAgent)
        terms.write(to: &writer)
        log.write(to: &writer)
        writer.write(lostLines)
        writer.write(credentials) { writer, credential in
            writer.write(credential.host)
            writer.write(credential.username)
            writer.write(credential.served)
            writer.write(credential.file)
        }
        policy.write(to: &writer)
        sources.write(to: &writer)
        grace.write(to: &writer)
        writer.write(services)
        writer.write(work.ending) { $1.write(to: &$0) }
        writer.write(work.synchroniser) { $0.write($1) }
        writer.write(work.isReloading)
        writer.write(work.runnerHandle) { $0.write($1) }
        writer.write(work.upgradeConnection) { $0.write($1) }
        writer.write(work.trapLimit)
        writer.write(metricsChannel) { $0.write($1) }
        writer.write(leaseChannel) { $0.write($1) }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        let format = try reader.integer(UInt32.self)
        guard format == Self.format else { throw .otherFormat(format) }
        facts = try SupervisorFacts(from: &reader)
        resolver = try ResolverSpecification(from: &reader)
        resolverLifecycle = try reader.integer()
        grants = try reader.optional { reader throws(RecordError) in
            PipeChannel(incoming: try reader.integer(), outgoing: try reader.integer())
        }
        controlListener = try reader.integer()
        runnerConnection = try reader.optional { reader throws(RecordError) in
            try reader.integer()
        }
        endsWithAgent = try reader.bool()
        terms = try CommandTerms(from: &reader)
        log = try LogSettings(from: &reader)
        lostLines = try reader.integer()
        credentials = try reader.list { reader throws(RecordError) in
            CredentialState(
                host: try reader.text(), username: try reader.text(), served: try reader.integer(),
                file: try reader.integer())
        }
        policy = try LivePolicy(from: &reader)
        sources = try PolicySources(from: &reader)
        grace = try Shutdown.Grace(from: &reader)
        services = try reader.records()
        work.ending = try reader.optional { reader throws(RecordError) in
            try Shutdown(from: &reader)
        }
        work.synchroniser = try reader.optional { reader throws(RecordError) in
            try reader.integer()
        }
        work.isReloading = try reader.bool()
        work.runnerHandle = try reader.optional { reader throws(RecordError) in
            try reader.integer()
        }
        work.upgradeConnection = try reader.optional { reader throws(RecordError) in
            try reader.integer()
        }
        work.trapLimit = try reader.integer()
        metricsChannel = try reader.optional { reader throws(RecordError) in try reader.integer() }
        leaseChannel = try reader.optional { reader throws(RecordError) in try reader.integer() }
        try reader.end()
    }
}
