import Control
import Linux
import Testing

@testable import Supervision

@Suite struct ShutdownTests {
    private static let start = Instant(nanoseconds: 0)

    /// An event with what must come of it.
    private struct Step {
        let event: Shutdown.Event
        let actions: [Shutdown.Action]
        /// Milliseconds from the event to the deadline; nil when there is none.
        let deadline: Milliseconds?

        init(_ event: Shutdown.Event, _ actions: [Shutdown.Action], _ deadline: Milliseconds?) {
            (self.event, self.actions, self.deadline) = (event, actions, deadline)
        }
    }

    /// As another program image of PID 1 goes on from it.
    private static func passedOn(_ shutdown: Shutdown) -> Shutdown {
        var writer = RecordWriter()
        shutdown.write(to: &writer)
        var reader = RecordReader(writer.octets)
        guard let read = try? Shutdown(from: &reader), (try? reader.end()) != nil else {
            Issue.record("it does not come back: \(shutdown)")
            return shutdown
        }
        #expect(read == shutdown)
        return read
    }

    /// Ten milliseconds lie between the steps, and a trap.
    private static func walk(
        _ situation: Shutdown.Situation = .init(agentRuns: true, hasSession: true),
        grace: Shutdown.Grace = .init(), steps: [Step]
    ) {
        var shutdown = Shutdown(grace: grace)
        var now = start
        for (index, step) in steps.enumerated() {
            now = now + Milliseconds(10)
            #expect(
                shutdown.handle(step.event, situation, at: now) == step.actions, "step \(index)")
            #expect(shutdown.deadline == step.deadline.map { now + $0 }, "step \(index)")
            shutdown = passedOn(shutdown)
        }
    }

    @Test func nothingHappensWhileItRuns() {
        Self.walk(steps: [
            Step(.agentEnded(3), [], nil), Step(.alone, [], nil), Step(.deadline, [], nil),
            Step(.sessionEmpty, [], nil), Step(.serviceEnded(0), [], nil), Step(.synced, [], nil),
        ])
        #expect(!Shutdown().isStopping)
    }

    @Test func anObedientAgentEndsWithItsOwnCode() {
        Self.walk(steps: [
            Step(
                .requested(.terminate), [.stopAgent(.terminate, within: 6_300)], 6_300),
            Step(.agentEnded(3), [.endSession(within: 400)], 400),
            Step(.sessionEmpty, [.endOthers(within: 400)], 400),
            Step(.alone, [.sync(within: 500)], 500),
            Step(.synced, [.exit(3)], nil),
            Step(.synced, [], nil), Step(.requested(.terminate), [], nil),
        ])
    }

    /// The agent's code, what stopped it, the container's code.
    @Test(arguments: [
        (0, Signal.terminate, 0), (1, .terminate, 1), (255, .terminate, 255),
        (143, .terminate, 143), (129, .terminate, 143), (137, .terminate, 143),
        (130, .terminate, 130), (134, .terminate, 134), (139, .terminate, 139),
        (130, .interrupt, 130), (143, .interrupt, 130), (131, .quit, 131), (129, .quit, 131),
    ])
    func theCodeOfTheContainer(agent: CInt, signal: Signal, code: CInt) {
        var shutdown = Shutdown()
        let situation = Shutdown.Situation(agentRuns: true, hasSession: true)
        for event in [.requested(signal), .agentEnded(agent), .sessionEmpty, .alone]
            as [Shutdown.Event]
        {
            _ = shutdown.handle(event, situation, at: Self.start)
        }
        #expect(shutdown.handle(.synced, situation, at: Self.start) == [.exit(code)])
    }

    /// Whatever number it is: no signal ended it.
    @Test(arguments: [0, 3, 129, 137, 143] as [CInt])
    func aCodeOfTheAgentsOwnIsKept(code: CInt) {
        Self.walk(steps: [
            Step(.requested(.terminate), [.stopAgent(.terminate, within: 6_300)], 6_300),
            Step(.agentEnded(code, isOwn: true), [.endSession(within: 400)], 400),
            Step(.sessionEmpty, [.endOthers(within: 400)], 400),
            Step(.alone, [.sync(within: 500)], 500), Step(.synced, [.exit(code)], nil),
        ])
    }

    /// A trap between the last step and the end.
    @Test func whatIsDoneEndsAllTheSame() {
        var shutdown = Shutdown()
        let situation = Shutdown.Situation(agentRuns: true, hasSession: true)
        for event in [.requested(.terminate), .agentEnded(3), .sessionEmpty, .alone]
            as [Shutdown.Event]
        {
            _ = shutdown.handle(event, situation, at: Self.start)
            #expect(Self.passedOn(shutdown).leftToDo == [])
        }
        _ = shutdown.handle(.synced, situation, at: Self.start)
        #expect(Self.passedOn(shutdown).leftToDo == [.exit(3)])
    }

    @Test func withoutASessionEverythingElseGoesAtOnce() {
        Self.walk(
            .init(),
            steps: [
                Step(.requested(.terminate), [.endOthers(within: 400)], 400),
                Step(.alone, [.sync(within: 500)], 500), Step(.synced, [.exit(143)], nil),
            ])
    }

    @Test func withoutAnAgentTheShellsGoFirst() {
        Self.walk(
            .init(hasSession: true),
            steps: [
                Step(.requested(.terminate), [.endSession(within: 400)], 400),
                Step(.deadline, [.killSession], 200),
                Step(.deadline, [.endOthers(within: 400)], 400),
            ])
    }

    @Test func whatDoesNotObeyIsKilled() {
        Self.walk(
            .init(agentRuns: true, hasSession: true, services: [[.init(4, grace: 50)]]),
            grace: .init(agent: 1_000),
            steps: [
                Step(.requested(.interrupt), [.stopAgent(.interrupt, within: 1_000)], 1_000),
                Step(.alone, [], 990),
                Step(.deadline, [.killSession], 200),
                Step(.deadline, [.stopService(4, within: 50)], 50),
                Step(.requested(.interrupt), [.killService(4), .endOthers(within: 400)], 400),
                Step(.deadline, [.killOthers], 200),
                Step(.deadline, [.sync(within: 500)], 500),
                Step(.deadline, [.exit(130)], nil), Step(.deadline, [], nil),
            ])
    }

    @Test func servicesGoInWaves() {
        let waves: [[Shutdown.Situation.Service]] = [
            [.init(2, grace: 1_000), .init(1, grace: 10)], [.init(0, grace: 500)],
        ]
        Self.walk(
            .init(services: waves),
            steps: [
                Step(
                    .requested(.terminate),
                    [.stopService(2, within: 1_000), .stopService(1, within: 10)], 10),
                Step(.deadline, [.killService(1)], 990),
                Step(.serviceEnded(2), [], 200),
                Step(.serviceEnded(1), [.stopService(0, within: 500)], 500),
                Step(.serviceEnded(0), [.endOthers(within: 400)], 400),
            ])
        // One that has ended meanwhile is not stopped.
        Self.walk(
            .init(services: waves),
            steps: [
                Step(
                    .requested(.terminate),
                    [.stopService(2, within: 1_000), .stopService(1, within: 10)], 10),
                Step(.serviceEnded(0), [], 0),
                Step(.serviceEnded(1), [], 980),
                Step(.serviceEnded(2), [.endOthers(within: 400)], 400),
            ])
        // One that SIGKILL does not end is left to the end.
        Self.walk(
            .init(services: [[.init(0, grace: 0)]]),
            steps: [
                Step(.requested(.terminate), [.stopService(0, within: 0)], 0),
                Step(.deadline, [.killService(0)], 200),
                Step(.deadline, [.endOthers(within: 400)], 400),
            ])
    }

    @Test func gracesAreShortenedSoThatTheTotalHolds() {
        // 8000 - 1100 for the end - 600 for the session leaves 6300.
        let waves: [[Shutdown.Situation.Service]] = [
            [.init(0, grace: 3_000)], [.init(1, grace: 3_600)],
        ]
        var shutdown = Shutdown()
        let both = Shutdown.Situation(agentRuns: true, hasSession: true, services: waves)
        // The agent has no grace of its own: half of it is the least that it gets.
        #expect(
            shutdown.handle(.requested(.terminate), both, at: Self.start)
                == [.stopAgent(.terminate, within: 3_150)])
        // Services get of their 7000 what is left: 8000 - 3750 - 1100.
        let later = Self.start + Milliseconds(3_750)
        _ = shutdown.handle(.deadline, both, at: later)
        let actions = shutdown.handle(.sessionEmpty, both, at: later)
        #expect(actions == [.stopService(0, within: Milliseconds(nanoseconds: 1_350_000_000))])

        // With one of its own, both are shortened alike: 6000 + 7000 in 6300.
        var other = Shutdown(grace: .init(agent: 6_000))
        #expect(
            other.handle(.requested(.terminate), both, at: Self.start)
                == [.stopAgent(.terminate, within: Milliseconds(nanoseconds: 2_907_692_307))])
    }

    @Test func askedAgainItHurriesAndThenKills() {
        Self.walk(steps: [
            Step(.requested(.terminate), [.stopAgent(.terminate, within: 6_300)], 6_300),
            Step(.requested(.interrupt), [.killSession], 200),
            Step(.agentEnded(9), [], 190),
            Step(.requested(.terminate), [.killOthers], 200),
            Step(.requested(.terminate), [], 190),
            Step(.alone, [.sync(within: 500)], 500),
            Step(.requested(.terminate), [.exit(143)], nil),
        ])
    }

    /// What the command's code means is then for who gave the command to say.
    @Test func whoseTheCodeIs() {
        let situation = Shutdown.Situation(agentRuns: true, hasSession: true)
        for (event, isAgents) in [
            (Shutdown.Event.requested(.terminate), true), (.over(69), false),
        ] {
            var shutdown = Shutdown()
            _ = shutdown.handle(event, situation, at: Self.start)
            _ = shutdown.handle(.requested(.interrupt), situation, at: Self.start)
            #expect(shutdown.endsAsAgent == isAgents)
        }
    }

    @Test func theContainerMayEndForAReasonOfItsOwn() {
        Self.walk(
            .init(hasSession: true),
            steps: [
                Step(.over(7), [.endSession(within: 400)], 400), Step(.over(8), [], 390),
                Step(.agentEnded(8), [], 380), Step(.sessionEmpty, [.endOthers(within: 400)], 400),
                Step(.alone, [.sync(within: 500)], 500), Step(.synced, [.exit(7)], nil),
            ])
        // The agent has its time all the same, and its code is not the container's.
        Self.walk(steps: [
            Step(.over(69), [.stopAgent(.terminate, within: 6_300)], 6_300),
            Step(.agentEnded(0), [.endSession(within: 400)], 400),
            // The first that asks from outside hurries nothing.
            Step(.requested(.terminate), [], 390),
            Step(.requested(.terminate), [.killSession], 200),
            Step(.sessionEmpty, [.endOthers(within: 400)], 400),
            Step(.alone, [.sync(within: 500)], 500), Step(.synced, [.exit(69)], nil),
        ])
    }

    /// Whatever comes in whatever order, at whatever times, it is over within the total and ends
    /// once, with nothing after it.
    @Test func randomEventsAlwaysEndWithinTheTotal() {
        var generator = Generator(state: 0x1234_5678_9abc_def1)
        for round in 0..<5_000 {
            let total = [1_000, 1_500, 3_000, 8_000, 60_000].randomElement(using: &generator)!
            let agent = [nil, 0, 1, 500, total].randomElement(using: &generator)!
            let waves = (0..<Int.random(in: 0...4, using: &generator)).map { wave in
                (0..<Int.random(in: 1...3, using: &generator)).map { place in
                    Shutdown.Situation.Service(
                        wave * 3 + place,
                        grace: Milliseconds(
                            [0, 10, 2_000, 600_000].randomElement(using: &generator)!))
                }
            }
            let situation = Shutdown.Situation(
                agentRuns: Bool.random(using: &generator),
                hasSession: Bool.random(using: &generator), services: waves)
            var shutdown = Shutdown(
                grace: .init(total: Milliseconds(total), agent: agent.map { Milliseconds($0) }))
            var now = Self.start
            var ended: [CInt] = []
            func note(_ actions: [Shutdown.Action]) {
                for case .exit(let code) in actions { ended.append(code) }
            }
            note(
                shutdown.handle(
                    Bool.random(using: &generator) ? .requested(.terminate) : .over(69), situation,
                    at: now))
            for _ in 0..<200 where ended.isEmpty {
                if round.isMultiple(of: 100) { shutdown = Self.passedOn(shutdown) }
                guard let deadline = shutdown.deadline else { break }
                // An event before the deadline, or the deadline when it is due.
                let wait = deadline.since(now)
                let early = wait.scaled(Int64.random(in: 0..<100, using: &generator), 100)
                switch Int.random(in: 0..<10, using: &generator) {
                case 0:
                    now = now + early
                    note(
                        shutdown.handle(
                            .serviceEnded(Int.random(in: 0..<12, using: &generator)), situation,
                            at: now))
                case 1:
                    now = now + early
                    note(shutdown.handle(.agentEnded(3), situation, at: now))
                case 2:
                    now = now + early
                    note(shutdown.handle(.sessionEmpty, situation, at: now))
                case 3 where Int.random(in: 0..<10, using: &generator) == 0:
                    now = now + early
                    note(shutdown.handle(.requested(.terminate), situation, at: now))
                case 4:
                    now = now + early
                    note(shutdown.handle(.alone, situation, at: now))
                case 5:
                    now = now + early
                    note(shutdown.handle(.synced, situation, at: now))
                default:
                    now = max(now, deadline)
                    note(shutdown.handle(.deadline, situation, at: now))
                }
            }
            #expect(ended.count == 1, "round \(round)")
            #expect(now <= Self.start + Milliseconds(total + 1), "round \(round): \(now)")
            #expect(shutdown.deadline == nil)
            let after = shutdown.handle(.deadline, situation, at: now)
            #expect(after == [])
        }
    }
}

/// xorshift64: the same rounds in every run.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
