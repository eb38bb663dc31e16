import Testing

@testable import Filesystem

@Suite struct MemoryLimitTests {
    @Test(
        arguments: [
            ("536870912\n", 536_870_912), ("0\n", 0), ("max\n", nil),
            ("9223372036854771712\n", nil),
            ("", nil), ("-1\n", nil), ("many\n", nil),
        ] as [(String, Int?)])
    func isReadAsBothVersionsShowIt(text: String, limit: Int?) {
        #expect(MemoryLimit.parse(text) == limit)
    }
}
