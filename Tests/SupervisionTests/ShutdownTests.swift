import Linux
import Supervision
import Testing

@Suite struct ShutdownTests {
    private static let start = Instant(nanoseconds: 0)
    private static let everyone: [Shutdown.Action] = [
        .signalEveryone(.terminate), .signalEveryone(.hangUp),
    ]

    /// An event with what must come of it; the agent runs until it has ended.
    private struct Step {
        let event: Shutdown.Event
        let actions: [Shutdown.Action]
        /// Milliseconds from the event to the deadline; nil when there is none.
        let deadline: Milliseconds?
    }

    private static func walk(agentRuns: Bool = true, _ steps: [Step]) {
        var shutdown = Shutdown()
        var agentRuns = agentRuns
        var now = start
        for step in steps {
            now = now + Milliseconds(10)
            if case .agentEnded = step.event { agentRuns = false }
            #expect(shutdown.handle(step.event, agentRuns: agentRuns, at: now) == step.actions)
            #expect(shutdown.deadline == step.deadline.map { now + $0 })
        }
    }

    @Test func nothingHappensWhileItRuns() {
        Self.walk([
            Step(event: .agentEnded(3), actions: [], deadline: nil),
            Step(event: .alone, actions: [], deadline: nil),
            Step(event: .deadline, actions: [], deadline: nil),
        ])
        #expect(!Shutdown().isStopping)
    }

    @Test func anObedientAgentEndsWithItsOwnCode() {
        Self.walk([
            Step(
                event: .requested(.terminate), actions: [.signalAgent(.terminate)],
                deadline: 6_000),
            Step(event: .agentEnded(3), actions: Self.everyone, deadline: 400),
            Step(event: .alone, actions: [.exit(3)], deadline: nil),
            Step(event: .alone, actions: [], deadline: nil),
            Step(event: .requested(.terminate), actions: [], deadline: nil),
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
        let first = shutdown.handle(.requested(signal), agentRuns: true, at: Self.start)
        #expect(first == [.signalAgent(signal)])
        _ = shutdown.handle(.agentEnded(agent), agentRuns: false, at: Self.start)
        #expect(shutdown.handle(.alone, agentRuns: false, at: Self.start) == [.exit(code)])
    }

    @Test func withoutAnAgentEverythingElseGoesAtOnce() {
        Self.walk(
            agentRuns: false,
            [
                Step(event: .requested(.terminate), actions: Self.everyone, deadline: 400),
                Step(event: .alone, actions: [.exit(143)], deadline: nil),
            ])
    }

    @Test func whatDoesNotObeyIsKilled() {
        Self.walk([
            Step(
                event: .requested(.interrupt), actions: [.signalAgent(.interrupt)],
                deadline: 6_000),
            Step(event: .alone, actions: [], deadline: 5_990),
            Step(event: .deadline, actions: Self.everyone, deadline: 400),
            Step(event: .deadline, actions: [.signalEveryone(.kill)], deadline: 200),
            Step(event: .deadline, actions: [.exit(130)], deadline: nil),
            Step(event: .deadline, actions: [], deadline: nil),
        ])
    }

    @Test func whatIsKilledMayEndBeforeTheDeadline() {
        Self.walk(
            agentRuns: false,
            [
                Step(event: .requested(.terminate), actions: Self.everyone, deadline: 400),
                Step(event: .deadline, actions: [.signalEveryone(.kill)], deadline: 200),
                Step(event: .alone, actions: [.exit(143)], deadline: nil),
            ])
    }

    @Test func askedAgainItHurries() {
        Self.walk([
            Step(
                event: .requested(.terminate), actions: [.signalAgent(.terminate)],
                deadline: 6_000),
            Step(event: .requested(.interrupt), actions: Self.everyone, deadline: 400),
            Step(event: .agentEnded(9), actions: [], deadline: 390),
            Step(
                event: .requested(.terminate), actions: [.signalEveryone(.kill)], deadline: 200),
            Step(event: .requested(.terminate), actions: [], deadline: 190),
            Step(event: .alone, actions: [.exit(143)], deadline: nil),
        ])
    }

    @Test func theContainerMayEndWithItsAgent() {
        var shutdown = Shutdown()
        #expect(shutdown.endAfterAgent(code: 7, at: Self.start) == Self.everyone)
        #expect(shutdown.isStopping)
        #expect(shutdown.endAfterAgent(code: 8, at: Self.start) == [])
        #expect(shutdown.handle(.agentEnded(8), agentRuns: false, at: Self.start) == [])
        #expect(shutdown.handle(.alone, agentRuns: false, at: Self.start) == [.exit(7)])
        #expect(shutdown.isStopping)
    }

    @Test func gracesAreGiven() {
        var grace = Shutdown.Grace()
        grace.agent = 1
        grace.others = 2
        var shutdown = Shutdown(grace: grace)
        _ = shutdown.handle(.requested(.terminate), agentRuns: true, at: Self.start)
        #expect(shutdown.deadline == Self.start + Milliseconds(1))
        _ = shutdown.handle(.deadline, agentRuns: true, at: Self.start)
        #expect(shutdown.deadline == Self.start + Milliseconds(2))
    }
}
