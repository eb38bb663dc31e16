import Confinement
import Linux
import SystemPackage
import Testing

@testable import Verification

/// Every attack is seen to succeed where nothing stops it: one that could not fail would prove
/// nothing. That each is stopped in a cage is the end-to-end suite's part.
@Suite(.serialized) struct AttackTests {
    @Test func everyAttackSucceedsWithoutACage() throws {
        let port = "take the responder's port"
        var findings = try World.findings(Catalogue.attacks, options: ["--uncaged", "--"])
        // Only where no name server has it, and then no name is answered.
        findings[port] = try World.findings(
            Catalogue.attacks.filter { $0.name == port }, options: ["--uncaged", "--"],
            withNames: false)[port]
        for attack in Catalogue.attacks {
            guard case .broken = findings[attack.name]?.verdict else {
                let verdict = findings[attack.name].map { "\($0.verdict)" } ?? "no finding"
                Issue.record("\(attack.name): \(verdict)")
                continue
            }
        }
    }

    private static let user = ["--uid", "1000", "--gid", "1000"]

    /// What seccomp alone stops is not stopped by the rest of the cage, and is by the whole of it.
    @Test func seccompIsWhatStopsWhatIsSaidToBeStoppedByIt() throws {
        let attacks = Catalogue.attacks.filter { $0.stops.values.allSatisfy { $0 == .seccomp } }
        #expect(attacks.count >= 10)
        let open = try World.findings(attacks, options: Self.user + ["--seccomp", "none", "--"])
        let caged = try World.findings(attacks, options: Self.user + ["--seccomp", "agent", "--"])
        for attack in attacks {
            #expect(
                caged[attack.name]?.isHeld == true,
                "\(attack.name): \(caged[attack.name]?.complaint ?? "none")")
            guard case .broken = open[attack.name]?.verdict else {
                Issue.record("\(attack.name) holds without seccomp")
                continue
            }
        }
    }

    /// What the agent's uid and its lack of capabilities stop needs no filter.
    @Test(arguments: [
        "become root", "gain a capability", "gain by set-id programs",
        "trace PID 1 and the resolver",
        "signals to PID 1 and the resolver", "read PID 1 and the resolver in /proc",
        "raw sockets", "change links and routes", "make a device", "rewrite name resolution",
        "change the root file system", "plant links and sockets where root looks",
    ])
    func identityIsEnoughFor(name: String) throws {
        let attacks = Catalogue.attacks.filter { $0.name == name }
        #expect(attacks.count == 1)
        let found = try World.findings(attacks, options: Self.user + ["--seccomp", "none", "--"])
        #expect(found[name]?.isHeld == true, "\(found[name]?.complaint ?? "no finding")")
    }

    /// A process that is ended owes its findings, and what is owed is not held.
    @Test func whatWasNotFoundIsNotHeld() {
        let verifier = Verifier(
            cage: Cage(), scene: Scene(controlSocket: "/nowhere"), audits: false,
            executable: "/bin/true")
        let findings = verifier.findings(for: Catalogue.attacks)
        #expect(findings.map(\.attack) == Catalogue.attacks.map(\.name))
        #expect(
            findings.allSatisfy { $0.verdict == .untold("its process exited with code 0") })
    }
}
