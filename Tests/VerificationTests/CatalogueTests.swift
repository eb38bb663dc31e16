import Linux
import SystemPackage
import Testing

@testable import Verification

/// The catalogue against the design's, whose rows are 1 to 33.
@Suite struct CatalogueTests {
    @Test func everyRowIsTriedOrHasAReason() {
        let tried = Set(Catalogue.attacks.flatMap(\.rows))
        let untried = Catalogue.untried.map(\.row)
        #expect(tried.union(untried) == Set(1...33))
        #expect(tried.isDisjoint(with: untried))
        #expect(Set(untried).count == untried.count)
        #expect(Catalogue.untried.allSatisfy { !$0.reason.isEmpty })
    }

    @Test func namesAreUnlike() {
        let names = Catalogue.attacks.map(\.name)
        #expect(Set(names).count == names.count)
        // A record's fields are separated by tabs, and no name may be taken for an option.
        #expect(
            names.allSatisfy {
                !$0.contains("\t") && !$0.hasPrefix("-") && !Prober.fast.contains($0)
            })
    }

    /// What did not refuse cannot have held: success stops nothing, nor does silence.
    @Test func noAttackTakesSuccessForARefusal() {
        for attack in Catalogue.attacks {
            #expect(!attack.stops.isEmpty, "\(attack.name)")
            for answer in [Answer.done, .refused(.timedOut), .refused(.badAddress)] {
                #expect(attack.stops[answer] == nil, "\(attack.name): \(answer)")
            }
        }
    }

    @Test func anAuditLeavesTheNetworkOut() {
        let audited = Catalogue.attacks(
            fastOnly: false, audits: true, allowsNamespaces: false)
        #expect(audited.allSatisfy { $0.subject != .egress })
        #expect(audited.count < Catalogue.attacks.count)
        #expect(audited.contains { $0.name == "take the responder's port" })
    }

    @Test func allowedNamespacesAreNoBreach() {
        let rest = Catalogue.attacks(fastOnly: true, audits: false, allowsNamespaces: true)
        let left = Set(Catalogue.fast.map(\.name)).subtracting(rest.map(\.name))
        #expect(left == ["mount and unmount", "new namespaces"])
    }

    @Test func bootWaitsForNothing() {
        #expect(Catalogue.fast.allSatisfy { $0.pace == .fast })
        #expect(Set(Catalogue.fast.flatMap(\.rows)) == Set(Catalogue.attacks.flatMap(\.rows)))
    }

    @Test func whatMayWaitIsAlone() {
        let groups = Verifier.groups(of: Catalogue.attacks)
        #expect(groups.map(\.count).reduce(0, +) == Catalogue.attacks.count)
        for group in groups where group.count > 1 {
            #expect(group.allSatisfy { $0.pace == .fast && $0.subject != .egress })
        }
    }
}

/// How an attempt is judged, without a kernel.
@Suite struct VerdictTests {
    private static let scene = Scene(controlSocket: "/nowhere")

    private func verdict(control: [Answer], attempts: [Answer]) -> Finding.Verdict {
        var controls: [String: String?] = [:]
        return Attack(
            "attack", rows: [1], stops: [.refused(.notPermitted): .seccomp],
            control: Trial("control") { _ in control.map { Observation("control", $0) } },
            attempts: Trial("attempt") { _ in attempts.map { Observation("act", $0) } }
        ).tried(in: Self.scene, controls: &controls).verdict
    }

    @Test func aRefusalHolds() {
        #expect(
            verdict(control: [.done], attempts: [.refused(.notPermitted)])
                == .held(layer: "seccomp", answers: "EPERM"))
    }

    @Test(arguments: [Answer.done, .refused(.badAddress), .said("hello"), .ended(.kill)])
    func anythingElseIsABreach(answer: Answer) {
        guard case .broken = verdict(control: [.done], attempts: [.refused(.notPermitted), answer])
        else {
            Issue.record("\(answer) held")
            return
        }
    }

    @Test func aFailedControlTellsNothing() {
        guard
            case .untold = verdict(
                control: [.refused(.notPermitted)], attempts: [.refused(.notPermitted)])
        else {
            Issue.record("it held")
            return
        }
    }

    @Test func nothingTriedTellsNothing() {
        #expect(verdict(control: [.done], attempts: []) == .untold("nothing could be tried"))
    }

    @Test(arguments: [
        Finding.Verdict.held(layer: "nftables", answers: "EPERM ECONNREFUSED"),
        .broken("it worked:\tand\nhow"), .untold("its process was ended by SIGKILL"),
    ])
    func aFindingSurvivesItsRecord(verdict: Finding.Verdict) throws {
        let finding = Finding(attack: "a name", verdict: verdict, time: 12)
        let read = try #require(Finding(record: finding.record.dropLast()))
        #expect(read.attack == finding.attack && read.time == finding.time)
        #expect(read.isHeld == finding.isHeld && read.layer == finding.layer)
    }

    @Test(arguments: ["", "held", "held\ta\tb\tc\tx", "fine\ta\tb\tc\t1", "held\ta\tb\tc\t1\t2"])
    func aStrangeRecordIsNone(line: String) {
        #expect(Finding(record: line[...]) == nil)
    }
}
