import Control
import Linux
import Logging

/// An agent that is PID 1's own child: signalled alone or with its process group, and over when it
/// ends.
extension Supervisor {
    /// The agent's process, while it runs and is PID 1's own child; its number cannot be anybody
    /// else's until it is reaped.
    var headlessAgent: CInt? {
        guard let session = facts.session, session.kind == .agent, session.server > 0 else {
            return nil
        }
        return session.server
    }

    /// Whether the agent, or its runner, is PID 1's own child, and gets every signal: none comes to it
    /// from a terminal of tmux's.
    var isHeadless: Bool { facts.session.map { $0.kind != .tmux && $0.server > 0 } ?? false }

    /// Whether `signal` is the agent's to obey, and no request to PID 1: a program may end in its
    /// own way, or not at all, for what a terminal's keys send. The container ends with it.
    func isForHeadlessAgent(_ signal: Signal) -> Bool {
        headlessAgent != nil && configuration.endsWithAgent && signal != .terminate
            && signal != .hangUp && !shutdown.isStopping
    }

    /// - Parameter arrived: the signal that came; another one may go on in its place.
    func signal(headless agent: CInt, _ arrived: Signal) {
        guard let signal = configuration.terms.replacement(for: arrived) else { return }
        switch signal {
        case .hangUp where !shutdown.isStopping:
            // The container's SIGHUP asks PID 1 to read its policy again: only an agent that has a
            // use for it gets it; it would end any other.
            guard let status = ProcessStatus.of(agent), status.catches(.hangUp),
                !status.isInteractiveShell
            else { return }
            try? send(.hangUp, to: agent)
        case .terminate, .interrupt, .quit, .hangUp, .kill:
            let status = ProcessStatus.of(agent)
            let recipient = configuration.terms.recipient(of: signal, agent: agent)
            try? send(signal, to: recipient)
            // What else ignores SIGTERM has its grace.
            if signal == .terminate, status?.isInteractiveShell == true {
                try? send(.hangUp, to: recipient)
            }
            // What is stopped would never see it.
            if status?.isStopped == true {
                agentStopAsked = nil
                try? send(.continue, to: -agent)
            }
        case .stop, .terminalStop, .terminalInput, .terminalOutput:
            agentStopAsked = .now
            try? send(signal, to: -agent)
        case .continue:
            agentStopAsked = nil
            try? send(signal, to: -agent)
        default: try? send(signal, to: configuration.terms.recipient(of: signal, agent: agent))
        }
    }

    /// A key of the terminal, or the program itself, has stopped it: there is no shell around it
    /// from which it could be continued, so it is at once. What the operator stops stays stopped.
    func continueStoppedAgent() {
        guard let agent = headlessAgent, Processes.wasStopped(agent) else { return }
        if let asked = agentStopAsked, Instant.now < asked + Processes.timeToStop { return }
        try? send(.continue, to: -agent)
    }

    func headlessAgentEnded(_ status: ExitStatus) {
        facts.session?.server = 0
        switch status {
        case .exited(let code): agentEnded(code: code, isOwn: true)
        case .signalled:
            log.notice("the agent \(status)")
            agentEnded(code: status.code)
        }
    }
}
