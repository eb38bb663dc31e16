import Testing

@testable import Linux

@Suite struct ProcessAgeTests {
    private static let rest = "S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 4711 1000 5"

    @Test(
        arguments: [
            ("12 (bash) \(rest)\n", 4711),
            // The name is the process's own.
            ("12 (a) R 1 (b) \(rest)", 4711),
            ("12 (bash) S 1 2", nil),
            ("12 bash", nil),
            ("", nil),
        ] as [(String, Int64?)])
    func startIsTheTwentySecondField(text: String, ticks: Int64?) {
        #expect(ProcessAge.start(parsing: text) == ticks)
    }

    @Test func ownAgeIsLessThanTheFirstProcesss() throws {
        let own = try #require(ProcessAge.seconds(of: System.processID))
        let first = try #require(ProcessAge.seconds(of: 1))
        #expect(own >= 0 && own <= first)
        #expect(ProcessAge.seconds(of: 0) == nil)
    }
}
