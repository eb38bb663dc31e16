import Control
import Linux
import Logging
import SystemPackage

/// The agent's session: whom signals go to, and what its end means.
extension Supervisor {
    var agentRuns: Bool {
        headlessAgent != nil || runnerConnection != nil && facts.session?.exitCode == nil
    }

    func signalAgent(_ signal: Signal) {
        if let headlessAgent { return self.signal(headless: headlessAgent, signal) }
        // The runner continues an agent that is stopped, for no shell is around it, and would itself
        // be stopped by these.
        guard let signal = configuration.terms.replacement(for: signal),
            !Self.stops.contains(signal)
        else { return }
        if let handle = comeback.runnerHandle {
            try? send(signal, toProcess: handle)
            return
        }
        guard let runner = facts.session?.runner, runner > 0 else { return }
        // A runner may hand its connection on and end; its number is then whoever's comes next.
        let owner = (try? FileStatus(of: FilePath("/proc/\(runner)"))).flatMap { $0?.user }
        guard owner == facts.cage.agentUser else { return }
        try? send(signal, to: runner)
    }

    private static let stops: Set<Signal> = [.stop, .terminalStop, .terminalInput, .terminalOutput]

    func sessionEnded(_ status: ExitStatus) {
        let kind = facts.session?.kind
        if kind == .agent { return headlessAgentEnded(status) }
        facts.session?.server = 0
        if shutdown.isStopping { return }
        log.warning(
            kind == .runner
                ? "the agent's runner \(status): the container ends with it"
                : "the session's tmux server \(status): the agent's panes are gone")
        guard configuration.endsWithAgent || kind == .runner else { return }
        perform(shutdown.handle(.over(status.code), situation, at: .now))
    }

    private static let runnerPause: Milliseconds = 100

    func hearRunnerAgain() {
        runnerAgain = nil
        guard let connection = runnerConnection else { return }
        do throws(SystemCallError) {
            try poll.add(connection, for: .readable, token: Token.runner)
        } catch {
            runnerAgain = .now + Self.runnerPause
        }
    }

    /// The runner's connection ends with the runner.
    func receiveFromRunner() {
        guard let connection = runnerConnection else { return }
        // A flood waits in its socket; what is said last counts.
        guard runnerReads.admit(at: .now) else {
            try? poll.remove(connection)
            runnerAgain = .now + Self.runnerPause
            return
        }
        var octets = [UInt8](repeating: 0, count: ControlRequest.longestLine)
        var count = 0
        do throws(SystemCallError) {
            guard let received = try Descriptors.read(connection, into: &octets) else { return }
            count = received
        } catch {
            log.warning("the agent's runner: \(error)")
        }
        if count > 0 {
            return takeRunnersLines(octets.prefix(count))
        }
        try? poll.remove(connection)
        runnerConnection = nil
        facts.session?.runner = 0
        retire(connection)
        if let handle = comeback.runnerHandle {
            comeback.runnerHandle = nil
            retire(handle)
        }
        guard facts.session?.exitCode == nil else { return }
        // It was given no time to say how: a hang-up of its pane, or the end of the container.
        let end = shutdown.isStopping ? Signal.kill : .hangUp
        agentEnded(code: 128 + end.number)
    }

    /// What carries the agent, tmux and its runner, ends after the agent itself when memory runs out;
    /// before PID 1 all the same.
    public func spare(_ process: CInt) { score(process, 500) }

    /// Before it starts an agent, which is not spared and has its score.
    private func stopSparing(_ process: CInt) { score(process, 1000) }

    private func score(_ process: CInt, _ score: UInt32) {
        guard process > 0 else { return }
        try? Privileges.setOutOfMemoryScore(
            of: process, user: facts.cage.agentUser, group: facts.cage.agentGroup, to: score)
    }

    /// What the runner has said last counts, and none of it is left out: the agent would be shown as
    /// it is not for as long as it stays so.
    func takeRunnersLines(_ octets: some Collection<UInt8>) {
        var hasStarted = false
        var isStarting = false
        var code: CInt?
        for line in Array(octets).split(separator: 0x0a) {
            switch try? ControlRequest(parsing: line) {
            case .agentStarting?: isStarting = true
            case .agentStarted?: (hasStarted, isStarting, code) = (true, false, nil)
            case .agentEnded(let last)?: code = last
            default: break
            }
        }
        if hasStarted { noteStart() }
        let runner = facts.session?.runner ?? 0
        if hasStarted { spare(runner) }
        if isStarting { stopSparing(runner) }
        if let code {
            agentEnded(code: code)
        } else if hasStarted {
            keepState()
        }
    }

    /// The agent runs, from now on.
    func noteStart() {
        facts.session?.exitCode = nil
        facts.session?.since = Instant.now.nanoseconds
    }

    /// Its terminal, which said so, may have ended with it (POSIX, Shell Command Language, 2.8.2).
    private func meaning(ofCode code: CInt) -> String {
        guard let name = facts.session?.command.first else { return "" }
        return switch code {
        case 126: ": it, or what it ran last, cannot be run: see agent.command, \(name)"
        case 127: ": it, or what it ran last, was not found: see agent.command, \(name)"
        default: ""
        }
    }

    /// - Parameter isOwn: whether it is known that no signal ended it.
    func agentEnded(code: CInt, isOwn: Bool = false) {
        guard facts.session?.exitCode == nil else { return }
        facts.session?.exitCode = code
        keepState()
        if agentLines.admit(at: .now) {
            log.info("the agent ended with code \(code)\(meaning(ofCode: code))")
        }
        let end = configuration.terms.exitCode(for: code)
        // Boot comes to its end first, and the container then (see `takeUp`): it still waits for
        // what it has started.
        if configuration.endsWithAgent, facts.boot.current == nil {
            perform(shutdown.handle(.over(end), situation, at: .now))
        }
        perform(shutdown.handle(.agentEnded(end, isOwn: isOwn), situation, at: .now))
    }
}
