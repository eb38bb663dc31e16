import Linux
import Testing

@testable import Confinement

/// What comes of a reach on each version of the kernel's interface.
@Suite struct LandlockPlanTests {
    private static var reach: Reach {
        var reach = Reach()
        (reach.writable, reach.usable, reach.readable) = (["/tmp"], ["/dev/null"], ["/usr"])
        (reach.connectable, reach.isScoped) = ([53], true)
        return reach
    }

    @Test(arguments: [
        (0, ["files", "ports", "scope"]), (1, ["files", "ports", "scope"]),
        (2, ["truncation", "devices", "ports", "scope"]), (3, ["devices", "ports", "scope"]),
        (4, ["devices", "scope"]), (5, ["scope"]), (6, []), (7, []), (99, []),
    ])
    func whatAVersionLacksIsSaid(version: Int, gaps: [String]) {
        let plan = LandlockPlan(Self.reach, version: version)
        #expect(plan.gaps.map(\.part) == gaps)
        #expect(plan.isEmpty == (version < 2))
        // A right that a version does not know is EINVAL.
        #expect(plan.files.contains(.truncate) == (version >= 3))
        #expect(plan.files.contains(.deviceControl) == (version >= 5))
        #expect(plan.ports.isEmpty == (version < 4) && plan.scopes.isEmpty == (version < 6))
    }

    @Test func rulesKeepWhatIsNamed() {
        let plan = LandlockPlan(Self.reach, version: 7)
        #expect(plan.fileRules.map(\.path) == ["/tmp", "/dev/null", "/usr"])
        #expect(plan.fileRules[0].rights.isSuperset(of: [.makeFile, .refer, .truncate, .readFile]))
        #expect(
            plan.fileRules[0].rights.isDisjoint(
                with: [.makeBlockDevice, .makeCharacterDevice, .deviceControl]))
        #expect(plan.fileRules[1].rights == [.writeFile, .readFile, .truncate, .deviceControl])
        #expect(plan.fileRules[2].rights == .readFile)
        #expect(plan.files.isSuperset(of: [.makeBlockDevice, .makeCharacterDevice]))
        #expect(plan.portRules == [.init(port: 53, rights: .connect)] && plan.ports == .connect)
        // No rule allows what is not governed: the kernel answers EINVAL.
        for rule in plan.fileRules { #expect(rule.rights.isSubset(of: plan.files)) }
    }

    @Test func nothingIsNothing() {
        let plan = LandlockPlan(.nothing(butPorts: [53, 5353]), version: 7)
        #expect(plan.fileRules.isEmpty && plan.portRules.map(\.port) == [53, 5353])
        #expect(plan.files.isSuperset(of: [.writeFile, .readFile, .execute, .makeFile]))
        #expect(plan.ports == [.connect, .bind])
        #expect(plan.scopes == [.signals, .abstractSockets])
    }

    @Test func whatIsNotNamedIsNotGoverned() {
        var scope = Reach()
        scope.isScoped = true
        let plan = LandlockPlan(scope, version: 7)
        #expect(plan.files.isEmpty && plan.ports.isEmpty && plan.gaps.isEmpty && !plan.isEmpty)
        #expect(LandlockPlan(Reach(), version: 7).isEmpty)
    }
}
