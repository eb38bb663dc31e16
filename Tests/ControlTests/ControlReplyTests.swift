import Control
import Foundation
import Testing

@Suite struct ControlReplyTests {
    @Test(arguments: [
        "", "plain", "\"quoted\" \\ back\\slash", "line\nfeed\r\nand\ttab", "\0\u{1}\u{1f}\u{7f}",
        "é€𝄞\u{301}", "\u{2028}\u{2029}", "</script>", "\u{1b}[31mred",
        String(String.UnicodeScalarView((0..<0x300).compactMap { Unicode.Scalar($0) })),
    ])
    func quotedTextIsWhatADecoderReads(text: String) throws {
        let quoted = ControlReply.quoted(text)
        #expect(!quoted.utf8.contains { $0 < 0x20 })
        let decoded = try JSONDecoder().decode([String].self, from: Data("[\(quoted)]".utf8))
        #expect(decoded.map { Array($0.utf8) } == [Array(text.utf8)])
    }

    @Test func repliesAreOneLineOfJSON() {
        #expect(ControlReply.error("a \"b\"\n") == "{\"error\":\"a \\\"b\\\"\\n\"}\n")
        #expect(
            ControlReply.health(true, "LOCKED") == "{\"healthy\":true,\"verdict\":\"LOCKED\"}\n")
        #expect(
            ControlReply.health(false, "BOOTING") == "{\"healthy\":false,\"verdict\":\"BOOTING\"}\n"
        )
        #expect(ControlReply.accepted == "{}\n")
    }
}
