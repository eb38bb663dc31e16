import Linux
import Testing

@testable import Supervision

@Suite struct WatchdogTests {
    /// Milliseconds of the clocks.
    private static func reading(
        _ now: Int, sinceBoot: Int? = nil, processor: Int = 0, waits: Int = 0
    ) -> Watchdog.Reading {
        .init(
            now: Instant(nanoseconds: 0) + Milliseconds(now),
            sinceBoot: Instant(nanoseconds: 0) + Milliseconds(sinceBoot ?? now),
            processor: Milliseconds(processor), waits: waits)
    }

    @Test(arguments: [0, 1, 249, 250])
    func whatIsQuickIsNoStall(time: Int) {
        var watchdog = Watchdog()
        watchdog.awake(at: Self.reading(1000), due: nil)
        #expect(!watchdog.isLate(at: Self.reading(1000 + time).now))
        #expect(watchdog.stalls("grants", at: Self.reading(1000 + time)) == [])
    }

    @Test(arguments: [
        (reading(1251, processor: 251), Watchdog.Cause.busy, 251),
        (reading(2000, processor: 500), .busy, 1000),
        (reading(2000, processor: 499, waits: 1), .waited, 1000),
        (reading(2000, processor: 499), .notScheduled, 1000),
    ])
    func aStallHasACause(end: Watchdog.Reading, cause: Watchdog.Cause, time: Int) {
        var watchdog = Watchdog()
        watchdog.awake(at: Self.reading(1000), due: nil)
        #expect(watchdog.isLate(at: end.now))
        #expect(
            watchdog.stalls("grants", at: end)
                == [.init(event: "grants", time: Milliseconds(time), cause: cause)])
        #expect(!watchdog.isLate(at: end.now))
    }

    @Test(arguments: [(250, []), (251, [251]), (9000, [9000])])
    func aWaitThatWasInterruptedWasAStop(time: Int, stalls: [Int]) {
        var watchdog = Watchdog()
        watchdog.awake(at: Self.reading(1000), due: nil)
        let end = Self.reading(1000 + time)
        watchdog.awake(at: end, due: nil, wasInterrupted: true)
        let expected = stalls.map {
            Watchdog.Stall(event: "waiting", time: Milliseconds($0), cause: .stopped)
        }
        #expect(watchdog.stalls("signals", at: end) == expected)
        // The same without an interruption was a wait for nothing.
        watchdog.awake(at: Self.reading(20_000), due: nil)
        #expect(watchdog.stalls("signals", at: Self.reading(20_000)) == [])
    }

    @Test func aReadingIsFreshForTenMilliseconds() {
        var watchdog = Watchdog()
        #expect(!watchdog.isFresh(at: Self.reading(0).now))
        watchdog.awake(at: Self.reading(1000), due: nil)
        #expect(watchdog.isFresh(at: Self.reading(1009).now))
        #expect(!watchdog.isFresh(at: Self.reading(1010).now))
        // An event after a wait without a reading is timed from the wait's end all the same.
        watchdog.handled(at: Self.reading(1009).now)
        #expect(!watchdog.isLate(at: Self.reading(1259).now))
        #expect(watchdog.isLate(at: Self.reading(1260).now))
        // A machine that slept meanwhile is noticed by the next whole reading.
        watchdog.handled(at: Self.reading(1260).now)
        watchdog.awake(at: Self.reading(1270, sinceBoot: 9000), due: nil)
        #expect(
            watchdog.stalls("grants", at: Self.reading(1270, sinceBoot: 9000)).map(\.cause)
                == [.suspended])
    }

    @Test func eachEventHasItsOwnTime() {
        var watchdog = Watchdog()
        watchdog.awake(at: Self.reading(0), due: nil)
        for event in 1...10 {
            let end = Self.reading(200 * event)
            #expect(!watchdog.isLate(at: end.now))
            watchdog.handled(at: end.now)
        }
        #expect(watchdog.isLate(at: Self.reading(2300).now))
    }

    @Test(
        arguments: [
            // due, woken, expected
            (5000, reading(5250), nil),
            (
                5000, reading(5251),
                Watchdog.Stall(event: "waiting", time: 251, cause: .notScheduled)
            ),
            // One wait is its own, a second is somebody's who stopped it.
            (
                5000, reading(9000, waits: 1),
                .init(event: "waiting", time: 4000, cause: .notScheduled)
            ),
            (5000, reading(9000, waits: 2), .init(event: "waiting", time: 4000, cause: .waited)),
            (nil, reading(99_000), nil),
            (
                nil, reading(2000, sinceBoot: 3_602_000),
                .init(event: "waiting", time: 3_600_000, cause: .suspended)
            ),
        ] as [(Int?, Watchdog.Reading, Watchdog.Stall?)])
    func wakingLate(due: Int?, woken: Watchdog.Reading, stall: Watchdog.Stall?) {
        var watchdog = Watchdog()
        watchdog.awake(at: Self.reading(0), due: nil)
        watchdog.awake(
            at: woken, due: due.map { Instant(nanoseconds: 0) + Milliseconds($0) })
        #expect(watchdog.isLate(at: woken.now) == (stall != nil))
        #expect(watchdog.stalls("grants", at: woken) == (stall.map { [$0] } ?? []))
    }

    @Test func aLineSaysWhatAndWhy() {
        let stall = Watchdog.Stall(event: "a request", time: 312, cause: .busy)
        #expect(stall.description == "PID 1 stood still for 312 ms at a request: it was computing")
    }
}

@Suite struct HeartbeatTests {
    private static func moment(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: 0) + Milliseconds(milliseconds)
    }

    @Test func aServiceThatAnswersIsAskedAgain() {
        var heartbeat = Heartbeat()
        #expect(heartbeat.due == nil)
        heartbeat.started(at: Self.moment(0))
        #expect(heartbeat.check(7, at: Self.moment(29_999)) == .none)
        #expect(heartbeat.check(7, at: Self.moment(30_000)) == .ask)
        #expect(heartbeat.due == Self.moment(35_000))
        #expect(heartbeat.check(8, at: Self.moment(35_000)) == .none)
        #expect(heartbeat.due == Self.moment(65_000))
        #expect(heartbeat.check(8, at: Self.moment(65_000)) == .ask)
    }

    @Test func oneThatDoesNotIsReplaced() {
        var heartbeat = Heartbeat()
        heartbeat.started(at: Self.moment(0))
        #expect(heartbeat.check(7, at: Self.moment(30_000)) == .ask)
        #expect(heartbeat.check(7, at: Self.moment(34_999)) == .none)
        #expect(heartbeat.check(7, at: Self.moment(35_000)) == .replace)
        #expect(heartbeat.due == nil)
        #expect(heartbeat.check(7, at: Self.moment(99_000)) == .none)
    }

    /// A container that was paused had no time to answer.
    @Test func whoWakesLateAsksAgain() {
        var heartbeat = Heartbeat()
        heartbeat.started(at: Self.moment(0))
        #expect(heartbeat.check(7, at: Self.moment(30_000)) == .ask)
        #expect(heartbeat.check(7, at: Self.moment(95_000)) == .ask)
        #expect(heartbeat.check(7, at: Self.moment(100_001)) == .replace)
    }

    @Test func oneThatEndsOrStartsIsNotAsked() {
        var heartbeat = Heartbeat()
        heartbeat.started(at: Self.moment(0))
        #expect(heartbeat.check(7, at: Self.moment(30_000)) == .ask)
        heartbeat.stopped()
        #expect(heartbeat.due == nil && heartbeat.check(7, at: Self.moment(35_000)) == .none)
        heartbeat.started(at: Self.moment(40_000))
        #expect(heartbeat.check(7, at: Self.moment(70_000)) == .ask)
    }
}

@Suite struct ProgramVersionTests {
    @Test(arguments: [
        ("0.1.0", "0.1.0", false), ("0.1.0", "0.1.1", true), ("0.9.0", "0.10.0", true),
        ("1.0.0", "0.99.99", false), ("0.2.0", "1.0.0", true),
    ])
    func order(left: String, right: String, isOlder: Bool) throws {
        let (left, right) = (
            try #require(ProgramVersion(left)), try #require(ProgramVersion(right))
        )
        #expect((left < right) == isOlder)
    }

    @Test(arguments: [
        "", "1", "1.2", "1.2.3.4", "1.2.", ".1.2", "1.2.x", "1.2.-3", "1.2.3-rc1", "1.2.3 ",
        "v1.2.3",
        "1.2.99999999999", "+1.2.3", "１.2.3",
    ])
    func whatIsNone(text: String) { #expect(ProgramVersion(text) == nil) }

    @Test(arguments: [
        ("codetainer 0.2.0\n", "0.2.0"), ("codetainer 0.2.0", nil), ("0.2.0\n", nil), ("", nil),
        ("codetainer 0.2.0\n\n", nil), ("x\ncodetainer 0.2.0\n", nil),
        ("codetainer: cannot go on from this state: otherFormat(4)\n", nil),
    ])
    func answers(answer: String, version: String?) {
        #expect(ProgramVersion(answer: answer)?.description == version)
    }
}
