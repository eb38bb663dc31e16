import Linux
import Testing

@testable import Supervision

@Suite struct OutputLinesTests {
    private static let time = WallTime(seconds: 5)

    /// Lines of what is written in these pieces; the last is what `finish` gives.
    @Test(
        arguments: [
            (["a\nb\n"], ["a", "b"], nil), (["a", "b\nc"], ["ab"], "c"), (["\n\n"], ["", ""], nil),
            (["a\r\nb\r"], ["a"], "b\r"), ([""], [], nil), (["a\0b\n"], ["a\0b"], nil),
        ] as [([String], [String], String?)])
    func cuts(pieces: [String], expected: [String], last: String?) {
        var lines = OutputLines()
        let cut = pieces.flatMap { lines.take(ArraySlice($0.utf8)) }
        #expect(cut.map { String(decoding: $0, as: UTF8.self) } == expected)
        #expect(lines.finish().map { String(decoding: $0, as: UTF8.self) } == last)
        #expect(!lines.hasPartial)
    }

    @Test func aLongLineBecomesSeveralWithoutLoss() {
        for unit in ["x", "é", "€", "🦀"] {
            let text = String(repeating: unit, count: 10_000)
            var lines = OutputLines()
            let cut = lines.take(ArraySlice((text + "\n").utf8))
            #expect(cut.allSatisfy { $0.count <= OutputLines.longest })
            #expect(cut.allSatisfy { String(validating: $0, as: UTF8.self) != nil }, "\(unit)")
            #expect(cut.joined().elementsEqual(text.utf8))
        }
        // What is no UTF-8 is cut anywhere, and ends.
        for octet in [0x80, 0xff, 0xc3] as [UInt8] {
            var lines = OutputLines()
            let octets = [UInt8](repeating: octet, count: 5_000)
            let cut = lines.take(octets[...]) + [lines.finish() ?? []]
            #expect(cut.allSatisfy { $0.count <= OutputLines.longest })
            #expect(cut.joined().elementsEqual(octets))
        }
    }

    @Test(arguments: [
        ("plain äöü 🦀", "plain äöü 🦀"), ("a\tb", "a\tb"),
        ("\u{1b}[31mred\u{7}", "␛[31mred␇"), ("a\rb\0", "a␍b␀"), ("\u{7f}", "␡"),
        ("\u{9b}31m", "\u{fffd}31m"), ("a\u{202e}b\u{2066}", "a\u{fffd}b\u{fffd}"),
        ("\u{61c}a\u{ad}\u{feff}\u{206a}\u{e0041}", "\u{fffd}a\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        ("a\u{2028}b", "a\u{fffd}b"),
    ])
    func isMadeHarmless(text: String, printable: String) {
        #expect(OutputLines.printable(Array(text.utf8)) == printable)
    }

    @Test func whatIsNotUTF8IsReplaced() {
        #expect(OutputLines.printable([0x61, 0xff, 0x62]) == "a\u{fffd}b")
        #expect(OutputLines.printable([0xed, 0xa0, 0x80]).allSatisfy { $0 == "\u{fffd}" })
    }

    /// The longest line there is, in every form, is one atomic write.
    @Test func isNeverLongerThanAPipeTakesAtOnce() {
        let name = String(repeating: "n", count: 32)
        for octet in [0x01, 0x22, 0x5c, 0x09, 0xff, 0x41] as [UInt8] {
            let text = OutputLines.printable(
                [UInt8](repeating: octet, count: OutputLines.longest))
            for form in LogSettings.Form.allCases {
                let output = OutputForm(name: name, form: form)
                for line in [
                    output.line(text, time: Self.time), output.again(text, time: Self.time),
                ] {
                    #expect(line.utf8.count <= 4_096)
                    #expect(line.utf8.last == 0x0a && line.utf8.count { $0 == 0x0a } == 1)
                }
            }
        }
    }

    @Test func formsOfALine() {
        let human = OutputForm(name: "db", form: .human)
        #expect(human.line("x \"y\"", time: Self.time) == "[db] x \"y\"\n")
        #expect(human.again("x", time: Self.time) == "codetainer: service db said: x\n")
        #expect(
            human.lost(3, time: Self.time)
                == "codetainer: warning: service db: 3 lines were lost: nobody read the log\n")
        let json = OutputForm(name: "db", form: .json)
        #expect(
            json.line("x \"y\"", time: Self.time)
                == "{\"time\":\"1970-01-01T00:00:05.000Z\",\"level\":\"info\",\"service\":\"db\",\"message\":\"x \\\"y\\\"\"}\n"
        )
    }
}
