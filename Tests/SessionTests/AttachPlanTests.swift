import Testing

@testable import Session

@Suite struct AttachPlanTests {
    @Test(arguments: [
        (AttachPlan(session: "$0"), "attach-session -t $0 ; set-option -wu -t $0: window-size"),
        (
            AttachPlan(session: "$3", pane: .shell),
            "attach-session -t $3 -f active-pane ; set-option -wu -t $3: window-size ; select-window -t $3:.%1 ; select-pane -t $3:.%1"
        ),
        (
            AttachPlan(session: "$0", pane: .agent, isReadOnly: true),
            "attach-session -t $0 -f read-only,ignore-size,active-pane ; select-window -t $0:.%0 ; select-pane -t $0:.%0"
        ),
        (
            AttachPlan(session: "$0", isReadOnly: true, keptSize: (132, 43)),
            "resize-window -t $0: -x 132 -y 43 ; attach-session -t $0 -f read-only,ignore-size"
        ),
    ])
    func theCommandLineOfTmux(plan: AttachPlan, line: String) {
        #expect(plan.command.joined(separator: " ") == "tmux -N " + line)
    }

    @Test func theSizeIsGivenBack() {
        #expect(
            AttachPlan.keeping((101, 31), of: "$2").joined(separator: " ")
                == "tmux -N resize-window -t $2: -x 101 -y 31")
    }
}

@Suite struct SessionListTests {
    private func list(_ text: String, _ name: String? = nil) -> SessionList {
        SessionList(parsing: Array(text.utf8), choosing: name, first: "shell")
    }

    @Test func readsWhatTmuxWrites() {
        let list = list(
            "session $7 80 24 other\nsession $0 220 50 fix the bug\nclient attached,read-only,ignore-size\n"
        )
        #expect(list.names == ["other", "shell (renamed to fix the bug)"])
        #expect(list.chosen?.name == "fix the bug")
        #expect(list.chosen?.columns == 220 && list.chosen?.rows == 50)
        #expect(!list.hasTypist && list.hasWatcher)
        let typist = self.list("client attached,focused,UTF-8")
        #expect(typist.hasTypist && !typist.hasWatcher)
    }

    @Test(arguments: [
        "", "session", "session $0", "session 0 80 24 a", "session $ 80 24 a",
        "session $-1 80 24 a", "session $0;x 80 24 a", "session $0 0 24 a",
        "session $0 80 10001 a", "session $0 80 99999999 a", "session $4294967296 80 24 a",
        "sessions $0 80 24 a", "session $0:1 80 24 a", "no server running",
        "client session $0 80 24 a",
    ])
    func leavesOutWhatItDoesNotUnderstand(line: String) {
        #expect(list(line + "\n").chosen?.target == nil)
        #expect(list(line + "\n").names == [])
        // The same in order.
        #expect(list(line + "\nsession $0 80 24 shell\n").names == ["shell"])
    }

    @Test func takesNoMoreThanSixtyFour() {
        let lines = (0..<100).map { "session $\($0) 80 24 a\n" }.joined()
        #expect(list(lines).names.count == 64)
    }

    @Test(
        arguments: [
            (nil, "$0"), ("shell", "$0"), ("fix-login", "$0"), ("other", "$4"), ("nope", nil),
            ("", nil), ("$4", nil),
        ] as [(String?, String?)])
    func findsASession(name: String?, target: String?) {
        let text = "session $4 80 24 other\nsession $0 80 24 fix-login\n"
        #expect(list(text, name).chosen?.target == target)
    }

    @Test func aPresentNameGoesBeforeTheFirstOne() {
        let text = "session $0 80 24 a\nsession $1 80 24 shell\n"
        #expect(list(text, "shell").chosen?.target == "$1")
        #expect(list(text).chosen?.target == "$0")
    }

    @Test(
        arguments: [
            (nil, true), ("other", false), ("nope", false),
        ] as [(String?, Bool)])
    func aPaneIsOneOfItsSession(name: String?, hasShell: Bool) {
        let sessions = "session $4 80 24 other\nsession $0 80 24 shell\n"
        let list = list(sessions + "pane $4 %2 0\npane $0 %0 2\npane $0 %1 0\n", name)
        #expect(list.has(.shell) == hasShell)
        #expect(!self.list(sessions + "pane $4 %1 0\npane %1\npane $0 %1\n").has(.shell))
    }

    @Test func aPaneIsApartWhereOthersLookAtAnotherWindow() {
        let sessions = "session $4 80 24 other\nsession $0 80 24 shell\n"
        let list = list(sessions + "pane $0 %0 0\npane $4 %0 1\npane $0 %1 2\n")
        #expect(list.isApart(.shell) && !list.isApart(.agent))
    }

    @Test func saysWhatThereIs() {
        #expect(list("session $4 80 24 \u{1b}[2Jx\n").names == ["shell (renamed to \\u{1b}[2Jx)"])
        #expect(list("session $0 80 24 shell\n").names == ["shell"])
        #expect(list("").names == [])
    }
}

@Suite struct LastLinesTests {
    @Test(arguments: [
        ("", []),
        ("\n\n \n", []),
        ("a\n\nb  \r\n\n", ["a", "", "b"]),
        ("a\n[codetainer] sh exited with code 3. Press Enter to start it again.\n\n", ["a"]),
        ("b\n[codetainer] x\na\n", ["b", "a"]),
        ("\u{1b}]0;own\u{7}\tb\u{202e}c\n", ["\\u{1b}]0;own\\u{7} b\\u{202e}c"]),
    ])
    func arePrintable(output: String, lines: [String]) {
        #expect(LastLines.lines(of: Array(output.utf8)) == lines)
    }

    @Test func areTheLastAndNotTooLong() {
        let output = (1...30).map { "\($0)\n" }.joined()
        #expect(LastLines.lines(of: Array(output.utf8)) == (21...30).map { "\($0)" })
        let long = LastLines.lines(of: [UInt8](repeating: 0x61, count: 100_000))
        #expect(long == [String(repeating: "a", count: 200) + "…"])
        #expect(LastLines.lines(of: [0xff, 0x61]) == ["\u{fffd}a"])
    }
}

@Suite struct LeaveKeysTests {
    @Test(arguments: [
        "\u{2}d", "\u{3}", "abc\u{2}d", "\u{2}\u{2}d", "\u{1b}[98;5ud", "\u{1b}[27;5;98~d",
        "\u{1b}[99;5u", "\u{1b}[27;5;99~",
    ])
    func leave(typed: String) {
        var whole = LeaveKeys()
        let leaves = whole.leave(in: Array(typed.utf8))
        #expect(leaves)
        var single = LeaveKeys()
        let results = typed.utf8.map { single.leave(in: [$0]) }
        #expect(results == results.dropLast().map { _ in false } + [true])
    }

    @Test(arguments: [
        "", "d", "q", "\u{2}", "\u{2}c", "\u{2} d", "\u{4}", "\u{1b}[98;5u", "\u{1b}[98;6ud",
        // What a terminal answers.
        "\u{1b}[?62;22c", "\u{1b}P>|kitty(0.31)\u{1b}\\", "\u{1b}[<0;98;5M",
        "\u{1b}]11;rgb:d/d/d\u{7}",
        // What is pasted.
        "\u{1b}[200~\u{3}\u{2}d\u{1b}[98;5ud\u{1b}[201~", "\u{1b}[200~\u{2}\u{1b}[201~d",
    ])
    func doNotLeave(typed: String) {
        var keys = LeaveKeys()
        let leaves = keys.leave(in: Array(typed.utf8))
        #expect(!leaves)
    }

    @Test(arguments: [
        ("\u{2}d", true), ("ab\u{2}d", true), ("\u{2}\u{2}d", false),
        ("\u{2}\u{2}\u{2}d", true), ("\u{2}\u{2}d\u{2}d", true), ("\u{1b}[98;5ud", true),
        ("\u{1b}[27;5;98~d", true), ("\u{3}", false), ("\u{2} d", false), ("d", false),
        ("\u{2}c", false), ("\u{1b}[200~\u{2}d\u{1b}[98;5ud\u{1b}[201~", false),
        ("\u{1b}[200~\u{2}\u{1b}[201~d", false), ("\u{1b}[200~x\u{1b}[201~\u{2}d", true),
        ("\u{1b}[201~\u{2}d", true),
    ])
    func detach(typed: String, leaves: Bool) {
        var whole = LeaveKeys()
        let found = whole.detach(in: Array(typed.utf8))
        #expect(found == leaves)
        var single = LeaveKeys()
        let results = typed.utf8.map { single.detach(in: [$0]) }
        #expect(results.contains(true) == leaves)
    }
}
