import Linux
import Testing

@Suite struct WallTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-21T16:31:13Z", 1_795_278_673),
        ("2026-11-21t16:31:13.045z", 1_795_278_673), ("2026-11-21T18:31:13+02:00", 1_795_278_673),
        ("2026-11-21T14:01:13.9-02:30", 1_795_278_673), ("2000-02-29T00:00:00Z", 951_782_400),
        ("2024-12-31T23:59:60Z", 1_735_689_600), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func isRead(text: String, seconds: Int64) {
        #expect(WallTime(timestamp: text) == WallTime(seconds: seconds))
    }

    /// What is written is read again, on every kind of day.
    @Test func isWhatWasWritten() {
        for seconds in stride(from: Int64(0), to: 8_000_000_000, by: 9_999_991) {
            let time = WallTime(seconds: seconds)
            #expect(WallTime(timestamp: time.timestamp) == time)
        }
    }

    @Test(arguments: [
        "", "10m", "2026-11-21", "2026-11-21 16:31:13Z", "2026-11-21T16:31:13",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T16:60:00Z",
        "2026-11-21T16:31:61Z", "2026-11-21T16:31:13.Z", "2026-11-21T16:31:13+0200",
        "2026-11-21T16:31:13+02:60", "1969-12-31T23:59:59Z", "2026-11-21T16:31:13ZZ",
        "2026-11-2aT16:31:13Z", "２026-11-21T16:31:13Z",
    ])
    func isRefused(text: String) { #expect(WallTime(timestamp: text) == nil) }
}
