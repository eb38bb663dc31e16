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
        let start = Instant.now
        let findings = Self.findings(for: attacks, resolver: report.resolver.pid) { resolver in
            let scene = Scene(resolver: resolver, controlSocket: ControlClient.socket)
            return Verifier(cage: cage, scene: scene, audits: audits)
        }
        let verification = Verification(
            attacks: attacks, findings: findings, audits: audits,
            allowsNamespaces: allowsNamespaces, isWhole: !fast, time: Instant.now.since(start))
        let colour = Terminal.takesColour(ProcessVectors().variables)
        Terminal.finish(
            saying: json ? verification.json : verification.text(colour: colour),
            code: verification.holds ? 0 : 1)
    }

    /// A reload, or an end of its own, gives the resolver's work to another process: what was tried on
    /// the one before, or failed meanwhile, is tried on that.
    private static func findings(
        for attacks: [Attack], resolver: CInt, _ verifier: (CInt) -> Verifier
    ) -> [Finding] {
        var findings = verifier(resolver).findings(for: attacks)
        var tried = resolver
        for _ in 0..<Self.changesOfResolver {
            let resolver = report().resolver.pid
            if resolver == tried { break }
            tried = resolver
            let spoilt = zip(attacks, findings).filter { $0.aimsAtResolver || !$1.isHeld }.map(\.0)
            for finding in verifier(resolver).findings(for: spoilt) {
                findings = findings.map { $0.attack == finding.attack ? finding : $0 }
            }
        }
        return findings
    }

    /// After so many in one verification it says what it has found.
    private static let changesOfResolver = 5

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
