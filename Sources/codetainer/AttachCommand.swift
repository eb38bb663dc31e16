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
            Several operators may attach at once; the window has the size of the terminal that was \
            used last. C-b d gives the terminal up again; so does losing it. The agent goes on.

            A boot under way is waited for, five minutes at most, and its stages are shown: with a \
            spinner on a terminal, else, or with TERM=dumb, one line each. NO_COLOR is honoured.

            Ends with 0 after detaching; 1 when there is no session to attach to, boot has failed or \
            the container stops; 2 when PID 1 has no session; 3 when the agent has ended and nothing \
            is left to attach to; 64 when called wrongly or without a terminal; 129 when the \
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
            "The pane that your keys go to, agent or shell; other operators' stay where they are: it is refused while they look at another window.",
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
            chosen = AttachPlan.Pane(pane)
            guard chosen != nil else {
                Terminal.fail(
                    "there is no pane \"\(pane)\": --pane takes agent or shell",
                    code: ExitCode.usage.rawValue)
            }
        }
        let hasTerminal = System.isTerminal(0) && System.isTerminal(1)
        let report = AttachWait.untilBooted(waits: hasTerminal)
        if let report, report.boot.current == nil {
            attach(to: Self.usable(report.session), chosen, hasTerminal)
        }
        Self.needTerminal()
    }

    private static func needTerminal() -> Never {
        Terminal.fail(
            "attach needs a terminal: run `docker exec -it CONTAINER attach`",
            code: ExitCode.usage.rawValue)
    }

    private static func refuse(_ reason: String) -> Never {
        Terminal.fail(reason, code: Code.noSession)
    }

    /// The session when somebody can attach to it; ends otherwise.
    private static func usable(_ session: StatusReport.Session?) -> StatusReport.Session {
        guard let session else {
            refuse("this container has no session to attach to: see `status`")
        }
        if session.isHeadless {
            refuse(
                "this container has no session to attach to: its agent is headless: see `docker logs`, or use `docker attach`"
            )
        }
        if session.state == .gone {
            refuse(
                "the session \(session.name) is gone: its tmux server has ended: restart the container"
            )
        }
        return session
    }

    private func attach(
        to session: StatusReport.Session, _ pane: AttachPlan.Pane?, _ hasTerminal: Bool
    ) -> Never {
        // An agent that runs has nothing to say to anything but a terminal.
        if !hasTerminal, session.state == .running { Self.needTerminal() }
        let client = AttachClient(session)
        do throws(SystemCallError) {
            let list = try client.sessions(choosing: name)
            guard let entry = list.chosen else {
                guard let name, !list.names.isEmpty else {
                    Self.refuse(
                        "the session \(session.name) is gone: tmux has none: restart the container")
                }
                Self.refuse(
                    "there is no session \"\(name)\": this container has \(list.names.joined(separator: ", ")): `attach` alone takes the agent's"
                )
            }
            if session.state == .ended { Terminal.say(client.ending) }
            if !hasTerminal { System.exit(Code.over) }
            if let pane, !list.has(pane) {
                Self.refuse("the pane \(pane) is gone: use `attach` alone")
            }
            if let pane, list.isApart(pane) {
                Self.refuse(
                    "the pane \(pane) is in another window than the one that others look at, who would be taken there: use `attach` alone"
                )
            }
            var plan = AttachPlan(session: entry.target, pane: pane, isReadOnly: readOnly)
            if readOnly, !list.hasTypist { plan.keptSize = (entry.columns, entry.rows) }
            let outcome = try client.show(plan)
            AttachClient.finish(outcome.status, outcome.cause)
        } catch {
            Self.refuse("cannot attach to the session \(session.name): \(error): see `status`")
        }
    }
}
