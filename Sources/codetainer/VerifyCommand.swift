import ArgumentParser
import Boot
import Confinement
import Control
import Linux
import Verification

/// `codetainer verify`
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Attack the cage from inside, as the agent, and show what stopped each attack.",
        discussion: """
            Each attack stands beside an act of its kind that must work. Ends with 0 when every \
            attack was stopped, 1 otherwise, 2 when nothing runs here.
            """)

    @Flag(help: "Print the findings as JSON.")
    var json = false

    @Flag(help: "Try only what boot tries: nothing that has to wait.")
    var fast = false

    func run() throws {
        let report = Self.report()
        let cage = Self.cage(of: report)
        let audits = report.isAudit
        let allowsNamespaces = cage.filter == .agentWithUserNamespaces
        let attacks = Catalogue.attacks(
            fastOnly: fast, audits: audits, allowsNamespaces: allowsNamespaces)
        let scene = Scene(resolver: report.resolver.pid, controlSocket: ControlClient.socket)
        let start = Instant.now
        let findings = Verifier(cage: cage, scene: scene, audits: audits).findings(for: attacks)
        let verification = Verification(
            attacks: attacks, findings: findings, audits: audits,
            allowsNamespaces: allowsNamespaces, isWhole: !fast, time: Instant.now.since(start))
        let colour = Terminal.takesColour(ProcessVectors().variables)
        Terminal.finish(
            saying: json ? verification.json : verification.text(colour: colour),
            code: verification.holds ? 0 : 1)
    }

    private static func report() -> StatusReport {
        do throws(SystemCallError) {
            let reply = try ControlClient.ask(.status)
            guard let report = try? StatusReport(json: reply) else {
                Terminal.fail("PID 1 did not answer with a report: see `status`", code: 2)
            }
            return report
        } catch {
            Terminal.fail(
                "codetainer is not running here: \(error): run this inside the container", code: 2)
        }
    }

    /// The agent's, as PID 1 puts it on; who already is the agent stays who it is.
    private static func cage(of report: StatusReport) -> Cage {
        guard !report.cage.isEmpty, var cage = try? Cage.parse(report.cage + ["probe"]).cage else {
            Terminal.fail("boot is not over: see `status`", code: 2)
        }
        if System.userID != 0 { cage.identity = nil }
        return cage
    }
}
