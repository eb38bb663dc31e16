import Control
import Foundation
import Testing

@Suite struct ControlReplyTests {
    @Test(arguments: [
        "", "plain", "\"quoted\" \\ back\\slash", "line\nfeed\r\nand\ttab", "\0\u{1}\u{1f}\u{7f}",
        "\u{9b}31m \u{202e} \u{61c} \u{2028} \u{e0041}",
        "é€𝄞\u{301}", "\u{2028}\u{2029}", "</script>", "\u{1b}[31mred",
        String(String.UnicodeScalarView((0..<0x300).compactMap { Unicode.Scalar($0) })),
    ])
    func quotedTextIsWhatADecoderReads(text: String) throws {
        let quoted = ControlReply.quoted(text)
        #expect(quoted.unicodeScalars.filter(\.isInvisible).isEmpty)
        let decoded = try JSONDecoder().decode([String].self, from: Data("[\(quoted)]".utf8))
        #expect(decoded.map { Array($0.utf8) } == [Array(text.utf8)])
    }

    @Test(
        arguments: [
            ([], 8001), ([], nil), ([",\"port\":1"], 80), ([",\"port\":1"], nil), ([], 65535),
        ] as [([String], UInt16?)])
    func portOfAHealthReply(reasons: [String], port: UInt16?) {
        let reply = ControlReply.health(verdict: "LOCKED", ailments: reasons, port: port)
        #expect(ControlReply.healthPort(in: reply) == port)
    }

    @Test(arguments: ["", "{}", ",\"port\":", ",\"port\":x", ",\"port\":65536", ",\"port\":-1"])
    func whatIsNoPortIsNone(reply: String) { #expect(ControlReply.healthPort(in: reply) == nil) }

    @Test func repliesAreOneLineOfJSON() {
        #expect(ControlReply.error("a \"b\"\n") == "{\"error\":\"a \\\"b\\\"\\n\"}\n")
        #expect(
            ControlReply.health(verdict: "LOCKED", ailments: [], port: nil)
                == "{\"healthy\":true,\"verdict\":\"LOCKED\",\"reasons\":[]}\n")
        #expect(
            ControlReply.health(
                verdict: "DEGRADED", ailments: [], remarks: ["everything passes"], port: nil)
                == "{\"healthy\":true,\"verdict\":\"DEGRADED\",\"reasons\":[\"everything passes\"]}\n"
        )
        #expect(
            ControlReply.health(verdict: "DEGRADED", ailments: ["a", "\"b\""], port: 8001)
                == "{\"healthy\":false,\"verdict\":\"DEGRADED\",\"reasons\":[\"a\",\"\\\"b\\\"\"],\"port\":8001}\n"
        )
        #expect(ControlReply.upgraded(to: "1.2.3") == "{\"version\":\"1.2.3\"}\n")
        #expect(ControlReply.accepted == "{}\n")
    }
}
