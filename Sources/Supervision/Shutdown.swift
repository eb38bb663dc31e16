public import Linux

/// How the container ends: the agent's session first, then the services, those that others need
/// last, then everything that is left; then file systems are synced and PID 1 ends. All of it takes
/// no longer than a total that is given, whatever happens. Pure: events and times come in, actions
/// come out.
public struct Shutdown: Equatable, Sendable {
    public enum Event: Equatable, Sendable {
        /// Somebody asked the container to stop; again: to hurry; a third time: to kill.
        case requested(Signal)
        /// The container has a reason of its own to end, with this code.
        case over(CInt)
        /// The agent has ended with this code; its own where it is known that no signal ended it.
        case agentEnded(CInt, isOwn: Bool = false)
        /// No process of the agent's session is left.
        case sessionEmpty
        case serviceEnded(Int)
        /// No process but PID 1 is left.
        case alone
        case synced
        /// The deadline has passed.
        case deadline
    }

    public enum Action: Equatable, Sendable {
        /// Asks the agent to end, and everything else in its session, which is not the agent's own
        /// to end.
        case stopAgent(Signal, within: Milliseconds)
        /// Asks what the agent has left to end.
        case endSession(within: Milliseconds)
        case killSession
        case stopService(Int, within: Milliseconds)
        case killService(Int)
        case endOthers(within: Milliseconds)
        case killOthers
        case sync(within: Milliseconds)
        case exit(CInt)
    }

    /// What runs when the container is asked to stop.
    public struct Situation: Equatable, Sendable {
        public struct Service: Equatable, Sendable {
            public var place: Int
            /// From its stop signal to SIGKILL.
            public var grace: Milliseconds

            public init(_ place: Int, grace: Milliseconds) {
                (self.place, self.grace) = (place, grace)
            }
        }

        /// Whether there is an agent to wait for.
        public var agentRuns: Bool
        /// Whether there is a session at all.
        public var hasSession: Bool
        /// The services that run; each wave ends before the next one is stopped.
        public var services: [[Service]]

        public init(
            agentRuns: Bool = false, hasSession: Bool = false, services: [[Service]] = []
        ) {
            (self.agentRuns, self.hasSession, self.services) = (agentRuns, hasSession, services)
        }
    }

    enum State: Equatable, Sendable {
        case running
        case stoppingAgent
        case endingSession
        case killingSession
        case stoppingServices(waves: [[Situation.Service]], due: [Int: Instant])
        case killingServices(waves: [[Situation.Service]], left: Set<Int>)
        case endingOthers
        case killingOthers
        case syncing
        case done
    }

    var state = State.running
    let grace: Grace
    var requests = 0
    /// What asked for the end; its number makes the code where nothing else does.
    var signal = Signal.terminate
    /// The code that the container ends with, once it is known.
    var code: CInt?
    /// Whether that is the agent's, or the signal's that it was stopped by; else the container has a
    /// reason of its own.
    public internal(set) var endsAsAgent = false
    /// Services that ended while it was not their turn.
    var gone: Set<Int> = []
    var services: [[Situation.Service]] = []
    /// When the services must be over, so that the rest has its time.
    var latest = Instant(nanoseconds: 0)
    /// When `deadline` is due; nil when nothing is.
    public internal(set) var deadline: Instant?

    public init(grace: Grace = Grace()) { self.grace = grace }

    public var isStopping: Bool { state != .running }

    /// Whether it is of interest that the session is empty.
    public var awaitsSession: Bool { state == .endingSession || state == .killingSession }

    /// Whether it is of interest that nobody is left.
    public var awaitsOthers: Bool { state == .endingOthers || state == .killingOthers }

    /// What is left to do at once for whoever takes this over from a program image that has trapped:
    /// all else it had begun, and the rest comes with an end or with the deadline.
    var leftToDo: [Action] { state == .done ? [.exit(finalCode)] : [] }

    public mutating func handle(
        _ event: Event, _ situation: @autoclosure () -> Situation, at now: Instant
    ) -> [Action] {
        switch (state, event) {
        case (.running, .requested(let signal)):
            self.signal = signal
            endsAsAgent = true
            requests = 1
            return begin(situation(), at: now)
        case (.running, .over(let code)):
            self.code = code
            return begin(situation(), at: now)
        case (.running, _), (.done, _): return []

        case (_, .requested):
            requests += 1
            // The first is no hurry where the container ends for a reason of its own.
            if requests == 1 { return [] }
            return requests > 2 ? killOthers(at: now) : hurry(at: now)
        case (_, .over): return []
        case (_, .serviceEnded(let place)):
            gone.insert(place)
            return serviceEnded(at: now)

        case (.stoppingAgent, .agentEnded(let agent, let isOwn)):
            code = code ?? (isOwn ? agent : Self.exitCode(agent: agent, stoppedBy: signal))
            return endSession(at: now)
        case (.stoppingAgent, .deadline), (.endingSession, .deadline):
            return killSession(at: now)
        case (.endingSession, .sessionEmpty), (.killingSession, .sessionEmpty),
            (.killingSession, .deadline):
            return stopWave(services, at: now)

        case (.stoppingServices(let waves, let due), .deadline):
            let late = due.filter { $0.value <= now }.keys.sorted()
            if late.count < due.count {
                state = .stoppingServices(
                    waves: waves, due: due.filter { $0.value > now })
                deadline = due.values.filter { $0 > now }.min()
                // They are waited for with the others.
                return late.map { .killService($0) }
            }
            return killServices(waves, at: now)
        case (.killingServices(let waves, _), .deadline):
            return stopWave(Array(waves.dropFirst()), at: now)

        case (.endingOthers, .alone), (.killingOthers, .alone), (.killingOthers, .deadline):
            // What SIGKILL has not ended by now the kernel ends with PID 1.
            state = .syncing
            deadline = now + grace.sync
            return [.sync(within: grace.sync)]
        case (.endingOthers, .deadline): return killOthers(at: now)
        case (.syncing, .synced), (.syncing, .deadline): return exit()
        case (.stoppingAgent, _), (.endingSession, _), (.killingSession, _),
            (.stoppingServices, _), (.killingServices, _), (.endingOthers, _),
            (.killingOthers, _), (.syncing, _):
            return []
        }
    }

    private mutating func begin(_ situation: Situation, at now: Instant) -> [Action] {
        latest = now + (grace.total - grace.tail)
        services = situation.services
        if situation.agentRuns {
            let time = grace.agent(beside: services)
            state = .stoppingAgent
            deadline = now + time
            return [.stopAgent(signal, within: time)]
        }
        return situation.hasSession ? endSession(at: now) : stopWave(services, at: now)
    }

    private mutating func endSession(at now: Instant) -> [Action] {
        state = .endingSession
        deadline = now + grace.others
        return [.endSession(within: grace.others)]
    }

    private mutating func killSession(at now: Instant) -> [Action] {
        state = .killingSession
        deadline = now + grace.killed
        return [.killSession]
    }

    /// Stops the first wave in which anything still runs.
    private mutating func stopWave(_ waves: [[Situation.Service]], at now: Instant) -> [Action] {
        let waves = waves.map { $0.filter { !gone.contains($0.place) } }.filter { !$0.isEmpty }
        guard let wave = waves.first else { return endOthers(at: now) }
        guard now < latest else { return giveUpServices(waves, at: now) }
        let scale = grace.next(of: waves, in: latest.since(now))
        var due: [Int: Instant] = [:]
        for service in wave { due[service.place] = now + scale(service.grace) }
        state = .stoppingServices(waves: waves, due: due)
        deadline = due.values.min()
        return wave.map { .stopService($0.place, within: scale($0.grace)) }
    }

    private mutating func killServices(_ waves: [[Situation.Service]], at now: Instant) -> [Action]
    {
        let left = (waves.first ?? []).map(\.place).filter { !gone.contains($0) }
        state = .killingServices(waves: waves, left: Set(left))
        deadline = min(now + grace.killed, latest)
        return left.map { .killService($0) }
    }

    /// Their time is over.
    private mutating func giveUpServices(
        _ waves: [[Situation.Service]], at now: Instant
    ) -> [Action] {
        let left = waves.joined().map(\.place).filter { !gone.contains($0) }
        return left.map { .killService($0) } + endOthers(at: now)
    }

    private mutating func serviceEnded(at now: Instant) -> [Action] {
        switch state {
        case .stoppingServices(let waves, let due):
            let due = due.filter { !gone.contains($0.key) }
            let left = waves.first?.contains { !gone.contains($0.place) } ?? false
            guard left else { return stopWave(Array(waves.dropFirst()), at: now) }
            state = .stoppingServices(waves: waves, due: due)
            // One that was killed and is not gone yet has the time that SIGKILL may take.
            deadline = due.values.min() ?? min(now + grace.killed, latest)
            return []
        case .killingServices(let waves, let left):
            let left = left.subtracting(gone)
            state = .killingServices(waves: waves, left: left)
            return left.isEmpty ? stopWave(Array(waves.dropFirst()), at: now) : []
        default: return []
        }
    }

    private mutating func endOthers(at now: Instant) -> [Action] {
        state = .endingOthers
        deadline = now + grace.others
        return [.endOthers(within: grace.others)]
    }

    private mutating func killOthers(at now: Instant) -> [Action] {
        switch state {
        case .killingOthers: return []
        case .syncing: return exit()
        default:
            state = .killingOthers
            deadline = now + grace.killed
            return [.killOthers]
        }
    }

    /// On to the next step, without what is left of this one's grace.
    private mutating func hurry(at now: Instant) -> [Action] {
        switch state {
        case .stoppingAgent, .endingSession: return killSession(at: now)
        case .stoppingServices(let waves, _), .killingServices(let waves, _):
            return giveUpServices(waves, at: now)
        case .endingOthers: return killOthers(at: now)
        case .syncing: return exit()
        case .running, .killingSession, .killingOthers, .done: return []
        }
    }

    private mutating func exit() -> [Action] {
        state = .done
        deadline = nil
        return [.exit(finalCode)]
    }

    private var finalCode: CInt { code ?? 128 + signal.number }

    /// The agent's own code; but an agent that died of being stopped says what stopped it.
    private static func exitCode(agent code: CInt, stoppedBy signal: Signal) -> CInt {
        let fromStopping = [signal, .terminate, .hangUp, .kill].map { 128 + $0.number }
        return fromStopping.contains(code) ? 128 + signal.number : code
    }
}
