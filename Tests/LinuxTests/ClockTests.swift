import Linux
import Testing

@Suite struct ClockTests {
    @Test(arguments: [
        (0, "0.000"), (999, "0.000"), (1_000, "0.001"), (12_345_678, "12.345"),
        (-1, "0.000"), (60_000_000_000, "60000.000"),
    ])
    func showsMicroseconds(nanoseconds: Int64, text: String) {
        #expect(Milliseconds(nanoseconds: nanoseconds).decimal == text)
    }

    @Test func instantsAddAndSubtract() {
        let start = Instant(nanoseconds: 5)
        let later = start + .seconds(2)
        #expect(later.nanoseconds == 2_000_000_005)
        #expect(later.since(start) == 2_000)
        #expect(start < later)
        #expect(!(later < start))
    }

    @Test func theOtherClockCountsSuspensionsToo() {
        let start = BootInstant(nanoseconds: 5)
        let later = start + .seconds(2)
        #expect(later.nanoseconds == 2_000_000_005 && later.since(start) == 2_000)
        #expect(start < later && !(later < start))
        // It is never behind the clock that stands still meanwhile.
        let awake = Instant.now.nanoseconds
        #expect(BootInstant.now.nanoseconds >= awake)
    }
}
