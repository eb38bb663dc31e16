import Control
import Foundation
import Linux
import Testing

@Suite struct ScreenLineTests {
    @Test(arguments: [
        ("abc", 3, "abc"), ("abc", 2, "a…"), ("abc", 1, "…"), ("abc", 0, ""),
        // Square characters take two columns, marks none.
        ("漢字", 4, "漢字"), ("漢字", 3, "漢…"), ("漢字", 2, "…"),
        ("e\u{301}tude", 5, "e\u{301}tude"), ("e\u{301}tude", 4, "e\u{301}tu…"),
        ("a🚀b", 4, "a🚀b"), ("a🚀b", 3, "a…"),
        ("ab   ", 5, "ab"), ("", 3, ""),
    ])
    func isCutByColumns(text: String, columns: Int, shown: String) {
        #expect(ScreenLine(text).rendered(columns: columns, colour: false) == shown)
        #expect(ScreenLine(text).rendered(columns: nil, colour: false).count <= text.count)
    }

    /// What an agent or the network wrote does nothing to the terminal.
    @Test(arguments: [
        ("a\u{1b}[31mb", "a\\u{1B}[31mb"), ("a\nb\r\tc", "a\\u{A}b\\u{D}\\u{9}c"),
        ("a\u{202e}b", "a\\u{202E}b"), ("a\u{9b}31mb", "a\\u{9B}31mb"),
        ("a\u{200d}b", "a\\u{200D}b"), ("a\u{e000}b", "a\\u{E000}b"),
        ("a\u{2028}b", "a\\u{2028}b"), ("a\u{7f}b", "a\\u{7F}b"), ("plain ä", "plain ä"),
    ])
    func nothingRawGetsThrough(text: String, shown: String) {
        for colour in [false, true] {
            #expect(ScreenLine(text).rendered(columns: nil, colour: colour) == shown)
        }
        #expect(ScreenLine(text).width == shown.unicodeScalars.count)
    }

    @Test func coloursAreNoPartOfTheWidth() {
        var line = ScreenLine("ab", .red)
        line.add("cd", .strongGreen)
        #expect(line.width == 4)
        #expect(
            line.rendered(columns: 4, colour: true)
                == "\u{1b}[31mab\u{1b}[0m\u{1b}[1;32mcd\u{1b}[0m")
        #expect(
            line.rendered(columns: 3, colour: true) == "\u{1b}[31mab\u{1b}[0m…")
        #expect(line.rendered(columns: 4, colour: false) == "abcd")
    }

    @Test func columnsAreAligned() {
        var line = ScreenLine("  ")
        line.add("漢", column: 4)
        line.add("x", .green, column: 2)
        line.add("y")
        #expect(line.rendered(columns: nil, colour: false) == "  漢    x   y")
    }
}

@Suite struct ScreenFrameTests {
    private static func frame(_ lines: [String], columns: Int = 10, rows: Int = 4) -> ScreenFrame {
        ScreenFrame(lines.map { ScreenLine($0) }, columns: columns, rows: rows, colour: false)
    }

    private static let start = "\u{1b}[?2026h"
    private static let end = "\u{1b}[?2026l"

    @Test func nothingIsWrittenWhenNothingChanged() {
        #expect(Self.frame(["a", "b"]).update(from: Self.frame(["a", "b"])) == "")
    }

    @Test func onlyWhatChangedIsWritten() {
        #expect(
            Self.frame(["a", "c", "d"]).update(from: Self.frame(["a", "b", "d"]))
                == "\(Self.start)\u{1b}[2;1Hc\u{1b}[K\(Self.end)")
        #expect(
            Self.frame(["a"]).update(from: Self.frame(["a", "b"]))
                == "\(Self.start)\u{1b}[2;1H\u{1b}[J\(Self.end)")
        #expect(
            Self.frame(["a", "b"]).update(from: Self.frame(["a"]))
                == "\(Self.start)\u{1b}[2;1Hb\u{1b}[K\(Self.end)")
    }

    /// Erasing from the last column would take the character there.
    @Test func aLineOfFullWidthHasNothingToErase() {
        let new = Self.frame(["0123456789", "0123456789a"])
        #expect(
            new.update(from: ScreenFrame())
                == "\(Self.start)\u{1b}[1;1H0123456789\u{1b}[2;1H012345678…\(Self.end)")
    }

    @Test func aLowTerminalSaysHowMuchIsMissing() {
        #expect(
            Self.frame(["a", "b", "c"], columns: 40, rows: 2)
                == Self.frame(["a", "… 2 more: the terminal is too low"], columns: 40))
        #expect(
            Self.frame(["a", "b"], columns: 40, rows: 1)
                == Self.frame(["… 2 more: the terminal is too low"], columns: 40))
        #expect(Self.frame(["a", "b", "c", "d"]) == Self.frame(["a", "b", "c", "d"], rows: 9))
    }

    @Test func aScreenOfWhichNothingIsKnownIsErased() {
        #expect(
            Self.frame(["a"]).whole
                == "\(Self.start)\u{1b}[H\u{1b}[J\(Self.start)\u{1b}[1;1Ha\u{1b}[K\(Self.end)")
    }

    /// Each mode that is set is set back.
    @Test func theTerminalIsGivenBackAsItWas() {
        for mode in ["?1049", "?25", "?7"] {
            let (taken, given) = mode == "?1049" ? ("h", "l") : ("l", "h")
            #expect(ScreenFrame.enter.contains("[\(mode)\(taken)"))
            #expect(ScreenFrame.leave.contains("[\(mode)\(given)"))
        }
    }
}

@Suite struct RefreshPaceTests {
    @Test(arguments: [
        // own, answer and delay in milliseconds
        (1, 4, 1000), (2, 8, 1000), (5, 20, 2500), (100, 900, 30_000),
    ])
    func takesAHundredthOfACore(own: Int, answer: Int, delay: Int) {
        var pace = RefreshPace(nil)
        #expect(pace.delay == 1_000)
        pace.note(own: Milliseconds(own), answer: Milliseconds(answer))
        #expect(pace.delay == Milliseconds(delay))
    }

    @Test func theQuickestAnswerCounts() {
        var pace = RefreshPace(nil)
        for answer in [90, 6, 80, 70] { pace.note(own: 1, answer: Milliseconds(answer)) }
        #expect(pace.delay == 1_000)
        // Until it is long ago.
        for answer in [90, 40, 80, 70] { pace.note(own: 1, answer: Milliseconds(answer)) }
        #expect(pace.delay == 4_100)
    }

    @Test func aChosenIntervalStays() {
        var pace = RefreshPace(200)
        pace.note(own: 50, answer: 500)
        #expect(pace.delay == 200)
    }
}
