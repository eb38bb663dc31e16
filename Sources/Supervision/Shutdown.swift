public import Linux

/// How the container ends: the agent first, with time to finish; then everything else; then PID 1.
/// Pure: events and times come in, actions come out.
public struct Shutdown: Equatable, Sendable {
    public enum Event: Equatable, Sendable {
        /// Somebody asked the container to stop; again: to hurry.
        case requested(Signal)
        /// The agent has ended with this code.
        case agentEnded(CInt)
        /// No process but PID 1 is left.
        case alone
        /// The deadline has passed.
        case deadline
    }

    public enum Action: Equatable, Sendable {
        case signalAgent(Signal)
        case signalEveryone(Signal)
        case exit(CInt)
    }

    /// How long the agent may take, and how long everything else.
    public struct Grace: Equatable, Sendable {
        public var agent: Milliseconds = 6_000
        public var others: Milliseconds = 400

        public init() {}
    }

    private enum State: Equatable {
        case running
        case endingAgent(Signal)
        case endingOthers(code: CInt)
        case killing(code: CInt)
        case done
    }

    private var state = State.running
    private let grace: Grace
    /// When `deadline` is due; nil when nothing is.
    public private(set) var deadline: Instant?

    public init(grace: Grace = Grace()) { self.grace = grace }

    public var isStopping: Bool { state != .running }

    /// - Parameter agentRuns: whether there is an agent to wait for.
    public mutating func handle(_ event: Event, agentRuns: Bool, at now: Instant) -> [Action] {
        switch (state, event) {
        case (.running, .requested(let signal)):
            guard agentRuns else { return endOthers(code: 128 + signal.number, at: now) }
            state = .endingAgent(signal)
            deadline = now + grace.agent
            return [.signalAgent(signal)]
        case (.running, _): return []

        case (.endingAgent(let signal), .agentEnded(let code)):
            return endOthers(code: Self.exitCode(agent: code, stoppedBy: signal), at: now)
        case (.endingAgent(let signal), .deadline), (.endingAgent(let signal), .requested):
            return endOthers(code: 128 + signal.number, at: now)
        case (.endingAgent, .alone): return []

        case (.endingOthers(let code), .alone), (.killing(let code), .alone):
            state = .done
            deadline = nil
            return [.exit(code)]
        case (.endingOthers(let code), .deadline), (.endingOthers(let code), .requested):
            state = .killing(code: code)
            deadline = now + 200
            return [.signalEveryone(.kill)]
        case (.killing(let code), .deadline):
            // What SIGKILL has not ended by now the kernel ends with PID 1.
            state = .done
            deadline = nil
            return [.exit(code)]
        case (.endingOthers, _), (.killing, _), (.done, _): return []
        }
    }

    /// Ends the container with the agent's code, as its profile asks.
    public mutating func endAfterAgent(code: CInt, at now: Instant) -> [Action] {
        state == .running ? endOthers(code: code, at: now) : []
    }

    private mutating func endOthers(code: CInt, at now: Instant) -> [Action] {
        state = .endingOthers(code: code)
        deadline = now + grace.others
        return [.signalEveryone(.terminate), .signalEveryone(.hangUp)]
    }

    /// The agent's own code; but an agent that died of being stopped says what stopped it.
    private static func exitCode(agent code: CInt, stoppedBy signal: Signal) -> CInt {
        let fromStopping = [signal, .terminate, .hangUp, .kill].map { 128 + $0.number }
        return fromStopping.contains(code) ? 128 + signal.number : code
    }
}
