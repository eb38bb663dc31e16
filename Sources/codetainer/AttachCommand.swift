import ArgumentParser
import Boot
import Control
import Linux
import Session

/// `codetainer attach`
struct AttachCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Attach to the agent's session, waiting for boot to end.",
        discussion: """
            Several operators may attach at once; the window has the size of the terminal that was used
            last. C-b d gives the terminal up again; so does losing it. The agent goes on.

            A boot under way is waited for, five minutes at most, and its stages are shown: with a
            spinner on a terminal, else (or with TERM=dumb) one line each; NO_COLOR is honoured.

            Ends with 0 after detaching; 1 when there is no session to attach to, boot has failed or
            the container stops; 2 when PID 1 is not a codetainer with a session; 3 when the agent's
            session has ended; 64 when it was called wrongly or without a terminal; 129 when the
            terminal is lost.
            """)

    @Flag(
        name: .long,
        help:
            "Watch without typing: no key is passed on, and the window keeps its size. C-c leaves, too."
    )
    var readOnly = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The pane that your keys go to, agent or shell; other operators' stay where they are.",
            valueName: "pane"))
    var pane: String?

    @Argument(
        help:
            "The session, by the name that `status` shows or its present one in tmux; boot's own unless given."
    )
    var name: String?

    /// What `attach` ends with, beside 0, and 64 and 71 of sysexits.h.
    enum Code {
        static let noSession: CInt = 1
        static let notHere: CInt = 2
        static let over: CInt = 3
        /// 128 and SIGHUP, as for a program that the terminal's loss has ended.
        static let terminalGone: CInt = 129
    }

    func run() throws {
        var chosen: AttachPlan.Pane?
        if let pane {
            chosen = AttachPlan.Pane(rawValue: pane)
            guard chosen != nil else {
                Terminal.fail(
                    "there is no pane \"\(pane)\": --pane takes agent or shell",
                    code: ExitCode.usage.rawValue)
            }
        }
        let hasTerminal = System.isTerminal(0) && System.isTerminal(1)
        let report = AttachWait.untilBooted(waits: hasTerminal)
        let session = Self.usable(report?.session, isOver: report?.boot.current == nil)
        guard hasTerminal else {
            if let session { Self.sayWhetherEnded(session) }
            Terminal.fail(
                "attach needs a terminal: run `docker exec -it CONTAINER attach`",
                code: ExitCode.usage.rawValue)
        }
        guard let session else { return }
        attach(to: session, chosen)
    }

    /// The session when somebody can attach to it; ends otherwise.
    private static func usable(_ session: StatusReport.Session?, isOver: Bool)
        -> StatusReport.Session?
    {
        guard isOver else { return nil }
        guard let session else {
            Terminal.fail(
                "this container has no session to attach to: see `status`", code: Code.noSession)
        }
        guard !session.isHeadless else {
            Terminal.fail(
                "this container has no session to attach to: its agent is headless: see `docker logs`, or use `docker attach`",
                code: Code.noSession)
        }
        guard session.state != .gone else {
            let code = session.exitCode.map { "the agent has ended with code \($0), and " } ?? ""
            Terminal.fail(
                "\(code)the session \(session.name) is gone: its tmux server has ended: restart the container",
                code: Code.noSession)
        }
        return session
    }

    /// Without a terminal there is no more to show of an agent that has ended.
    private static func sayWhetherEnded(_ session: StatusReport.Session) {
        guard session.state == .ended else { return }
        let client = AttachClient(session)
        AttachClient.say(
            client.ending(
                number: try? client.sessions().session(
                    named: nil, first: session.name
                ).target))
        System.exit(Code.over)
    }

    private func attach(to session: StatusReport.Session, _ pane: AttachPlan.Pane?) -> Never {
        let client = AttachClient(session)
        let list: SessionList
        do throws(SystemCallError) {
            list = try client.sessions()
        } catch {
            Terminal.fail(
                "the tmux server of the session \(session.name) does not answer: \(error): see `status`",
                code: Code.noSession)
        }
        var plan = AttachPlan(session: "", pane: pane, isReadOnly: readOnly)
        do throws(SessionList.ChoiceError) {
            let entry = try list.session(named: name, first: session.name)
            plan.session = entry.target
            if readOnly, !list.hasTypist { plan.keptSize = entry.size }
        } catch {
            switch error {
            case .empty:
                Terminal.fail(
                    "the session \(session.name) is gone: its tmux server has none: restart the container",
                    code: Code.noSession)
            case .unknown(let names):
                Terminal.fail(
                    "there is no session \"\(name ?? "")\": this container has \(names.joined(separator: ", ")): `attach` alone takes the agent's",
                    code: Code.noSession)
            }
        }
        if session.state == .ended { AttachClient.say(client.ending(number: plan.session)) }
        do throws(SystemCallError) {
            let outcome = try client.show(plan)
            AttachClient.finish(outcome.status, outcome.cause)
        } catch {
            Terminal.fail("cannot attach: \(error)", code: ExitCode.system.rawValue)
        }
    }
}
