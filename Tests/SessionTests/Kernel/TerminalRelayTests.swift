import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Session

/// A pseudo terminal of the test's own is the operator's terminal.
@Suite struct TerminalRelayTests {
    @Test func everyOctetPassesBothWays() throws {
        let desk = try Desk("stty raw -echo; printf ready; head -c 1048576; exit 7")
        #expect(try desk.read(5) == Array("ready".utf8))
        let keys = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        #expect(try desk.exchange(keys, for: keys.count) == keys)
        #expect(try desk.outcome() == .exited(7))
    }

    @Test func whatIsShownLastIsShown() throws {
        let desk = try Desk("head -c 60000 /dev/zero | tr '\\0' x")
        #expect(try desk.read(60_000) == [UInt8](repeating: 0x78, count: 60_000))
        #expect(try desk.outcome() == .exited(0))
    }

    @Test func theClientHasATerminalOfItsOwn() throws {
        let desk = try Desk("tty; readlink /proc/$$/fd/2; ps -o tty=,sid=,pid= -p $$")
        let lines = try desk.lines(3)
        #expect(lines[0] == desk.clientPath && lines[1] == desk.clientPath)
        let fields = lines[2].split(separator: " ")
        #expect("/dev/\(fields[0])" == desk.clientPath)
        #expect(fields[1] == fields[2])
        #expect(desk.clientPath != desk.path)
        #expect(try desk.outcome() == .exited(0))
    }

    @Test func theSizeFollows() throws {
        let desk = try Desk(
            "trap 'stty size; exit 3' WINCH; stty size; while :; do sleep 0.1; done",
            size: WindowSize(rows: 30, columns: 100))
        #expect(try desk.lines(1) == ["30 100"])
        try WindowSize(rows: 41, columns: 132).apply(to: desk.master)
        desk.signal(.windowChange)
        #expect(try desk.lines(1) == ["41 132"])
        #expect(try desk.outcome() == .exited(3))
    }

    @Test(
        arguments: [
            ("echo up; exit 0", nil, Linux.ExitStatus.exited(0)),
            ("echo up; kill -KILL $$", nil, .signalled(.kill)),
            ("echo up; exec cat", .terminate, .signalled(.terminate)),
            ("echo up; exec cat", .hangUp, .signalled(.hangUp)),
            ("trap '' TERM; echo up; while :; do sleep 0.1; done", .terminate, .signalled(.kill)),
            ("echo up; exec sleep 60 <&- >&- 2>&-", nil, .signalled(.kill)),
        ] as [(String, Signal?, Linux.ExitStatus)])
    func theTerminalIsAsItWas(script: String, signal: Signal?, status: Linux.ExitStatus) throws {
        let desk = try Desk(script)
        #expect(try desk.lines(1) == ["up"])
        if let signal { desk.signal(signal) }
        #expect(try desk.outcome() == status)
        #expect(try desk.settings() == desk.settingsBefore)
    }

    @Test func theTerminalIsRawMeanwhile() throws {
        let desk = try Desk("echo up; exec cat")
        #expect(desk.settingsBefore.contains("isig"))
        #expect(try desk.lines(1) == ["up"])
        #expect(try desk.settings().contains("-isig"))
        // The client's own lines are edited, and Ctrl-C is its affair.
        try desk.type("abc\u{7f}d\r")
        #expect(try desk.read(14) == Array("abc\u{8} \u{8}d\r\nabd\r\n".utf8))
        try desk.type("\u{3}")
        #expect(try desk.outcome() == .signalled(.interrupt))
        #expect(try desk.settings() == desk.settingsBefore)
    }

    /// The open file belongs to the operator's shell too.
    @Test func theOpenFileStaysBlocking() throws {
        let desk = try Desk("echo up; exec cat")
        #expect(try desk.lines(1) == ["up"])
        #expect(try desk.isBlocking())
        desk.signal(.terminate)
        _ = try desk.outcome()
        #expect(try desk.isBlocking())
    }

    @Test func whoeverKeptTheClientsTerminalHasNothing() throws {
        let desk = try Desk("echo up; stty raw -echo; head -c 1 >/dev/null; exit 0")
        #expect(try desk.lines(1) == ["up"])
        let kept = try PseudoTerminal.open(desk.clientPath)
        // Until then it works.
        try kept.writeAll(Array("kept".utf8))
        #expect(try desk.read(4) == Array("kept".utf8))
        try desk.type("q")
        #expect(try desk.outcome() == .exited(0))

        try desk.type("export SECRET=hunter2\n")
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(try kept.read(into: &buffer) == 0)
        let gone = SystemCallError("write", "", .ioError)
        #expect(throws: gone) { try kept.write([0x61]) }
        #expect(throws: SystemCallError("tcgetattr", "", .ioError)) {
            try TerminalSettings(of: kept.raw)
        }
    }

    @Test func aFloodOfAKeptTerminalEnds() throws {
        let desk = try Desk("setsid sh -c 'trap \"\" HUP; yes' & sleep 0.2; exit 5")
        try desk.readUntilEnded()
        #expect(try desk.outcome() == .exited(5))
    }

    @Test func theClientEndsWithTheOperatorsTerminal() throws {
        let desk = try Desk("echo up; exec cat")
        #expect(try desk.lines(1) == ["up"])
        desk.hangUp()
        #expect(try desk.outcome() == .signalled(.hangUp))
    }

    @Test(arguments: [false, true])
    func aWatcherTypesNothing(isReadOnly: Bool) throws {
        let desk = try Desk(
            "stty -icanon -echo; printf ready; head -c 2 | od -An -c | tr -d ' '",
            isReadOnly: isReadOnly)
        #expect(try desk.read(5) == Array("ready".utf8))
        // An answer of the terminal's is no more passed on than a key is.
        try desk.type("ab\u{1b}[?62c")
        if isReadOnly { try desk.type("\u{2}d") }
        // C-b d is all that a watcher's client ever gets.
        #expect(try desk.lines(1) == [isReadOnly ? "002d" : "ab"])
        #expect(try desk.outcome() == .exited(0))
        #expect(desk.cause == (isReadOnly ? .left : .client))
    }

    @Test func aWatcherLeavesAClientThatWouldStay() throws {
        let desk = try Desk("echo up; stty raw -echo; sleep 60", isReadOnly: true)
        #expect(try desk.lines(1) == ["up"])
        try desk.type("\u{3}")
        #expect(try desk.outcome() == .signalled(.kill))
        #expect(desk.cause == .left)
        #expect(try desk.settings() == desk.settingsBefore)
        #expect(desk.leftOver().contains("\u{1b}[?1049l"))
    }

    @Test func aTerminalThatTakesNothingIsGone() throws {
        let desk = try Desk("echo up; exec yes", attention: 300)
        #expect(try desk.outcome() == .signalled(.hangUp))
        #expect(desk.cause == .terminalGone)
    }

    @Test func aTerminalThatHasNothingToTakeIsNot() throws {
        let desk = try Desk("echo up; sleep 1; echo still; exit 4", attention: 100)
        #expect(try desk.lines(2) == ["up", "still"])
        #expect(try desk.outcome() == .exited(4))
        #expect(desk.cause == .client)
    }

    @Test func whoTellsItToEndIsHeardWhileATerminalDoesNotAnswer() throws {
        let desk = try Desk("echo up; exit 0")
        var shown: [UInt8] = []
        while !shown.reversed().starts(with: "\u{1b}[6n".utf8.reversed()) {
            shown += try desk.read(1)
        }
        desk.signal(.terminate)
        #expect(try desk.outcome() == .exited(0))
        #expect(desk.cause == .told(.terminate, sender: System.processID))
    }

    @Test func aTerminalLargerThanAScreenIsAsLargeAsOne() throws {
        let desk = try Desk("stty size", size: WindowSize(rows: 65_535, columns: 80))
        #expect(try desk.lines(1) == ["1000 80"])
        #expect(try desk.outcome() == .exited(0))
    }

    @Test func whoToldItToEndIsKnown() throws {
        let desk = try Desk("echo up; exec cat")
        #expect(try desk.lines(1) == ["up"])
        desk.signal(.terminate)
        #expect(try desk.outcome() == .signalled(.terminate))
        #expect(desk.cause == .told(.terminate, sender: System.processID))
    }
}
