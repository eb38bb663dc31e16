import Control
import Foundation
import Testing

@Suite struct StatusTextTests {
    private static let moment: Int64 = 1_700_000_090

    private static func screen(
        _ report: StatusReport, columns: Int? = nil, rows: Int? = nil, colour: Bool = false
    ) -> String {
        StatusScreen(report, columns: columns, rows: rows, now: moment).text(colour: colour)
    }

    @Test func lockedInAPipe() {
        #expect(
            Self.screen(.example()) == """
                LOCKED
                claude-code, up 90 s, codetainer 0.1.0

                layers    1 on, 1 off
                  lockdown  on   4 chains, 30 rules, policy drop
                  hidepid   off  no CAP_SYS_ADMIN

                egress    3 rules, 1 address open, 4 packets refused
                  names    9 asked, 7 answered, 2 denied; by 192.0.2.1
                  open     api.anthropic.com  tcp/443   203.0.113.1             299 s left
                  denied   3 times    allow with: example.org
                  refused  2 times    allow with: 198.51.100.7:22 of uid 1000

                services  1 of 1 ready
                  resolver  ready     pid 12, 1 restarts, up 42 s
                  PID 1     ready     1 traps, 2 upgrades, 3 stalls
                  last trap: SIGILL (code 2, address 0x1)

                credentials  5 served, 1 refused
                  github.com  5 served

                session   running for 3 min, claude: claude --verbose

                limits
                  memory  [##########..........] 2 GiB of 4 GiB
                  pids    12, no limit
                  /tmp    [....................] 0 B of 512 MiB

                boot      1236.07 ms
                  configure       1.50 ms #
                  secrets         0.00 ms #
                  workspace    1234.57 ms ########################################
                  warning: the clone failed

                """)
    }

    @Test func fitsFortyColumns() {
        let text = Self.screen(.example(), columns: 40)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 40 })
        #expect(
            text == """
                LOCKED
                claude-code, up 90 s, codetainer 0.1.0

                layers    1 on, 1 off
                  lockdown  on   4 chains, 30 rules, po…
                  hidepid   off  no CAP_SYS_ADMIN

                egress    3 rules, 1 address open, 4 pa…
                  names    9 asked, 7 answered, 2 denie…
                  open     api.anthropic.com  tcp/443  …
                  denied   3 ×   example.org
                  refused  2 ×   198.51.100.7:22

                services  1 of 1 ready
                  resolver  ready     pid 12, 1 restart…
                  PID 1     ready     1 traps, 2 upgrad…
                  last trap: SIGILL (code 2, address 0x…

                credentials  5 served, 1 refused
                  github.com  5 served

                session   running for 3 min, claude: cl…

                limits
                  memory  [###..] 2 GiB of 4 GiB
                  pids    12, no limit
                  /tmp    [.....] 0 B of 512 MiB

                boot      1236.07 ms
                  configure       1.50 ms #
                  secrets         0.00 ms #
                  workspace    1234.57 ms #############
                  warning: the clone failed

                """)
    }

    @Test(arguments: [(40, 33), (32, 26), (26, 26), (25, 25), (24, 20), (5, 20)])
    func saysLessWhereThereIsLessRoom(rows: Int, lines: Int) {
        let text = Self.screen(.example(), columns: 80, rows: rows)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 == lines)
        #expect(text.hasPrefix("LOCKED\n"))
        #expect(text.contains("example.org") && text.contains("hidepid"))
    }

    @Test func degradedSaysWhy() {
        let report = StatusReport.example(
            layers: [
                .init(name: "lockdown", state: .on, reason: "policy drop"),
                .init(name: "seccomp", state: .off, reason: "no filter"),
                .init(name: "hidepid", state: .off, reason: "shows all", required: false),
            ], resolver: 0, session: nil)
        let text = Self.screen(report, columns: 80, colour: true)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "\u{1b}[1;31mDEGRADED\u{1b}[0m: seccomp is off: no filter")
        #expect(lines[1] == "          the resolver is not running")
        #expect(lines.contains("  lockdown  \u{1b}[32mon \u{1b}[0m  policy drop"))
        #expect(lines.contains("  seccomp   \u{1b}[31moff\u{1b}[0m  no filter"))
        #expect(lines.contains("  hidepid   \u{1b}[33moff\u{1b}[0m  shows all"))
        #expect(lines.contains("\u{1b}[33m  warning: the clone failed\u{1b}[0m"))
        #expect(lines.contains("\u{1b}[1msession\u{1b}[0m   not started"))
        // Without its colours it is the plain text.
        #expect(Self.withoutColours(text) == Self.screen(report, columns: 80))
        // A pipe has the verdict and all of why in one line.
        let piped = Self.screen(report).split(separator: "\n")
        #expect(piped[0] == "DEGRADED: seccomp is off: no filter; the resolver is not running")
    }

    @Test func bootingShowsTheStage() {
        let boot = StatusReport.Boot(
            profile: "shell", started: 0, stages: [.init(name: "secrets", milliseconds: 2)],
            current: "harden", warnings: [])
        let text = Self.screen(.example(boot: boot))
        #expect(text.hasPrefix("BOOTING: stage harden is running\n"))
        #expect(
            text.hasSuffix("ms ########################################\n  harden      running\n"))
    }

    @Test(arguments: [
        (
            StatusReport.Session.with(.ended, exitCode: 3),
            "ended with code 3, claude: claude --verbose"
        ),
        (.with(.gone, exitCode: nil), "gone, claude: claude --verbose"),
        (
            .with(.running, exitCode: nil, command: ["a\u{1b}[2J"]),
            "running for 3 min, claude: a\\u{1B}[2J"
        ),
    ])
    func sessions(session: StatusReport.Session, line: String) {
        #expect(Self.screen(.example(session: session)).contains("\nsession   \(line)\n"))
    }

    @Test func manyDenialsAreCounted() {
        let egress = StatusReport.Egress(
            rules: 1, refusedPackets: 1, refusedGrants: 2, evictedGrants: 3,
            grants: (1...7).map {
                .init(
                    name: "n\($0 / 3).test", address: "203.0.113.\($0)", protocol: "tcp",
                    port: 443, seconds: UInt64($0))
            },
            refused: [
                .init(
                    name: "git.test", address: "203.0.113.9", protocol: "tcp", port: 22,
                    user: nil, count: 9, time: 0),
                .init(address: "10.0.0.1", protocol: "icmp", port: 0, user: 7, count: 10, time: 0),
            ],
            denied: (1...9).map { .init(name: "d\($0).test", count: UInt64($0), time: 0) }
                + [.init(name: "a\\032b", count: 99, time: 0)],
            moreDenied: 4)
        let text = Self.screen(.example(egress: egress))
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("egress") }.prefix(16)
        #expect(
            lines.joined(separator: "\n") == """
                egress    1 rule, 7 addresses open, 1 packet refused
                  names    9 asked, 7 answered, 2 denied; by 192.0.2.1
                  grants   2 refused, 3 made way for newer ones
                  open     n2.test  tcp/443   203.0.113.6 and 1 more  7 s left
                  open     n1.test  tcp/443   203.0.113.3 and 2 more  5 s left
                  open     n0.test  tcp/443   203.0.113.1 and 1 more  2 s left
                  denied   99 times   a\\032b (no rule opens it)
                  denied   9 times    allow with: d9.test
                  denied   8 times    allow with: d8.test
                  denied   7 times    allow with: d7.test
                  denied   6 times    allow with: d6.test
                  … and 9 more
                  refused  10 times   10.0.0.1 icmp (no rule opens it)
                  refused  9 times    allow with: git.test:22 for 203.0.113.9 tcp/22
                services  1 of 1 ready
                  resolver  ready     pid 12, 1 restarts, up 42 s
                """)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (10_300, "10 KiB"),
            (1 << 30, "1 GiB"), (9_900_000_000, "9.2 GiB"), (.max, "16777215 TiB"),
        ] as [(UInt64, String)])
    func octets(count: UInt64, text: String) {
        let limit = StatusReport.Limit(name: "memory", used: count, limit: nil)
        #expect(Self.screen(.example(limits: [limit])).contains("\n  memory  \(text), no limit\n"))
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
