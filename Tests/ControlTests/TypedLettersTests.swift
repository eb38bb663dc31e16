import Control
import Testing

@Suite struct TypedLettersTests {
    @Test(arguments: [
        ("q", "q"), ("xq", "xq"), ("", ""),
        // Keys, and a letter in the same read.
        ("\u{1b}[Aq", "q"), ("q\u{1b}[A", "q"), ("\u{1b}OPq", "q"), ("\u{1b}[1;5Cq", "q"),
        ("\u{1b}\u{1b}[Aq", "q"), ("\u{1b}q", ""), ("\u{1b}", ""),
        // What a terminal answers.
        ("\u{1b}[?62;22cq", "q"), ("\u{1b}[<0;98;5Mq", "q"), ("\u{1b}]11;rgb:d/d/q\u{7}q", "q"),
        ("\u{1b}P>|kitty q\u{1b}\\q", "q"), ("\u{1b}]52;c;cXE=q", ""),
    ])
    func areWhatIsTyped(octets: String, letters: String) {
        var typed = TypedLetters()
        #expect(typed.take(octets.utf8) == Array(letters.utf8))
    }

    @Test func anEscapeKeyIsNoBeginning() {
        var typed = TypedLetters()
        #expect(typed.take([0x1b]) == [])
        #expect(typed.take([0x71]) == [0x71])
    }

    @Test func anAnswerMayComeInParts() {
        var typed = TypedLetters()
        #expect(typed.take("\u{1b}]11;rgb:q".utf8) == [])
        #expect(typed.take("q\u{1b}".utf8) == [])
        #expect(typed.take("\\q".utf8) == [0x71])
    }
}
