import Linux
import Supervision
import Testing

@Suite struct ServiceLifecycleTests {
    private static let start = Instant(nanoseconds: 1_000_000_000)

    /// Milliseconds from each failure to the start that follows, failing again at once.
    private static func pauses(_ count: Int) -> [Milliseconds] {
        var lifecycle = ServiceLifecycle()
        var now = start
        return (0..<count).map { _ in
            lifecycle.failed(at: now)
            let due = lifecycle.due ?? now
            let pause = due.since(now)
            now = due
            lifecycle.restarted()
            return pause
        }
    }

    @Test func theFirstThreeAreMendedAtOnceThenPausesGrow() {
        #expect(
            Self.pauses(8) == [0, 0, 0, 20, 20, 20, 20, 20])
    }

    @Test func aFailureLongAfterTheLastStartsANewSeries() {
        var lifecycle = ServiceLifecycle()
        for _ in 0..<10 { lifecycle.failed(at: Self.start) }
        #expect(lifecycle.due == Self.start + 20)
        var within = lifecycle
        within.failed(at: Self.start + 9_999)
        #expect(within.due == Self.start + (9_999 + 20))
        lifecycle.failed(at: Self.start + 10_000)
        #expect(lifecycle.due == Self.start + 10_000)
    }

    /// A series of five failures is a required service's last.
    @Test func aRequiredServiceIsGivenUp() {
        var lifecycle = ServiceLifecycle(pauses: .requiredService)
        var now = Self.start
        var pauses: [Milliseconds] = []
        for _ in 0..<4 {
            let isDue = lifecycle.failed(at: now)
            #expect(isDue)
            let due = lifecycle.due ?? now
            pauses.append(due.since(now))
            now = due
            lifecycle.restarted()
        }
        #expect(pauses == [0, 100, 200, 400])
        let isDue = lifecycle.failed(at: now)
        #expect(!isDue && lifecycle.due == nil && lifecycle.series == 5)
        // Failures that lie apart are no series.
        var patient = ServiceLifecycle(pauses: .requiredService)
        for count in 0..<20 {
            let isDue = patient.failed(at: Self.start + count * 30_000)
            #expect(isDue)
        }
        // Another service is never given up; its pauses have a ceiling.
        var other = ServiceLifecycle(pauses: .service)
        for _ in 0..<100 { other.failed(at: Self.start) }
        #expect(other.due == Self.start + 5_000)
    }

    @Test func countsRestarts() {
        var lifecycle = ServiceLifecycle(restarts: 41)
        #expect(lifecycle.due == nil)
        lifecycle.failed(at: Self.start)
        #expect(lifecycle.restarts == 41 && lifecycle.due == Self.start)
        lifecycle.restarted()
        #expect(lifecycle.restarts == 42 && lifecycle.due == nil)
    }
}

extension Instant {
    fileprivate static func + (instant: Instant, milliseconds: Int) -> Instant {
        instant + Milliseconds(milliseconds)
    }
}
