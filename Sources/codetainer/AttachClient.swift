import Boot
import Confinement
import Control
import Linux
import Session
import SystemPackage

/// tmux clients that serve an operator. They run as the agent and in the agent's cage: root never
/// touches a socket that the agent owns, and the agent never holds the operator's terminal.
struct AttachClient {
    /// What a server may take to answer, and may answer with: it is the agent's.
    private static let limits = (patience: Milliseconds(3_000), octets: 256 << 10)

    private let session: StatusReport.Session
    private let environment: [String]

    init(_ session: StatusReport.Session) {
        self.session = session
        let variables = ProcessVectors().variables
        environment = [
            "HOME=/", "PATH=\(variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")",
            "TERM=\(TerminalDescription.usable(variables["TERM"]))",
            "LANG=\(variables["LANG"] ?? "C.UTF-8")",
            "TMUX_TMPDIR=\(SessionPlan.socketDirectory(user: session.user))",
        ]
    }

    /// tmux with `words` in the cage.
    private func request(_ words: [String]) -> SpawnRequest {
        // Not in a session of the cage's making: it would lose the terminal that the relay gives it.
        var cage = Cage(filter: .agent)
        cage.environment = .callers
        cage.isQuiet = true
        // It draws on its terminal and talks to the server's socket; no file is written, and the
        // server, which is the agent's, sends it no signal.
        var reach = Reach()
        (reach.writable, reach.usable) = ([], ["/dev/null", "/dev/tty", "/dev/pts"])
        reach.isScoped = true
        cage.reach = reach
        if System.userID == 0 {
            cage.identity = .init(user: session.user, group: session.group)
        }
        return SpawnRequest(
            System.ownExecutable, ["codetainer", "confine"] + cage.options + words,
            environment: environment)
    }

    /// Shows the session on the operator's terminal until one of both ends.
    func show(_ plan: AttachPlan) throws(SystemCallError) -> (
        status: ExitStatus, cause: TerminalRelay.Cause
    ) {
        let outcome = try TerminalRelay(terminal: 0, isReadOnly: plan.isReadOnly).run(
            request(plan.command))
        if !plan.isReadOnly, [.client, .left].contains(outcome.cause),
            let list = try? sessions(choosing: nil),
            list.hasWatcher, !list.hasTypist, let size = try? TerminalRelay.size(of: 0)
        {
            // A watcher may not notice, nor the agent for long; where it fails, it stays as it is.
            _ = try? ask(AttachPlan.keeping((size.columns, size.rows), of: plan.session))
        }
        return outcome
    }

    /// The sessions of the server, and the one with `name`.
    func sessions(choosing name: String?) throws(SystemCallError) -> SessionList {
        SessionList(
            parsing: try ask(SessionList.question), choosing: name, first: session.name)
    }

    /// What is to be said of an agent that has ended.
    var ending: String {
        var text = "the agent (" + session.command.joined(separator: " ") + ") has ended"
        if let code = session.exitCode { text += " with code \(code)" }
        let lines = LastLines.lines(of: (try? ask(LastLines.question)) ?? [])
        if !lines.isEmpty { text += "; its last lines:" }
        for line in lines { text += "\n  | " + line }
        return text
    }

    /// What a client that shows nothing has to say.
    ///
    /// A client hands its input and output to the server, so it gets none of ours, and nobody waits
    /// for the end of the pipe, which the server may keep open.
    private func ask(_ words: [String]) throws(SystemCallError) -> [UInt8] {
        let pipe = try DescriptorPair.pipeWithoutWaiting()
        var request = request(words)
        request.descriptors = [(pipe.second.raw, 1), (pipe.second.raw, 2)]
        request.newSession = true
        let process = try Processes.spawn(request)
        let end = try Processes.endDescriptor(of: process)
        let poll = try Poll()
        try poll.add(pipe.first.raw, for: .readable, token: 0)
        try poll.add(end.raw, for: .readable, token: 1)
        let deadline = Instant.now + Self.limits.patience
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        var hasEnded = false
        while !hasEnded, Instant.now < deadline, output.count < Self.limits.octets {
            hasEnded = try poll.wait(deadline.since(.now)).contains { $0.token == 1 }
            while output.count < Self.limits.octets,
                let count = try pipe.first.read(into: &chunk), count > 0
            {
                output += chunk.prefix(count)
            }
        }
        if !hasEnded { try? send(.kill, to: process) }
        let status = try Processes.wait(for: process)
        guard hasEnded else { throw SystemCallError("tmux", words[2], .timedOut) }
        guard status.isSuccess else { throw SystemCallError("tmux", words[2], .connectionRefused) }
        return output
    }
}

extension AttachClient {
    /// Says how things stand when the operator's terminal is a plain one again, and ends.
    static func finish(_ status: ExitStatus, _ cause: TerminalRelay.Cause) -> Never {
        switch cause {
        case .terminalGone: System.exit(AttachCommand.Code.terminalGone)
        case .told(_, sender: 1):
            Terminal.fail("the container is stopping", code: AttachCommand.Code.noSession)
        case .told(let signal, _): System.exit(128 + signal.number)
        case .client, .left: break
        }
        guard let session = lastReport?.session else {
            if isStopping {
                Terminal.fail("the container is stopping", code: AttachCommand.Code.noSession)
            }
            end(status, cause, "PID 1 does not say how the agent is")
        }
        var text = "the agent goes on"
        if session.state != .running {
            text = "the agent has ended"
            if let code = session.exitCode { text += " with code \(code)" }
        }
        if session.state == .gone {
            if isStopping {
                Terminal.fail("the container is stopping", code: AttachCommand.Code.noSession)
            }
            Terminal.fail(
                "\(text), and its session with it: the container stops, or has to be restarted",
                code: AttachCommand.Code.over)
        }
        if session.state == .ended { text += ", and Enter starts it again" }
        end(status, cause, text)
    }

    /// What PID 1 says; nil when it does not. Ends where there is none any more.
    private static var lastReport: StatusReport? {
        do throws(SystemCallError) {
            let reply = try ControlClient.ask(.status, patience: 2_000)
            return try? StatusReport(json: reply)
        } catch {
            guard [.noSuchFileOrDirectory, .connectionRefused].contains(error.cause) else {
                return nil
            }
            Terminal.fail("the container is stopping", code: AttachCommand.Code.noSession)
        }
    }

    private static func end(
        _ status: ExitStatus, _ cause: TerminalRelay.Cause, _ state: String
    ) -> Never {
        let text = state + ": come back with `attach`, or `docker exec -it CONTAINER attach`"
        guard status.isSuccess || cause == .left else {
            Terminal.fail(
                "the tmux client \(status): \(text)", code: AttachCommand.Code.noSession)
        }
        Terminal.say("detached: " + text)
        System.exit(0)
    }
}

extension AttachClient {
    /// Whether PID 1 tells everybody to end, which it does after the agent's session.
    private static var isStopping: Bool {
        let deadline = Instant.now + 500
        guard let signals = try? SignalDescriptor(blocking: [.terminate]), let poll = try? Poll(),
            (try? poll.add(signals.descriptor.raw, for: .readable, token: 0)) != nil
        else { return false }
        while Instant.now < deadline {
            _ = try? poll.wait(deadline.since(.now))
            if let (_, sender) = (try? signals.next()).flatMap({ $0 }) { return sender == 1 }
        }
        return false
    }
}

/// What the terminal is called (terminfo(5)).
enum TerminalDescription {
    private static let directories = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"]
    /// What a terminal is called that writes one line below the other and no more.
    static let dumb = "dumb"

    /// `name` when this image describes it; a common one otherwise, which new terminals emulate. A
    /// dumb one lacks what tmux needs.
    static func usable(_ name: String?) -> String {
        guard let name, let first = name.first, first != ".", name != dumb, !name.contains("/")
        else { return "xterm-256color" }
        let isKnown = directories.contains { directory in
            (try? FileStatus(of: FilePath("\(directory)/\(first)/\(name)"))).flatMap { $0 } != nil
        }
        return isKnown ? name : "xterm-256color"
    }
}
