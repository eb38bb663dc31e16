import ArgumentParser
import Control
import Linux

/// `codetainer status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what holds: boot, layers, egress, session.",
        discussion: "Ends with 0 when LOCKED, 1 when DEGRADED or BOOTING, 2 when nothing runs here."
    )

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Option(help: "How: text, json, or prometheus (OpenMetrics).")
    var format: String?

    func validate() throws {
        guard let format, !["text", "json", "prometheus"].contains(format) else { return }
        throw ValidationError("--format \(format): write text, json or prometheus")
    }

    func run() throws {
        let reply: [UInt8]
        do throws(SystemCallError) {
            reply = try ControlClient.ask(.status)
        } catch {
            Terminal.fail(
                "codetainer is not running here: \(error): run this inside the container", code: 2)
        }
        guard let report = try? StatusReport(json: reply) else {
            let text = String(decoding: reply, as: UTF8.self)
            Terminal.fail("PID 1 did not answer with a report: \(text)", code: 2)
        }
        let colour = Terminal.takesColour(ProcessVectors().variables)
        let text =
            switch format ?? (json ? "json" : "text") {
            case "json": String(decoding: reply, as: UTF8.self)
            case "prometheus": report.metrics
            default: report.text(colour: colour)
            }
        Terminal.finish(saying: text, code: report.verdict.exitCode)
    }
}
