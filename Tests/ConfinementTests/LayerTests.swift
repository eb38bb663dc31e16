import Testing

@testable import Confinement

@Suite struct LayerTests {
    @Test func theOrderIsTheSecurityArgument() {
        #expect(
            Layer.allCases == [
                .session, .descriptors, .resourceLimits, .boundingSet, .secureBits, .identity,
                .capabilities, .noNewPrivileges, .seccomp,
            ])
    }

    @Test(arguments: [
        (Layer.resourceLimits, Layer.identity, "only root sets a hard limit above its own"),
        (.boundingSet, .identity, "PR_CAPBSET_DROP needs CAP_SETPCAP"),
        (.boundingSet, .capabilities, "PR_CAPBSET_DROP needs CAP_SETPCAP"),
        (.secureBits, .capabilities, "PR_SET_SECUREBITS needs CAP_SETPCAP"),
        (.secureBits, .identity, "KEEP_CAPS would carry capabilities over setresuid"),
        (.identity, .capabilities, "setgroups and setresuid need CAP_SETGID and CAP_SETUID"),
        (.noNewPrivileges, .seccomp, "an unprivileged filter needs no-new-privileges"),
        (.session, .seccomp, "every layer above makes calls that the filter may refuse"),
        (.capabilities, .seccomp, "every layer above makes calls that the filter may refuse"),
    ])
    func comesBefore(earlier: Layer, later: Layer, reason: String) throws {
        let places = Layer.allCases
        let (first, second) = (places.firstIndex(of: earlier), places.firstIndex(of: later))
        #expect(try #require(first) < #require(second), "\(reason)")
    }

    private static let absences: [(cage: Cage, absent: [Layer])] = [
        (Cage(), [.session, .identity]),
        (Cage(newSession: true), [.identity]),
        (Cage(identity: .init(user: 1, group: 1)), [.session]),
        (Cage(filter: .none), [.session, .identity, .seccomp]),
        (Cage(identity: .init(user: 1, group: 1), filter: .service, newSession: true), []),
    ]

    @Test(arguments: absences)
    func aCageLeavesOutWhatItDoesNotAskFor(cage: Cage, absent: [Layer]) {
        #expect(cage.layers == Layer.allCases.filter { !absent.contains($0) })
    }
}
