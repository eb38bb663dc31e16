import Linux
import Testing

@testable import Supervision

@Suite struct ServiceGroupTests {
    private typealias Specification = ServiceSpecification

    private static func service(
        _ name: String, _ readiness: Specification.Readiness = .none,
        restart: Specification.Restart = .onFailure, isRequired: Bool = true, after: [Int] = [],
        within time: Milliseconds = 1_000, heartbeat: Milliseconds? = nil
    ) -> Specification {
        Specification(
            name: name, command: ["x"], cage: [], readiness: readiness, readyWithin: time,
            heartbeat: heartbeat,
            restart: restart, isRequired: isRequired, after: after)
    }

    private static let start = Instant(nanoseconds: 0)
    private static func at(_ milliseconds: Int) -> Instant { start + Milliseconds(milliseconds) }

    @Test func startsInTheirOrder() {
        var group = ServiceGroup(
            [
                Self.service("web", .port(80), after: [1, 2]), Self.service("data", .descriptor(3)),
                Self.service("schema", .exit, after: [1]), Self.service("alone"),
            ], at: Self.start)
        #expect(group.handle(.tick, at: Self.at(0)) == [.spawn(1), .spawn(3)])
        // It is asked for once.
        #expect(group.handle(.tick, at: Self.at(0)) == [])
        #expect(group.handle(.spawned(1, process: 11), at: Self.at(1)) == [])
        #expect(group.handle(.spawned(3, process: 13), at: Self.at(1)) == [])
        #expect(group.services[3].state == .ready && group.services[1].state == .starting)
        #expect(!group.isSettled)
        #expect(
            group.handle(.ready(1), at: Self.at(3)) == [
                .note(1, "ready after 2.000 ms"), .spawn(2),
            ])
        _ = group.handle(.spawned(2, process: 12), at: Self.at(4))
        #expect(
            group.handle(.ended(2, .exited(0)), at: Self.at(9)) == [
                .note(2, "done after 5.000 ms"), .spawn(0),
            ])
        _ = group.handle(.spawned(0, process: 10), at: Self.at(10))
        #expect(!group.isSettled)
        _ = group.handle(.ready(0), at: Self.at(11))
        #expect(group.isSettled && group.nextDeadline == nil)
        #expect(group.place(of: 10) == 0 && group.place(of: 12) == nil && group.place(of: 0) == nil)
        // The last started goes first; what is done does not run.
        #expect(group.stopWaves == [[0], [1, 3]])
    }

    @Test func oneThatCrashesIsStartedAgainWithPauses() {
        var group = ServiceGroup([Self.service("a", isRequired: false)], at: Self.start)
        _ = group.handle(.tick, at: Self.at(0))
        var now = 0
        for pause in [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000] {
            _ = group.handle(.spawned(0, process: 7), at: Self.at(now))
            let actions = group.handle(.ended(0, .exited(3)), at: Self.at(now))
            let said = ServiceGroup.Action.warn(
                0, "exited with code 3: starting it again in \(pause).000 ms")
            // One that is due at once is started with it.
            #expect(actions == (pause == 0 ? [said, .spawn(0)] : [said]))
            if pause > 0 {
                #expect(group.handle(.tick, at: Self.at(now + pause - 1)) == [])
                #expect(group.nextDeadline == Self.at(now + pause))
                #expect(group.handle(.tick, at: Self.at(now + pause)) == [.spawn(0)])
            }
            now += pause
        }
        #expect(group.services[0].lifecycle.restarts == 9)
    }

    @Test func aRequiredOneThatCannotStayUpIsGivenUp() {
        var group = ServiceGroup([Self.service("a")], at: Self.start)
        _ = group.handle(.tick, at: Self.at(0))
        var last: [ServiceGroup.Action] = []
        for round in 0..<5 {
            let now = Self.at(round * 1_000)
            _ = group.handle(.spawned(0, process: 7), at: now)
            last = group.handle(.ended(0, .signalled(.kill)), at: now)
            _ = group.handle(.tick, at: Self.at(round * 1_000 + 999))
        }
        #expect(
            last == [
                .giveUp(0, "was ended by SIGKILL: 5 failures in a row: it cannot stay up")
            ])
        #expect(group.services[0].state == .failed && group.nextDeadline == nil)
    }

    /// How it ends, when it is started again, whether it must be there; what comes of it.
    @Test(arguments: [
        (Linux.ExitStatus.exited(0), Specification.Restart.never, false, "note"),
        (.exited(0), .onFailure, false, "note"), (.exited(0), .always, false, "again"),
        (.exited(1), .never, false, "warn"), (.exited(1), .onFailure, false, "again"),
        (.exited(1), .always, false, "again"),
        (.exited(0), .never, true, "giveUp"), (.exited(0), .onFailure, true, "giveUp"),
        (.exited(0), .always, true, "again"), (.exited(1), .never, true, "giveUp"),
        (.exited(1), .onFailure, true, "again"), (.signalled(.terminate), .never, true, "giveUp"),
    ])
    func whatAnEndMeans(
        status: Linux.ExitStatus, restart: ServiceSpecification.Restart, isRequired: Bool,
        outcome: String
    ) {
        var group = ServiceGroup(
            [Self.service("a", restart: restart, isRequired: isRequired)], at: Self.start)
        _ = group.handle(.tick, at: Self.at(0))
        _ = group.handle(.spawned(0, process: 7), at: Self.at(1))
        let actions = group.handle(.ended(0, status), at: Self.at(2))
        switch outcome {
        case "again": #expect(actions.last == .spawn(0) && actions.count == 2)
        case "note": #expect(actions == [.note(0, "\(status), and is not started again")])
        case "warn":
            #expect(
                actions == [.warn(0, "\(status), and is not started again: going on without it")])
        default: #expect(actions == [.giveUp(0, "\(status), and is not started again")])
        }
        #expect(group.services[0].process == 0)
    }

    @Test func oneThatIsNotReadyInTimeIsKilledAndGivenUp() {
        for isRequired in [true, false] {
            var group = ServiceGroup(
                [
                    Self.service("a", .port(80), isRequired: isRequired),
                    Self.service("b", after: [0]),
                ], at: Self.start)
            _ = group.handle(.tick, at: Self.at(0))
            _ = group.handle(.spawned(0, process: 7), at: Self.at(0))
            #expect(group.nextDeadline == Self.at(1_000))
            #expect(group.handle(.tick, at: Self.at(999)) == [])
            #expect(group.handle(.tick, at: Self.at(1_000)) == [.kill(0)])
            #expect(group.handle(.tick, at: Self.at(1_001)) == [])
            let actions = group.handle(.ended(0, .signalled(.kill)), at: Self.at(1_002))
            let reason = "not ready within 1000.000 ms (connections on port 80)"
            // What comes after one that need not be there starts without it.
            #expect(
                actions
                    == (isRequired
                        ? [.giveUp(0, reason)]
                        : [.warn(0, "\(reason): going on without it"), .spawn(1)]))
        }
    }

    /// Lateness of one that has been up is a failure of its series, and each start has its time, even
    /// one that is longer than a series is remembered.
    @Test(arguments: [true, false], [1_000, 60_000])
    func aSlowRestartIsAFailure(isRequired: Bool, time: Int) {
        var group = ServiceGroup(
            [
                Self.service(
                    "a", .port(80), isRequired: isRequired, within: Milliseconds(time))
            ], at: Self.start)
        _ = group.handle(.tick, at: Self.at(0))
        _ = group.handle(.spawned(0, process: 7), at: Self.at(0))
        _ = group.handle(.ready(0), at: Self.at(1))
        _ = group.handle(.ended(0, .exited(1)), at: Self.at(2))
        let reason = "not ready within \(time).000 ms (connections on port 80)"
        var now = 2
        for pause in [100, 200, 400] {
            _ = group.handle(.spawned(0, process: 7), at: Self.at(now))
            #expect(group.nextDeadline == Self.at(now + time))
            now += time
            #expect(group.handle(.tick, at: Self.at(now)) == [.kill(0)])
            let actions = group.handle(.ended(0, .signalled(.kill)), at: Self.at(now))
            #expect(
                actions == [.warn(0, "\(reason): starting it again in \(pause).000 ms")])
            // Nothing is late while it does not run.
            #expect(group.nextDeadline == Self.at(now + pause))
            now += pause
            #expect(group.handle(.tick, at: Self.at(now)) == [.spawn(0)])
        }
        _ = group.handle(.spawned(0, process: 7), at: Self.at(now))
        _ = group.handle(.tick, at: Self.at(now + time))
        let last = group.handle(.ended(0, .signalled(.kill)), at: Self.at(now + time))
        #expect(
            last
                == (isRequired
                    ? [.giveUp(0, "\(reason): 5 failures in a row: it cannot stay up")]
                    : [.warn(0, "\(reason): starting it again in 800.000 ms")]))
    }

    /// One that runs, and is ready at 0.
    private static func ready(_ service: Specification) -> ServiceGroup {
        var group = ServiceGroup([service], at: start)
        _ = group.handle(.tick, at: start)
        _ = group.handle(.spawned(0, process: 7), at: start)
        _ = group.handle(.ready(0), at: start)
        return group
    }

    @Test func whatShowsNoLongerThatItWorksHasFailed() {
        var group = Self.ready(Self.service("a", .descriptor(3), heartbeat: 500))
        #expect(group.nextDeadline == Self.at(500))
        for time in [100, 550, 1_000] {
            #expect(group.handle(.beat(0), at: Self.at(time)) == [])
            #expect(group.nextDeadline == Self.at(time + 500))
            #expect(group.handle(.tick, at: Self.at(time + 499)) == [])
        }
        #expect(group.handle(.tick, at: Self.at(1_500)) == [.kill(0)])
        // It is killed once, whatever it still says.
        #expect(group.handle(.beat(0), at: Self.at(1_501)) == [] && group.nextDeadline == nil)
        #expect(
            group.handle(.ended(0, .signalled(.kill)), at: Self.at(1_502)) == [
                .warn(
                    0,
                    "no heartbeat within 500.000 ms (a newline on descriptor 3): starting it again in 0.000 ms"
                ), .spawn(0),
            ])
        // Until it is ready there is the time for that.
        _ = group.handle(.spawned(0, process: 8), at: Self.at(1_503))
        #expect(group.nextDeadline == Self.at(2_503))
    }

    @Test func whatASignalHasStoppedHasFailed() {
        var group = Self.ready(Self.service("a"))
        _ = group.handle(.stopped(0), at: Self.at(100))
        #expect(group.handle(.tick, at: Self.at(10_099)) == [])
        _ = group.handle(.continued(0), at: Self.at(10_099))
        #expect(group.handle(.tick, at: Self.at(10_100)) == [] && group.nextDeadline == nil)
        _ = group.handle(.stopped(0), at: Self.at(20_000))
        #expect(group.nextDeadline == Self.at(30_000))
        #expect(group.handle(.tick, at: Self.at(30_000)) == [.kill(0)])
        #expect(
            group.handle(.ended(0, .signalled(.kill)), at: Self.at(30_001)) == [
                .warn(0, "stopped by a signal for 10000.000 ms: starting it again in 0.000 ms"),
                .spawn(0),
            ])
    }

    /// Who was not running himself knows nothing of others.
    @Test func aPausedContainerIsNobodysFailure() {
        var group = Self.ready(Self.service("a", .port(80), heartbeat: 500))
        _ = group.handle(.stopped(0), at: Self.at(0))
        #expect(group.handle(.tick, at: Self.at(60_000)) == [])
        #expect(group.nextDeadline == Self.at(60_500))
        _ = group.handle(.beat(0), at: Self.at(60_100))
        #expect(group.handle(.tick, at: Self.at(60_600)) == [.kill(0)])
    }

    /// The time goes on while a service fails again and again, so that boot never waits for ever.
    @Test func failingDoesNotGainTime() {
        var group = ServiceGroup(
            [Self.service("a", .descriptor(3), isRequired: false)], at: Self.start)
        _ = group.handle(.tick, at: Self.at(0))
        var now = 0
        while !group.isSettled, now < 3_000 {
            _ = group.handle(.spawned(0, process: 7), at: Self.at(now))
            _ = group.handle(.ended(0, .exited(1)), at: Self.at(now))
            while group.services[0].state == .pausing {
                now += 1
                _ = group.handle(.tick, at: Self.at(now))
            }
        }
        #expect(group.services[0].state == .failed && now == 1_000)
    }

    @Test func oneThatCannotBeStartedCountsAsAFailure() {
        var group = ServiceGroup([Self.service("a")], at: Self.start)
        _ = group.handle(.tick, at: Self.at(0))
        #expect(
            group.handle(.notSpawned(0, reason: "no memory"), at: Self.at(0)) == [
                .warn(0, "cannot be started: no memory: starting it again in 0.000 ms"), .spawn(0),
            ])
    }

    @Test func nothingIsStartedWhileTheContainerStops() {
        var group = ServiceGroup(
            [Self.service("a"), Self.service("b", .exit, after: [0])], at: Self.start)
        _ = group.handle(.tick, at: Self.at(0))
        _ = group.handle(.spawned(0, process: 7), at: Self.at(0))
        group.stop()
        #expect(group.stopWaves == [[0]])
        #expect(group.handle(.ended(0, .exited(1)), at: Self.at(1)) == [])
        #expect(group.handle(.tick, at: Self.at(100_000)) == [])
        #expect(group.nextDeadline == nil && group.stopWaves == [])
    }
}

@Suite struct SessionMembersTests {
    /// Processes as number, parent and uid; those that are apart; the session.
    @Test(
        arguments: [
            ([], [], []),
            ([(1, 0, 0), (10, 1, 1000), (11, 10, 1000), (12, 11, 1000)], [], [10, 11, 12]),
            // Another uid, and an orphan that PID 1 adopted.
            ([(1, 0, 0), (10, 1, 900), (11, 1, 1000)], [], [11]),
            // docker exec --user, with a child.
            ([(1, 0, 0), (20, 0, 1000), (21, 20, 1000), (22, 1, 1000)], [], [22]),
            // A service of the agent's uid with all below it.
            ([(1, 0, 0), (30, 1, 1000), (31, 30, 1000), (32, 1, 1000)], [30], [32]),
            // A parent that is gone already.
            ([(1, 0, 0), (41, 40, 1000)], [], [41]),
            // Numbers that make no tree end all the same.
            ([(50, 51, 1000), (51, 50, 1000)], [], []),
        ] as [([(CInt, CInt, UInt32)], [CInt], [CInt])])
    func select(all: [(CInt, CInt, UInt32)], apart: [CInt], members: [CInt]) {
        let entries = all.map { ProcessEntry(process: $0.0, parent: $0.1, user: $0.2) }
        #expect(
            SessionMembers.select(entries, user: 1000, apartFrom: Set(apart)) == members)
    }
}

@Suite struct ServiceRemainsTests {
    /// Processes as number, parent, uid and session: 50 was the service, of uid 33.
    private static let all = [
        (1, 0, 0, 0), (60, 1, 33, 60), (61, 60, 33, 60), (62, 1, 33, 50), (63, 1, 1000, 63),
        // docker exec --user, with a child.
        (70, 0, 33, 70), (71, 70, 33, 70),
    ].map {
        ProcessEntry(
            process: CInt($0.0), parent: CInt($0.1), user: UInt32($0.2), session: CInt($0.3))
    }

    @Test func allOfItsUidAndElseOfItsSession() {
        func remains(_ session: CInt, _ user: UInt32?, apartFrom own: Set<CInt> = []) -> [CInt] {
            ServiceRemains.select(Self.all, session: session, user: user, apartFrom: own)
        }
        #expect(remains(50, 33) == [60, 61, 62])
        #expect(remains(50, 33, apartFrom: [60]) == [62])
        #expect(remains(50, nil) == [62])
        #expect(remains(51, nil) == [])
    }

    @Test func aUidThatAnotherHasIsNotItsOwn() {
        let users: [UInt32?] = [33, 34, 33, nil, 0, 1000]
        let own = users.indices.map {
            ServiceRemains.ownUser(of: $0, among: users, besides: [1000])
        }
        #expect(own == [nil, 34, nil, nil, nil, nil])
    }

    @Test func theUidIsInTheCage() {
        func user(_ cage: [String]) -> UInt32? {
            ServiceSpecification(name: "a", command: ["x"], cage: cage).user
        }
        #expect(user(["--uid", "33", "--gid", "34", "--seccomp", "agent", "--"]) == 33)
        #expect(user([]) == nil)
    }
}
