import Confinement
import Linux
import SystemPackage
import Testing

@testable import Verification

@Suite struct ProberTests {
    @Test func theCommandLineSaysItAll() throws {
        let cage = Cage(
            identity: .init(user: 1000, group: 1001), limits: [.init(.processes, 64)],
            newSession: true, directory: "/")
        let prober = Prober(
            cage: cage, scene: Scene(resolver: 42, controlSocket: "/run/x"), audits: true,
            writesRecords: true, attacks: ["become root", "raw sockets"])
        let read = try Prober(parsing: Array(prober.arguments.dropFirst()))
        #expect(read.cage == cage)
        #expect(read.scene.resolver == 42 && read.scene.controlSocket == "/run/x")
        #expect(read.audits && read.writesRecords)
        #expect(Set(read.chosen.map(\.name)) == ["become root", "raw sockets"])
    }

    @Test func fastIsWhatBootTries() throws {
        let prober = try Prober(parsing: ["--uncaged", "--"] + Prober.fast)
        #expect(prober.cage == nil)
        #expect(prober.chosen.map(\.name) == Catalogue.fast.map(\.name))
        let audit = try Prober(parsing: ["--audit", "--"] + Prober.fast)
        #expect(audit.chosen.allSatisfy { $0.subject != .egress })
        let shares = try Prober.fast.map { try Prober(parsing: ["--", $0]).chosen.map(\.name) }
        #expect(Set(shares.joined()) == Set(Catalogue.fast.map(\.name)))
        #expect(shares.map(\.count).reduce(0, +) == Catalogue.fast.count)
        #expect(shares.allSatisfy { $0.count > Catalogue.fast.count / 3 })
    }

    @Test(arguments: [["--resolver"], ["--resolver", "x", "--", "a"], ["--socket"], [], ["--"]])
    func mistakesAreErrors(words: [String]) {
        #expect(throws: Prober.UsageError.self) { try Prober(parsing: words) }
    }
}
