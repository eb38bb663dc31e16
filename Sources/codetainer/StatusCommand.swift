import ArgumentParser
import Boot
import Control
import Linux
import SystemPackage

/// `codetainer status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what holds: layers, egress, services, session, limits, boot.",
        discussion: """
            Ends with 0 when LOCKED, 1 when DEGRADED or BOOTING, 2 when nothing runs here. NO_COLOR is \
            honoured; in a pipe nothing is cut.
            """
    )

    @Flag(help: "Print the report as JSON (docs/status.schema.json).")
    var json = false

    @Option(help: "How: text, json, or prometheus (OpenMetrics).")
    var format: String?

    @Flag(name: .shortAndLong, help: "Show it live, until q is pressed or the container stops.")
    var watch = false

    @Option(
        help: ArgumentHelp(
            "How often to look, from 0.1 to 3600; without it every second, or so seldom that it takes less than 1 % of a core.",
            valueName: "seconds"))
    var interval: Double?

    private var form: String { format ?? (json ? "json" : "text") }

    func validate() throws {
        guard ["text", "json", "prometheus"].contains(form) else {
            throw ValidationError("--format \(form): write text, json or prometheus")
        }
        if json, form != "json" {
            throw ValidationError("--json and --format \(form): say one of them")
        }
        if watch, form != "text" {
            throw ValidationError("--watch is for a person: for a program ask again and again")
        }
        guard let interval else { return }
        guard watch else { throw ValidationError("--interval is for --watch") }
        guard (0.1...3600).contains(interval) else {
            throw ValidationError("--interval takes seconds from 0.1 to 3600")
        }
    }

    func run() throws {
        let isTerminal = System.isTerminal(1)
        if watch, !isTerminal || !System.isTerminal(0) {
            Terminal.fail(
                "status --watch needs a terminal: run `docker exec -it CONTAINER status --watch`",
                code: ExitCode.usage.rawValue)
        }
        let variables = ProcessVectors().variables
        if watch, variables["TERM"] == TerminalDescription.dumb {
            Terminal.fail(
                "status --watch needs a terminal that it can draw on: TERM is dumb: use `status`",
                code: ExitCode.usage.rawValue)
        }
        let colour = Terminal.takesColour(variables)
        let reply = Self.ask()
        let report = Self.report(reply)
        let code = report.verdict.exitCode
        switch form {
        case "json": Terminal.finish(saying: String(decoding: reply, as: UTF8.self), code: code)
        case "prometheus": Terminal.finish(saying: report.metrics, code: code)
        default: break
        }
        if watch {
            StatusWatch.run(
                from: report, colour: colour,
                interval: interval.map { Milliseconds(Int($0 * 1000)) })
        }
        let size = isTerminal ? Terminal.size(of: 1) : nil
        let screen = StatusScreen(
            // The prompt comes after it.
            report, columns: size.map { Int($0.columns) }, rows: size.map { Int($0.rows) - 1 },
            now: wallClockSeconds())
        Terminal.finish(saying: screen.text(colour: colour), code: code)
    }

    private static func ask() -> [UInt8] {
        do throws(SystemCallError) {
            return try ControlClient.ask(.status)
        } catch {
            Terminal.fail(message(error), code: 2)
        }
    }

    /// Why there is no answer, and what to do.
    static func message(_ error: SystemCallError) -> String {
        switch error.cause {
        case .noSuchFileOrDirectory, .connectionRefused:
            "codetainer is not running here: \(error): run this inside the container; `docker logs` says why one has ended"
        case .timedOut:
            "PID 1 does not answer: \(error): see `docker logs`"
        default: "cannot ask PID 1: \(error): run this as root inside the container"
        }
    }

    private static func report(_ reply: [UInt8]) -> StatusReport {
        guard let report = try? StatusReport(json: reply) else {
            Terminal.fail(
                "PID 1 did not answer with a report: \(text(of: reply)): see the container's log",
                code: 2)
        }
        return report
    }

    /// An answer that is no report.
    static func text(of reply: [UInt8]) -> String {
        String(decoding: reply.prefix(512), as: UTF8.self)
    }
}
