import Control
import Testing

@Suite struct StatusTextTests {
    @Test func lockedAndPlain() {
        #expect(
            StatusReport.example().text(colour: false) == """
                LOCKED  claude-code, codetainer 0.1.0

                boot
                  configure         1.50 ms
                  secrets           0.00 ms
                  workspace      1234.57 ms
                  total          1236.07 ms
                  warning: the clone failed

                layers
                  lockdown  on   4 chains, 30 rules, policy drop
                  hidepid   off  no CAP_SYS_ADMIN

                supervisor
                  1 traps, 2 upgrades, 3 stalls
                  last trap: SIGILL (code 2, address 0x1)

                resolver
                  pid 12, 1 restarts, 7 answered, 2 denied, upstream 192.0.2.1

                egress
                  3 rules, 4 packets refused
                  api.anthropic.com                  203.0.113.1 tcp/443, 299 s left
                  denied  example.org                3 times; allow with: example.org
                  refused 198.51.100.7 tcp/22        2 times

                credentials
                  github.com                         5 served
                  1 refused

                session
                  claude: claude --verbose: running

                """)
    }

    @Test func degradedAndColoured() {
        let report = StatusReport.example(
            layers: [
                .init(name: "lockdown", state: .on, reason: "policy drop"),
                .init(name: "seccomp", state: .off, reason: "no filter"),
                .init(name: "hidepid", state: .off, reason: "shows all", required: false),
            ], session: nil)
        let text = report.text(colour: true)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines[0]
                == "\u{1b}[1;31mDEGRADED\u{1b}[0m: seccomp is off: no filter  claude-code, codetainer 0.1.0"
        )
        #expect(lines.contains("\u{1b}[1mlayers\u{1b}[0m"))
        #expect(lines.contains("  lockdown  \u{1b}[32mon \u{1b}[0m  policy drop"))
        #expect(lines.contains("  seccomp   \u{1b}[31moff\u{1b}[0m  no filter"))
        #expect(lines.contains("  hidepid   \u{1b}[33moff\u{1b}[0m  shows all"))
        #expect(lines.contains("  \u{1b}[33mwarning: the clone failed\u{1b}[0m"))
        #expect(lines.suffix(2) == ["  not started", ""])
        // Without its colours it is the plain text.
        #expect(Self.withoutColours(text) == report.text(colour: false))
    }

    @Test(arguments: [
        (
            StatusReport.Session.with(.ended, exitCode: 3),
            "claude: claude --verbose: ended with code 3"
        ),
        (.with(.gone, exitCode: nil), "claude: claude --verbose: gone"),
    ])
    func sessions(session: StatusReport.Session, line: String) {
        let text = StatusReport.example(session: session).text(colour: false)
        #expect(text.hasSuffix("\nsession\n  \(line)\n"))
    }

    private static func withoutColours(_ text: String) -> String {
        var plain = ""
        var isColour = false
        for character in text {
            if character == "\u{1b}" { isColour = true }
            if !isColour { plain.append(character) }
            if isColour, character == "m" { isColour = false }
        }
        return plain
    }
}
