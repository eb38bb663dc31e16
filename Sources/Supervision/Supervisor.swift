import Control
import Egress
public import Linux
public import Logging
import Policy
import Secrets
import SystemPackage

/// PID 1's one loop: signals, children, grants, the control socket. It never blocks on any of
/// them, and it parses nothing that came from the network.
///
/// Boot uses it while it waits for children; `codetainer supervise` runs it for good.
public final class Supervisor {
    /// What the profile decides about the container's life.
    public struct Configuration: Sendable {
        /// Whether the container ends when the agent does.
        public var endsWithAgent = false
        public var logsJSON = false

        public init() {}
    }

    /// Who an event of the poll belongs to. Connections are told apart by their descriptors.
    private enum Token {
        static let signals: UInt64 = 1
        static let grants: UInt64 = 2
        static let listener: UInt64 = 3
        static let runner: UInt64 = 4
        static let awaited: UInt64 = 5
        static let connections: UInt64 = 1 << 32
    }

    /// Reports that may be in the making at once; more are asked to come again.
    private static let reportLimit = 4

    public let log: Logger
    public var configuration: Configuration
    public var facts = SupervisorFacts()
    private var broker = CredentialBroker([])

    private let poll: Poll
    private let signals: SignalDescriptor
    private var shutdown = Shutdown()
    private var ended: [CInt: ExitStatus] = [:]
    private var awaited: Set<CInt> = []
    private var reporters: Set<CInt> = []

    private var control: ControlServer?
    private var runnerConnection: CInt?
    private var resolver: ResolverSpecification?
    private var resolverLifecycle = ServiceLifecycle()
    private var grantKeeper: GrantKeeper?

    /// Blocks every signal that PID 1 handles; from here on they are events.
    public init(log: Logger, configuration: Configuration) throws(SystemCallError) {
        self.log = log
        self.configuration = configuration
        signals = try SignalDescriptor(blocking: [
            .child, .terminate, .interrupt, .quit, .hangUp, .user1, .user2, .windowChange,
            .terminalStop,
        ])
        ignore(.pipe)
        poll = try Poll()
        try poll.add(signals.descriptor.raw, for: .readable, token: Token.signals)
    }

    // MARK: What boot adds, stage by stage

    /// Answers requests on `listener` from now on.
    public func serveControl(on listener: consuming OwnedDescriptor) throws(SystemCallError) {
        try poll.add(listener.raw, for: .readable, token: Token.listener)
        control = ControlServer(listener: listener, agent: facts.cage.agentUser)
    }

    /// Grants what the resolver asks for, as far as `allowlist` has it, through `netfilter`.
    public func keepGrants(of allowlist: Allowlist, with netfilter: consuming NetfilterSocket) {
        grantKeeper = GrantKeeper(allowlist: allowlist, netfilter: netfilter)
    }

    /// Offers credentials to the agent from now on.
    public func offer(_ credentials: [Handover.CredentialState]) throws(SystemCallError) {
        var offered: [CredentialBroker.Credential] = []
        for credential in credentials {
            offered.append(
                CredentialBroker.Credential(
                    host: credential.host, username: credential.username,
                    secret: try Secret(credential.secret)))
        }
        broker = CredentialBroker(
            offered, served: facts.credentials.served, refused: facts.credentials.refused)
    }

    /// Starts the resolver and keeps it running.
    public func startResolver(_ specification: ResolverSpecification) throws(SystemCallError) {
        resolver = specification
        facts.resolver.upstreams = specification.upstreams
        facts.resolver.user = specification.user
        try spawnResolver()
    }

    // MARK: Waiting, as boot does

    /// Why a wait of boot ended early.
    public enum Interruption: Error, Equatable {
        /// The container was asked to stop.
        case stopped(Signal)
        case timedOut
    }

    /// The signal that asked the container to stop, once one has come.
    public private(set) var stopRequest: Signal?

    /// Runs the loop until `process`, a child, has ended.
    public func wait(for process: CInt, until deadline: Instant) throws(Interruption) -> ExitStatus
    {
        awaited.insert(process)
        defer { awaited.remove(process) }
        while true {
            if let status = ended.removeValue(forKey: process) { return status }
            try turn(until: deadline)
        }
    }

    /// Runs the loop until `condition` says so; it is asked whenever `descriptor` may be read.
    public func wait(
        until deadline: Instant, readable descriptor: CInt, for condition: () -> Bool
    ) throws {
        try poll.add(descriptor, for: .readable, token: Token.awaited)
        defer { try? poll.remove(descriptor) }
        while !condition() { try turn(until: deadline) }
    }

    private func turn(until deadline: Instant) throws(Interruption) {
        if let stopRequest { throw .stopped(stopRequest) }
        let now = Instant.now
        guard now < deadline else { throw .timedOut }
        handleEvents(atMost: deadline)
        if let stopRequest { throw .stopped(stopRequest) }
    }

    // MARK: The loop

    /// Runs until the container ends.
    public func run() -> Never {
        if let stopRequest {
            perform(shutdown.handle(.requested(stopRequest), agentRuns: agentRuns, at: .now))
        }
        while true { handleEvents(atMost: nil) }
    }

    private func handleEvents(atMost limit: Instant?) {
        let now = Instant.now
        let timeout = [limit, nextDeadline(at: now)].compactMap { $0 }.min().map { $0.since(now) }
        do throws(SystemCallError) {
            for event in try poll.wait(timeout) { handle(event) }
        } catch {
            log.error("\(error)")
        }
        handleDeadlines(at: .now)
    }

    private func handle(_ event: Poll.Event) {
        switch event.token {
        case Token.signals: receiveSignals()
        case Token.grants: receiveGrants()
        case Token.listener: acceptConnections()
        case Token.runner: receiveFromRunner()
        case Token.awaited: break
        default: receiveRequest(on: CInt(truncatingIfNeeded: event.token &- Token.connections))
        }
    }

    private func nextDeadline(at now: Instant) -> Instant? {
        // While everything ends, look every few milliseconds whether anybody is left: processes
        // that docker exec started are not our children and send no SIGCHLD.
        let look = shutdown.isStopping ? now + 5 : nil
        return [resolverLifecycle.due, control?.nextDeadline, shutdown.deadline, look]
            .compactMap { $0 }.min()
    }

    private func handleDeadlines(at now: Instant) {
        if let due = resolverLifecycle.due, due <= now, !shutdown.isStopping { restartResolver() }
        control?.expire(at: now)
        guard shutdown.isStopping else { return }
        if Processes.isAlone {
            perform(shutdown.handle(.alone, agentRuns: agentRuns, at: now))
        }
        if let deadline = shutdown.deadline, deadline <= now {
            perform(shutdown.handle(.deadline, agentRuns: agentRuns, at: now))
        }
    }

    // MARK: Signals and children

    private func receiveSignals() {
        do throws(SystemCallError) {
            while let (signal, _) = try signals.next() { receive(signal) }
        } catch {
            log.error("\(error)")
        }
    }

    private func receive(_ signal: Signal) {
        switch signal {
        case .child: reap()
        case .terminate, .interrupt, .quit:
            stopRequest = stopRequest ?? signal
            log.info("\(signal): stopping")
            perform(shutdown.handle(.requested(signal), agentRuns: agentRuns, at: .now))
        default: signalAgent(signal)
        }
    }

    private func reap() {
        while let (process, status) = Processes.reap() {
            if awaited.contains(process) {
                ended[process] = status
            } else if process == facts.resolver.process {
                resolverEnded(status)
            } else if process == facts.session?.server {
                sessionEnded(status)
            }
            reporters.remove(process)
        }
    }

    private func perform(_ actions: [Shutdown.Action]) {
        for action in actions {
            switch action {
            case .signalAgent(let signal): signalAgent(signal)
            case .signalEveryone(let signal): Processes.signalEveryone(signal)
            case .exit(let code):
                log.info("ended with code \(code)")
                System.exit(code)
            }
        }
    }

    // MARK: The agent's session

    private var agentRuns: Bool { runnerConnection != nil && facts.session?.exitCode == nil }

    private func signalAgent(_ signal: Signal) {
        guard let runner = facts.session?.runner, runner > 0 else { return }
        try? send(signal, to: runner)
    }

    private func sessionEnded(_ status: ExitStatus) {
        facts.session?.server = 0
        if shutdown.isStopping { return }
        log.warning("the session's tmux server \(status): the agent's panes are gone")
        guard configuration.endsWithAgent else { return }
        perform(shutdown.endAfterAgent(code: status.code, at: .now))
    }

    /// The runner's connection ends with the runner.
    private func receiveFromRunner() {
        guard let connection = runnerConnection else { return }
        var octets = [UInt8](repeating: 0, count: ControlRequest.longestLine)
        var count = 0
        do throws(SystemCallError) {
            guard let received = try Descriptors.read(connection, into: &octets) else { return }
            count = received
        } catch {
            log.warning("the agent's runner: \(error)")
        }
        if count > 0 {
            for line in octets.prefix(count).split(separator: 0x0a) {
                switch try? ControlRequest(parsing: line) {
                case .agentStarted?: facts.session?.exitCode = nil
                case .agentEnded(let code)?: agentEnded(code: code)
                default: break
                }
            }
            return
        }
        try? poll.remove(connection)
        Descriptors.close(connection)
        runnerConnection = nil
        facts.session?.runner = 0
        if facts.session?.exitCode == nil { agentEnded(code: 128 + Signal.hangUp.number) }
    }

    private func agentEnded(code: CInt) {
        facts.session?.exitCode = code
        log.info("the agent ended with code \(code)")
        let actions =
            configuration.endsWithAgent
            ? shutdown.endAfterAgent(code: code, at: .now) : []
        perform(actions + shutdown.handle(.agentEnded(code), agentRuns: false, at: .now))
    }

    // MARK: The resolver

    private func spawnResolver() throws(SystemCallError) {
        guard let resolver else { return }
        let channel = try UnixSocket.messagePair()
        facts.resolver.process = try Processes.spawn(
            resolver.spawnRequest(grants: channel.second.raw))
        try adoptGrants(channel.takeFirst())
    }

    private func adoptGrants(_ channel: consuming OwnedDescriptor) throws(SystemCallError) {
        try poll.add(channel.raw, for: .readable, token: Token.grants)
        grantKeeper?.serve(channel)
    }

    private func resolverEnded(_ status: ExitStatus) {
        facts.resolver.process = 0
        grantKeeper?.close()
        guard !shutdown.isStopping else { return }
        log.warning("the resolver \(status): starting it again")
        resolverLifecycle.failed(at: .now)
    }

    private func restartResolver() {
        do throws(SystemCallError) {
            try spawnResolver()
            resolverLifecycle.restarted()
        } catch {
            log.error("cannot start the resolver: \(error)")
            resolverLifecycle.failed(at: .now)
        }
        facts.resolver.restarts = resolverLifecycle.restarts
    }

    private func receiveGrants() {
        guard grantKeeper?.receive() != true else { return }
        // The resolver is gone or has closed its end: what it asked for stays closed, and the
        // process, if there is one left, has no reason to live.
        grantKeeper?.close()
        let process = facts.resolver.process
        if process > 0 { try? send(.kill, to: process) }
    }

    // MARK: The control socket

    private func acceptConnections() {
        do throws(SystemCallError) {
            while let connection = try control?.accept(at: .now) {
                try poll.add(
                    connection, for: .readable, token: Token.connections + UInt64(connection))
            }
        } catch {
            log.error("control socket: \(error)")
        }
    }

    private func receiveRequest(on connection: CInt) {
        guard let question = control?.receive(on: connection) else { return }
        try? poll.remove(connection)
        switch question.request {
        case .agentStarted: adoptRunner(question)
        case .status: report(to: connection)
        case .health: reply(ControlReply.health(isHealthy, verdict), to: connection)
        case .credential(let host): replyCredential(for: host, to: connection)
        case .agentEnded:
            reply(ControlReply.error("agent-ended comes after agent-started"), to: connection)
        }
    }

    private func adoptRunner(_ question: ControlServer.Question) {
        guard runnerConnection == nil, facts.session != nil else {
            reply(ControlReply.error("another runner is connected"), to: question.connection)
            return
        }
        do throws(SystemCallError) {
            try poll.add(question.connection, for: .readable, token: Token.runner)
        } catch {
            Descriptors.close(question.connection)
            return
        }
        runnerConnection = question.connection
        facts.session?.runner = question.peer.process
        facts.session?.exitCode = nil
    }

    private var isHealthy: Bool { facts.boot.current == nil && facts.resolver.process > 0 }

    private var verdict: String {
        facts.boot.current != nil ? "BOOTING" : isHealthy ? "LOCKED" : "DEGRADED"
    }

    private func replyCredential(for host: String, to connection: CInt) {
        guard let credential = broker.credential(for: host) else {
            reply(ControlReply.error("no credential for \(host)"), to: connection)
            return
        }
        let username = ControlReply.quoted(credential.username)
        credential.secret.withBytes { secret in
            var text = "{\"username\":\(username),\"password\":\""
            for index in secret.indices {
                let byte = secret[index]
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text += "\\" }
                text.unicodeScalars.append(Unicode.Scalar(byte))
            }
            reply(text + "\"}\n", to: connection)
        }
    }

    private func reply(_ text: String, to connection: CInt) {
        Output.writeWithoutWaiting(Array(text.utf8), to: connection)
        Descriptors.close(connection)
    }

    /// Has a process of its own write the report: reading the kernel's state takes time, and PID 1
    /// does without a JSON encoder.
    private func report(to connection: CInt) {
        guard reporters.count < Self.reportLimit else {
            reply(ControlReply.error("busy: ask again in a moment"), to: connection)
            return
        }
        facts.credentials.served = broker.served
        facts.credentials.refused = broker.refused
        facts.egress.refusedGrants = grantKeeper?.refused ?? 0
        var writer = RecordWriter()
        facts.write(to: &writer)
        do throws(SystemCallError) {
            let file = try MemoryFile.sealed("facts", holding: writer.octets)
            var descriptors: [(source: CInt, target: CInt)] = [(connection, 3), (file.raw, 4)]
            if let resolver { descriptors.append((resolver.statistics, 5)) }
            reporters.insert(
                try Processes.spawn(
                    SpawnRequest(
                        System.ownExecutable, ["codetainer", "report"], descriptors: descriptors)))
            Descriptors.close(connection)
        } catch {
            reply(ControlReply.error("cannot write a report: \(error)"), to: connection)
        }
    }

    // MARK: Passing on

    /// Becomes `codetainer supervise`, with the state in a sealed memory file and nothing in the
    /// environment; returns only by throwing.
    public func becomeSupervisor(credentials: [Handover.CredentialState]) throws(SystemCallError)
        -> Never
    {
        guard let handover = handover(credentials: credentials) else {
            throw SystemCallError(
                "execve", "supervise: the resolver is not running", .noChildProcess)
        }
        var writer = RecordWriter()
        handover.write(to: &writer)
        let state = try MemoryFile.sealed("state", holding: writer.octets)
        for descriptor in handover.descriptors + [state.raw] {
            try Descriptors.setInheritable(descriptor, true)
        }
        try Processes.become(
            System.ownExecutable, ["codetainer", "supervise", "\(state.raw)"], environment: [])
    }

    /// The state that the next program image of PID 1 resumes from.
    public func handover(credentials: [Handover.CredentialState]) -> Handover? {
        guard let resolver, let grants = grantKeeper?.channel ?? nil, control != nil,
            let listener = control?.listener.raw
        else { return nil }
        return Handover(
            facts: facts, resolver: resolver, resolverLifecycle: resolverLifecycle.restarts,
            grants: grants, controlListener: listener,
            runnerConnection: runnerConnection, endsWithAgent: configuration.endsWithAgent,
            logsJSON: configuration.logsJSON, credentials: credentials)
    }

    /// Takes the state over.
    public func resume(
        _ handover: Handover, allowlist: Allowlist, netfilter: consuming NetfilterSocket
    ) throws(SystemCallError) {
        facts = handover.facts
        try offer(handover.credentials)
        resolver = handover.resolver
        resolverLifecycle = ServiceLifecycle(restarts: handover.resolverLifecycle)
        keepGrants(of: allowlist, with: netfilter)
        try serveControl(on: OwnedDescriptor(adopting: handover.controlListener))
        try adoptGrants(OwnedDescriptor(adopting: handover.grants))
        if let connection = handover.runnerConnection {
            try poll.add(connection, for: .readable, token: Token.runner)
            runnerConnection = connection
        }
        // Children that ended during the exec left no event behind.
        reap()
    }
}
