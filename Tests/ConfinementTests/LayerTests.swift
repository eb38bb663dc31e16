import Testing

@testable import Confinement

@Suite struct LayerTests {
    @Test func theOrderIsTheSecurityArgument() {
        #expect(
            Layer.allCases == [
                .session, .descriptors, .environment, .resourceLimits, .boundingSet,
                .inheritableSets, .secureBits, .identity, .capabilities, .noNewPrivileges,
                .landlock, .seccomp,
            ])
        #expect(Layer.allCases.filter(\.isOptional) == [.landlock])
        #expect(Set(Layer.allCases.map(\.reason)).count == Layer.allCases.count)
    }

    @Test(arguments: [
        (Layer.resourceLimits, Layer.identity, "only root sets a hard limit above its own"),
        (.boundingSet, .identity, "PR_CAPBSET_DROP needs CAP_SETPCAP"),
        (.boundingSet, .capabilities, "PR_CAPBSET_DROP needs CAP_SETPCAP"),
        (.secureBits, .capabilities, "PR_SET_SECUREBITS needs CAP_SETPCAP"),
        (.secureBits, .identity, "KEEP_CAPS would carry capabilities over setresuid"),
        (.identity, .capabilities, "setgroups and setresuid need CAP_SETGID and CAP_SETUID"),
        (.noNewPrivileges, .landlock, "landlock_restrict_self needs no-new-privileges"),
        (.descriptors, .landlock, "a ruleset's own descriptor is no gift to the program"),
        (.identity, .landlock, "paths are looked up with the permissions of their user"),
        (.landlock, .seccomp, "a service's filter knows no landlock_restrict_self"),
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
        (Cage(), [.session, .identity, .landlock]),
        (Cage(newSession: true), [.identity, .landlock]),
        (Cage(identity: .init(user: 1, group: 1)), [.session, .landlock]),
        (Cage(filter: .none), [.session, .identity, .landlock, .seccomp]),
        (
            Cage(identity: .init(user: 1, group: 1), filter: .service, newSession: true),
            [.landlock]
        ),
        (cage { $0.reach = Reach() }, [.session, .identity]),
        (cage { $0.environment = .callers }, [.session, .identity, .landlock, .environment]),
    ]

    private static func cage(_ change: (inout Cage) -> Void) -> Cage {
        var cage = Cage()
        change(&cage)
        return cage
    }

    @Test(arguments: absences)
    func aCageLeavesOutWhatItDoesNotAskFor(cage: Cage, absent: [Layer]) {
        #expect(cage.layers == Layer.allCases.filter { !absent.contains($0) })
    }

    @Test(arguments: [
        (Cage.Environment.usualAnd([]), ["PATH=/bin", "TZ=UTC"]),
        (.usualAnd(["B"]), ["PATH=/bin", "B=2=3", "TZ=UTC"]),
        (.usualAnd(["A", "AB"]), ["A=1", "PATH=/bin", "TZ=UTC", "AB"]),
        (.callers, ["A=1", "PATH=/bin", "LD_PRELOAD=/x", "B=2=3", "TZ=UTC", "AB"]),
    ])
    func theEnvironmentIsAnAllowList(kept: Cage.Environment, variables: [String]) {
        let all = ["A=1", "PATH=/bin", "LD_PRELOAD=/x", "B=2=3", "TZ=UTC", "AB"]
        #expect(Self.cage { $0.environment = kept }.kept(of: all) == variables)
    }
}
