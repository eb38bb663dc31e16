import ArgumentParser
import Boot
import Confinement
import Control
import Linux
import Session
import SystemPackage

/// `codetainer attach`
struct AttachCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Attach to the agent's session, waiting for boot to end.",
        discussion: "Give up the terminal again with Ctrl-b d; the agent goes on.")

    /// How long a boot may take before attaching is given up.
    private static let patience = Milliseconds.seconds(300)
    private static let pause: Milliseconds = 100

    func run() throws {
        let session = try waitForSession()
        guard System.isTerminal(0), System.isTerminal(1) else {
            Terminal.fail(
                "attach needs a terminal: run `docker exec -it CONTAINER attach`",
                code: ExitCode.usage.rawValue)
        }
        show(session)
    }

    /// Shows the stages as they pass.
    private func waitForSession() throws -> StatusReport.Session {
        let deadline = Instant.now + Self.patience
        var shown = 0
        var report: StatusReport?
        while Instant.now < deadline {
            report = (try? ControlClient.ask(.status)).flatMap { try? StatusReport(json: $0) }
            if let report {
                let stages = report.boot.stages
                if report.boot.current != nil || shown > 0 {
                    for stage in stages.dropFirst(shown) {
                        Output.write(
                            Array("  \(stage.name) \(stage.milliseconds) ms\n".utf8), to: 2)
                    }
                    shown = stages.count
                }
                if report.boot.current == nil { return try usable(report.session) }
            } else if ProcessStatus.of(1)?.name != "codetainer" {
                Terminal.fail("codetainer is not running here: PID 1 is another program", code: 2)
            }
            Clock.pause(Self.pause)
        }
        let stage = report?.boot.current ?? "filesystem or one before it"
        Terminal.fail(
            "boot has not ended in five minutes: stage \(stage) is stuck: see `docker logs`",
            code: 1)
    }

    private static var reach: Reach {
        var reach = Reach()
        (reach.writable, reach.usable) = ([], ["/dev/null", "/dev/tty", "/dev/pts"])
        reach.isScoped = true
        return reach
    }

    private func usable(_ session: StatusReport.Session?) throws -> StatusReport.Session {
        guard let session else {
            Terminal.fail("this container has no session to attach to: see `status`", code: 1)
        }
        guard !session.isHeadless else {
            Terminal.fail(
                "this container has no session to attach to: its agent is headless: see `docker logs`, or use `docker attach`",
                code: 1)
        }
        guard session.state != .gone else {
            Terminal.fail(
                "the session \(session.name) is gone: its tmux server has ended: restart the container",
                code: 1)
        }
        return session
    }

    /// Runs the tmux client as the agent and in the agent's cage, on a terminal of its own: root
    /// never touches a socket that the agent owns, and the agent never holds the operator's terminal.
    private func show(_ session: StatusReport.Session) -> Never {
        let variables = ProcessVectors().variables
        let environment = [
            "HOME": "/", "PATH": variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            "TERM": TerminalDescription.usable(variables["TERM"]),
            "LANG": variables["LANG"] ?? "C.UTF-8",
            "TMUX_TMPDIR": SessionPlan.socketDirectory(user: session.user),
        ]
        // Not in a session of the cage's making: it would lose the terminal that the relay gives it.
        var cage = Cage(filter: .agent)
        cage.environment = .callers
        cage.isQuiet = true
        // It draws on its terminal and talks to the server's socket; no file is written, and the
        // server, which is the agent's, sends it no signal.
        cage.reach = Self.reach
        if System.userID == 0 {
            cage.identity = .init(user: session.user, group: session.group)
        }
        let command =
            ["codetainer", "confine"] + cage.options
            + SessionPlan.attachCommand(session: session.name)
        do throws(SystemCallError) {
            let client = SpawnRequest(
                System.ownExecutable, command,
                environment: environment.map { "\($0.key)=\($0.value)" })
            System.exit(try TerminalRelay(terminal: 0).run(client).code)
        } catch {
            Terminal.fail("cannot attach: \(error)", code: ExitCode.system.rawValue)
        }
    }
}

/// What the terminal is called (terminfo(5)).
enum TerminalDescription {
    private static let directories = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"]

    /// `name` when this image describes it; a common one otherwise, which new terminals emulate.
    static func usable(_ name: String?) -> String {
        guard let name, let first = name.first, !name.contains("/") else { return "xterm-256color" }
        let isKnown = directories.contains { directory in
            (try? FileStatus(of: FilePath("\(directory)/\(first)/\(name)"))).flatMap { $0 } != nil
        }
        return isKnown ? name : "xterm-256color"
    }
}
