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
