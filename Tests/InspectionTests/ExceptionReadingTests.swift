import Testing

@testable import Inspection

@Suite struct ExceptionReadingTests {
    private static let text =
        "up.test\n!no.up.test # /opt/network/domains.conf:12\n!a.test # codetainer deny\n"

    @Test(
        arguments: [
            ("no.up.test", "!no.up.test, /opt/network/domains.conf:12"),
            ("z.no.up.test", "!no.up.test, /opt/network/domains.conf:12"),
            ("a.test", "!a.test, codetainer deny"), ("up.test", nil), ("ano.up.test", nil),
            ("a\\032b", nil), ("", nil),
        ] as [(String, String?)])
    func theExceptionOverAName(name: String, exception: String?) {
        #expect(ExceptionReading(text: Array(Self.text.utf8)).forbidding(name) == exception)
    }

    @Test(arguments: [[], [0x21], Array("!!\n!".utf8), Array("b.test\n".utf8)] as [[UInt8]])
    func whatIsNoneForbidsNothing(text: [UInt8]) {
        #expect(ExceptionReading(text: text).forbidding("a.test") == nil)
    }
}
