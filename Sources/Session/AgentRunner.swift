import Control
public import Linux
public import SystemPackage

/// Runs the agent in its pane and tells PID 1 how it ended.
///
/// It runs as the agent, inside the cage; what it says is believed about the agent only. The agent
/// has a process group of its own, in the foreground while it runs, as a shell gives its commands:
/// keys of the terminal, and what the agent sends to its group, end the agent and not this.
public final class AgentRunner {
    /// The shortest pause before a restart, and the longest.
    private static let pauses = (shortest: Milliseconds(500), longest: Milliseconds(30_000))

    private let plan: RunnerPlan
    private let environment: [String]
    private let path: String
    /// How willingly the kernel is to end the agent when memory runs out, as its cage has it: PID 1
    /// spares this process once an agent runs, and not before.
    private let scoreOfAgent: Int32
    private let signals: SignalDescriptor
    private let poll: Poll
    /// The control socket; open for as long as the process lives.
    private let supervisor: CInt?
    private let terminal: PaneTerminal?
    private var prompt: String?
    private var isStopping = false

    public init(plan: RunnerPlan, environment: [String], path: String, controlSocket: FilePath)
        throws(SystemCallError)
    {
        self.plan = plan
        self.environment = environment
        self.path = path
        scoreOfAgent = (try? Privileges.outOfMemoryScore()) ?? 0
        signals = try SignalDescriptor(
            blocking: [.child, .pipe, .terminalOutput] + Signal.forwardable)
        terminal = PaneTerminal(0)
        poll = try Poll()
        try poll.add(signals.descriptor.raw, for: .readable, token: 0)
        supervisor = (try? UnixSocket.connect(to: controlSocket))?.release()
        // The prompt is given once: an agent that is started again starts without.
        if let file = plan.prompt {
            prompt = try Files.text(FilePath(file), limit: 1 << 20)
            Files.remove(FilePath(file))
        }
    }

    /// Runs the agent, again where the plan says so, and returns the code of the last run.
    public func run() -> CInt {
        var pause = Self.pauses.shortest
        while true {
            let started = Instant.now
            let status = runOnce()
            // First: nobody waits for a terminal.
            tell(.agentEnded(code: status.code))
            terminal?.takeBack(after: status)
            if isStopping || plan.onExit == .end { return status.code }
            if Instant.now.since(started) > .seconds(60) { pause = Self.pauses.shortest }
            switch plan.onExit {
            case .end: return status.code
            case .keep:
                say("\(plan.command[0]) \(status). Press Enter to start it again.")
                guard waitForEnter() else { return status.code }
            case .restart:
                say("\(plan.command[0]) \(status). Starting it again in \(pause.decimal) ms.")
                guard waitForSignals(until: Instant.now + pause, { _ in false }) else {
                    return status.code
                }
                pause = min(Milliseconds(nanoseconds: pause.nanoseconds * 2), Self.pauses.longest)
            }
        }
    }

    private func runOnce() -> ExitStatus {
        let executable: String
        do throws(Commands.LookUpError) {
            executable = try Commands.find(plan.command[0], path: path)
        } catch {
            tell(.agentStarted)
            say("\(error)")
            return .exited(error.code)
        }
        let arguments = plan.command + (prompt.map { [$0] } ?? [])
        prompt = nil
        var request = SpawnRequest(
            executable, arguments, environment: environment, descriptors: [(0, 0)])
        request.group = terminal == nil ? .own : .foreground
        awaitScoreOfAgent()
        do throws(SystemCallError) {
            let agent = try spawn(request)
            // PID 1 has the kernel spare this process from now on, and not what it starts.
            tell(.agentStarted)
            let status = waitForAgent(agent)
            // What it has left is told so, as by a terminal that hangs up.
            for signal in [Signal.hangUp, .continue] { try? send(signal, to: -agent) }
            return status
        } catch {
            tell(.agentStarted)
            say("cannot start \(plan.command[0]): \(error)")
            return .exited(126)
        }
    }

    private func spawn(_ request: SpawnRequest) throws(SystemCallError) -> CInt {
        do throws(SystemCallError) {
            return try Processes.spawn(request)
        } catch {
            guard error.cause == .execFormatError,
                let shell = try? Processes.spawn(request.readByShell)
            else { throw error }
            return shell
        }
    }

    /// While the kernel spares this process an agent would be spared with it, whose score is its
    /// parent's: PID 1 is asked to raise it, and has done so in a moment or does not work.
    private func awaitScoreOfAgent() {
        guard let score = try? Privileges.outOfMemoryScore(), score < scoreOfAgent else { return }
        tell(.agentStarting)
        let deadline = Instant.now + 500
        while Instant.now < deadline, let score = try? Privileges.outOfMemoryScore(),
            score < scoreOfAgent
        {
            Clock.pause(1)
        }
    }

    /// Waits for the agent and passes signals on to it. How long one that does not obey has is PID
    /// 1's to say, and to end.
    private func waitForAgent(_ agent: CInt) -> ExitStatus {
        while true {
            while let (process, status) = Processes.reap() {
                if process == agent { return status }
            }
            // No shell around it would: it is continued at once.
            if Processes.wasStopped(agent) { try? send(.continue, to: -agent) }
            _ = try? poll.wait(nil)
            while let (signal, sender) = try? signals.next() {
                switch signal {
                // The terminal's keys come from the kernel, and are not for this.
                case .child, .terminalStop, .terminalOutput: continue
                // Of a pipe that this wrote to and nobody reads.
                case .pipe where sender == System.processID: continue
                case .interrupt where sender == 0, .quit where sender == 0: continue
                case .terminate, .interrupt, .quit:
                    isStopping = true
                    stop(agent, with: signal)
                case .hangUp where sender == 1 && !isStopping: passHangUp(to: agent)
                case .hangUp:
                    isStopping = true
                    try? send(.hangUp, to: agent)
                default: try? send(signal, to: recipient(agent))
                }
            }
        }
    }

    /// PID 1 passes the container's SIGHUP on, which asks it to read its policy again: only an
    /// agent that handles the signal gets it. It would end any other, and an interactive shell too.
    private func passHangUp(to agent: CInt) {
        guard let status = ProcessStatus.of(agent), status.catches(.hangUp),
            !status.isInteractiveShell
        else { return }
        try? send(.hangUp, to: agent)
    }

    /// What else than a shell ignores the signal has its grace.
    private func stop(_ agent: CInt, with signal: Signal) {
        let status = ProcessStatus.of(agent)
        let isDeaf = status?.isInteractiveShell == true && status?.ignores(signal) == true
        try? send(isDeaf ? .hangUp : signal, to: recipient(agent))
        try? send(.continue, to: recipient(agent))
    }

    /// As kill(2) has it.
    private func recipient(_ agent: CInt) -> CInt { plan.signalsGroup ? -agent : agent }

    /// Returns false when the pane or the container ends instead.
    private func waitForEnter() -> Bool {
        do throws(SystemCallError) {
            try poll.add(0, for: .readable, token: 1)
        } catch {
            return false
        }
        defer { try? poll.remove(0) }
        return waitForSignals(until: nil) { event in
            guard event.token == 1 else { return false }
            // A whole line: octets of a key or of the terminal's own may come before it.
            var line = [UInt8](repeating: 0, count: 256)
            let count = (try? Descriptors.read(0, into: &line)).flatMap { $0 } ?? 0
            return line.prefix(count).last == 0x0a
        }
    }

    /// Waits until `isOver` or the time; false when a signal says to end.
    private func waitForSignals(
        until deadline: Instant?, _ isOver: (Poll.Event) -> Bool
    ) -> Bool {
        while true {
            if let deadline, deadline <= .now { return true }
            let events = (try? poll.wait(deadline.map { $0.since(.now) })) ?? Poll.Events()
            while let (signal, sender) = try? signals.next() {
                if signal == .terminate || signal == .hangUp && sender != 1 {
                    isStopping = true
                    return false
                }
            }
            if events.contains(where: { $0.readiness.contains(.hungUp) }) { return false }
            if events.contains(where: isOver) { return true }
        }
    }

    private func tell(_ request: ControlRequest) {
        guard let supervisor else { return }
        Output.writeWithoutWaiting(Array(request.line.utf8), to: supervisor)
    }

    private func say(_ text: String) {
        let line = Array("[codetainer] \(text)\n".utf8)
        if let terminal { terminal.write(line) } else { Output.write(line, to: 2) }
    }
}
