import Control
import Linux
import Testing

@testable import Session

@Suite struct BootProgressTests {
    private static func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test(
        arguments: [
            (true, "xterm", nil, BootProgress.Style.live(colour: true)),
            (true, "xterm", "", .live(colour: true)),
            (true, "xterm", "1", .live(colour: false)),
            (true, "dumb", nil, .lines), (true, "", nil, .lines), (true, nil, nil, .lines),
            (false, "xterm", nil, .lines),
        ] as [(Bool, String?, String?, BootProgress.Style)])
    func theStyle(isTerminal: Bool, terminal: String?, noColour: String?, style: BootProgress.Style)
    {
        #expect(
            BootProgress.Style(isTerminal: isTerminal, terminal: terminal, noColour: noColour)
                == style)
    }

    @Test func linesForAFile() {
        var progress = BootProgress(style: .lines, at: Self.at(0))
        #expect(progress.tick(at: Self.at(5_000)) == "")
        #expect(
            progress.update(
                stages: [.init(name: "configure", milliseconds: 1.24)], current: "secrets",
                at: Self.at(5_100))
                == "+ configure         1.2 ms\n")
        #expect(progress.tick(at: Self.at(5_200)) == "")
        let stages: [StatusReport.Boot.Stage] = [
            .init(name: "configure", milliseconds: 1.24), .init(name: "secrets", milliseconds: 0.0),
            .init(name: "lockdown", milliseconds: 12_345.67),
        ]
        #expect(
            progress.update(stages: stages, current: nil, at: Self.at(5_300))
                == "+ secrets           0.0 ms\n+ lockdown      12345.7 ms\n")
        #expect(progress.end() == "")
    }

    @Test func aSpinnerForATerminal() {
        let wipe = "\r\u{1b}[K"
        var progress = BootProgress(style: .live(colour: false), at: Self.at(0))
        #expect(progress.tick(at: Self.at(100)) == "")
        #expect(progress.tick(at: Self.at(200)) == "\(wipe)/ starting           0.2 s")
        #expect(
            progress.update(
                stages: [.init(name: "configure", milliseconds: 1)], current: "workspace",
                at: Self.at(300))
                == "\(wipe)+ configure         1.0 ms\n\(wipe)- workspace          0.0 s")
        #expect(progress.tick(at: Self.at(12_350)) == "\(wipe)\\ workspace         12.0 s")
        #expect(
            progress.update(
                stages: [
                    .init(name: "configure", milliseconds: 1),
                    .init(name: "workspace", milliseconds: 12_040),
                ], current: nil, at: Self.at(12_400)
            )
                == "\(wipe)+ workspace     12040.0 ms\n")
        #expect(progress.tick(at: Self.at(12_500)) == "")
        #expect(progress.end() == "")
    }

    @Test func coloursAndNothingLeftBehind() {
        var progress = BootProgress(style: .live(colour: true), at: Self.at(0))
        let text = progress.update(
            stages: [.init(name: "configure", milliseconds: 1)], current: "secrets",
            at: Self.at(300))
        let expected =
            "\u{1b}[32m+\u{1b}[0m configure         1.0 ms\n\r\u{1b}[K\u{1b}[36m/\u{1b}[0m secrets            0.0 s"
        #expect(text == expected)
        #expect(progress.end() == "\r\u{1b}[K")
        #expect(progress.end() == "")
    }

    @Test func aBootThatWasOverShowsNothing() {
        var progress = BootProgress(style: .live(colour: true), at: Self.at(0))
        #expect(
            progress.update(
                stages: [.init(name: "configure", milliseconds: 1)], current: nil, at: Self.at(10))
                == "")
        #expect(progress.end() == "")
    }
}

@Suite struct BootFailureNoteTests {
    @Test(arguments: [
        """
        codetainer: [ 1/11] configure    0.512 ms
        codetainer: warning: something
        codetainer: [11/11] session     12.512 ms FAILED
        codetainer: the session did not start: look
        codetainer: and there

        """,
        """
        {"time":"2026-11-21T16:31:13.045Z","level":"info","message":"[ 1/11] configure    0.512 ms"}
        {"time":"2026-11-21T16:31:13.045Z","level":"info","message":"[11/11] session     12.512 ms FAILED"}
        {"time":"2026-11-21T16:31:13.045Z","level":"error","message":"the session did not start: look"}
        {"time":"2026-11-21T16:31:13.045Z","level":"error","message":"and there"}

        """,
    ])
    func saysWhichStageAndWhy(log: String) throws {
        let note = try #require(BootFailureNote(parsing: log))
        #expect(note.stage == "session")
        let reasons = note.reasons.split(separator: "\n").map {
            $0.first == "{" ? $0.dropFirst(62).dropLast(2) : $0
        }
        #expect(reasons == ["the session did not start: look", "and there"])
    }

    @Test(arguments: [
        "", "\n", "codetainer: [ 1/11] configure 0.5 ms\n", "codetainer: it has FAILED\n",
        "codetainer: FAILED\n", "{", "{\"time\":\"", "codetainer: [ ms FAILED",
    ])
    func nothingHasFailed(log: String) { #expect(BootFailureNote(parsing: log)?.stage == nil) }
}
