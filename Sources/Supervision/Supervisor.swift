import Control
import Egress
public import Linux
public import Logging
import Policy
import Secrets

/// PID 1's one loop: signals, children, grants, the control socket. It never blocks on any of
/// them, and it parses nothing that came from the network.
///
/// Boot uses it while it waits for children; `codetainer supervise` runs it for good.
public final class Supervisor {
    /// What the profile decides about the container's life.
    public struct Configuration: Sendable {
        /// Whether the container ends when the agent does.
        public var endsWithAgent = false
        public var terms = CommandTerms()
        public var log = LogSettings()
        /// Traps in PID 1's own code that end the container when they come in one minute.
        public var trapLimit: UInt32 = 3
        /// How long ending may take.
        public var grace = Shutdown.Grace()

        public init() {}
    }

    /// Who an event of the poll belongs to. Connections are told apart by their descriptors.
    enum Token {
        static let signals: UInt64 = 1
        static let grants: UInt64 = 2
        static let listener: UInt64 = 3
        static let runner: UInt64 = 4
        static let awaited: UInt64 = 5
        static let metrics: UInt64 = 6
        static let lease: UInt64 = 7
        static let connections: UInt64 = 1 << 32
        static let services: UInt64 = 2 << 32
    }

    /// Reports that may be in the making at once; more are asked to come again.
    static let reportLimit = 4
    /// Signals, children and connections that one turn of the loop takes of each.
    static let turnLimit = 256

    public let log: Logger
    public var configuration: Configuration {
        didSet { if !shutdown.isStopping { shutdown = Shutdown(grace: configuration.grace) } }
    }
    public var facts = SupervisorFacts()
    var broker = CredentialBroker([])

    let poll: Poll
    let signals: SignalDescriptor
    var shutdown: Shutdown
    /// When it is looked again whether the session is empty.
    var nextLook = Instant(nanoseconds: 0)
    /// The process that syncs file systems at the end.
    var synchroniser: CInt?
    var services = Services()
    var ended: [CInt: ExitStatus] = [:]
    var awaited: Set<CInt> = []
    /// When children are reaped without a signal: a turn takes only so many.
    var reapsAt: Instant?
    /// Until when their ends gather, after several came at once (see `Reaper`).
    var gathersUntil: Instant?
    /// When something is due next, as long as nothing has happened that it depends on.
    private var deadline: Instant?
    private var isDeadlineKnown = false
    private var events = Poll.Events()
    var reporters: Set<CInt> = []
    /// Reports that the agent may have, and lines that it may cause in the log.
    var agentReports = Allowance(burst: 20, every: 200)
    var agentLines = Allowance(burst: 20, every: 10_000)
    /// Questions of its own; what its runner tells is none.
    var agentQuestions = Allowance(burst: 200, every: 20)
    /// When an end of an allowance that could not be put in force is tried again.
    var expiresAgain: Instant?
    /// Lines about what goes wrong again and again.
    var faultLines = Allowance(burst: 20, every: 1_000)

    var control: ControlServer?
    /// When the listener is looked at again, while there is no descriptor for a connection.
    var listensAgain: Instant?
    var runnerConnection: CInt?
    /// How often the agent's runner is heard, and when again after a flood.
    var runnerReads = Allowance(burst: 20, every: 50)
    var runnerAgain: Instant?
    /// When the operator last asked an agent to stop that is PID 1's own child.
    var agentStopAsked: Instant?
    /// PID 1's end of the channel to the metrics server, and when it is heard again.
    var metricsChannel: CInt?
    var metricsAgain: Instant?
    var lease = LeaseHolding()
    var resolver: ResolverSpecification?
    var resolverLifecycle = ServiceLifecycle(pauses: .resolver)
    var grantKeeper: GrantKeeper?
    var policy = LivePolicy(base: "")
    public var sources = PolicySources(files: [], extra: "")
    var policyReading: PolicyReading?
    /// A signal asked for another reading meanwhile.
    var readsPolicyAgain = false
    /// The resolver that ends next ends because another takes its place.
    var isReplacingResolver = false
    /// When it is killed, as another policy is in force.
    var resolverKill: Instant?
    var comeback = Comeback()
    var liveness = Liveness()

    /// What PID 1 handles as events; it blocks these.
    static let handledSignals: [Signal] =
        [.child] + Signal.forwardable.filter { !Signal.realTime.contains($0) }

    /// Blocks every signal that PID 1 handles; from here on they are events.
    public init(log: Logger, configuration: Configuration) throws(SystemCallError) {
        self.log = log
        self.configuration = configuration
        shutdown = Shutdown(grace: configuration.grace)
        signals = try SignalDescriptor(blocking: Self.handledSignals)
        ignore(.pipe)
        for signal in Signal.realTime { ignore(signal) }
        // Writing the log to a terminal that has the agent in its foreground is no reason to stop.
        ignore(.terminalOutput)
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
    ///
    /// - Parameter policy: what the allowlist is made of, where that is more than one text.
    public func keepGrants(
        of allowlist: Allowlist, _ policy: LivePolicy? = nil,
        with netfilter: consuming NetfilterSocket
    ) {
        self.policy = policy ?? LivePolicy(of: allowlist)
        grantKeeper = GrantKeeper(
            allowlist: allowlist, leased: self.policy.leased, netfilter: netfilter)
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
    public internal(set) var stopRequest: Signal?

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

    /// Keeps the status of a child that may end while another one is waited for.
    public func expect(_ process: CInt) { awaited.insert(process) }

    /// Runs the loop until `condition` says so; it is asked whenever `descriptor` may be read.
    public func wait(
        until deadline: Instant, readable descriptor: CInt, for condition: () -> Bool
    ) throws {
        try poll.add(descriptor, for: .readable, token: Token.awaited)
        defer { try? poll.remove(descriptor) }
        while !condition() { try turn(until: deadline) }
    }

    func turn(until deadline: Instant) throws(Interruption) {
        if let stopRequest { throw .stopped(stopRequest) }
        let now = Instant.now
        guard now < deadline else { throw .timedOut }
        handleEvents(atMost: deadline)
        if let stopRequest { throw .stopped(stopRequest) }
    }

    // MARK: The loop

    /// Runs until the container ends.
    public func run() -> Never {
        loop()
    }

    func loop() -> Never {
        // What booting needed goes at once, and what the first turn did.
        for _ in 0..<2 {
            System.releaseCode()
            handleEvents(atMost: nil)
        }
        while true {
            handleEvents(atMost: nil)
        }
    }

    /// Runs the loop until nobody is in the middle of a request.
    func settle(atMost time: Milliseconds) {
        let deadline = Instant.now + time
        while control?.isIdle == false, Instant.now < deadline { handleEvents(atMost: deadline) }
    }

    private func handleEvents(atMost limit: Instant?) {
        let now = Instant.now
        if !isDeadlineKnown { deadline = nextDeadline(at: now) }
        let due = Instant.earlier(limit, deadline)
        let timeout = due.map { $0.since(now) }
        var hasChanged = true
        isDeadlineKnown = false
        do throws(SystemCallError) {
            let wasInterrupted = try poll.wait(timeout, for: &events)
            noteWait(due: due, wasInterrupted: wasInterrupted)
            // A grant changes nothing but the kernel's sets, and there are many; of the runner's
            // chatter, what changes something is kept where it does.
            hasChanged = events.isEmpty
            var areGrants = !events.isEmpty
            for event in events {
                handle(event)
                watch(Token.name(of: event.token))
                if event.token != Token.grants {
                    areGrants = false
                    if event.token != Token.runner { hasChanged = true }
                }
            }
            // A program waits for a grant's answer: nothing is looked at that it cannot have changed.
            isDeadlineKnown = areGrants
            if areGrants, deadline.map({ .now < $0 }) ?? true { return }
        } catch {
            log.error("\(error)")
        }
        isDeadlineKnown = false
        handleDeadlines(at: .now)
        watch("deadlines")
        if hasChanged { keepState() }
    }

    private func handle(_ event: Poll.Event) {
        switch event.token {
        case Token.signals: receiveSignals()
        case Token.grants: receiveGrants()
        case Token.listener: acceptConnections()
        case Token.runner: receiveFromRunner()
        case Token.awaited: break
        case Token.metrics: receiveMetricsRequest()
        case Token.lease: receiveLease()
        case Token.services...: checkServices(token: event.token)
        default: receiveRequest(on: CInt(truncatingIfNeeded: event.token &- Token.connections))
        }
    }

    private func nextDeadline(at now: Instant) -> Instant? {
        // While everything ends, look every few milliseconds whether anybody is left: processes
        // that docker exec started are not our children and send no SIGCHLD.
        let look = shutdown.isStopping ? now + 5 : nil
        let catchUp = LogOutput.shared.isBehind ? now + LogOutput.pause : nil
        return [
            shutdown.isStopping ? nil : resolverLifecycle.due, control?.nextDeadline,
            shutdown.deadline, nextExpiry, look,
            services.nextDeadline, catchUp, listensAgain, runnerAgain, metricsAgain,
            reapsAt,
            liveness.heartbeat.due, leaseDeadline(at: now), resolverKill,
        ]
        .compactMap { $0 }.min()
    }

    private func handleDeadlines(at now: Instant) {
        if let due = resolverLifecycle.due, due <= now, !shutdown.isStopping { restartResolver() }
        control?.expire(at: now)
        LogOutput.shared.catchUp()
        if let due = reapsAt, due <= now { reap() }
        if let again = listensAgain, again <= now { listenAgain() }
        if let again = runnerAgain, again <= now { hearRunnerAgain() }
        listenToMetrics(at: now)
        expireAdditions(at: now)
        endReplacedResolver(at: now)
        checkHeartbeat(at: now)
        tendServices(at: now)
        tendLease()
        if shutdown.isStopping { look(at: now) }
    }
}
