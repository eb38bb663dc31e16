import Linux
import SystemPackage
import TestSupport
import Testing

@Suite struct PseudoTerminalTests {
    @Test func aNewSessionIsControlledByItsTerminal() throws {
        let terminal = try PseudoTerminal()
        let script = "tty; readlink /proc/$$/fd/1 /proc/$$/fd/2; ps -o tty= -p $$ | tr -d ' ' >&2"
        let process = try Processes.spawn(
            SpawnRequest(
                "/bin/sh", ["sh", "-c", script], environment: ["PATH=\(searchPath)"],
                newSession: true, terminal: terminal.path))
        let end = try Processes.endDescriptor(of: process)
        let poll = try Poll()
        try poll.add(end.raw, for: .readable, token: 1)
        #expect(try poll.wait(.seconds(20)).map(\.token) == [1])
        #expect(try Processes.wait(for: process) == .exited(0))
        // The other end is closed: reading ends with EIO.
        var shown: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while let count = (try? terminal.master.read(into: &chunk)).flatMap({ $0 }), count > 0 {
            shown += chunk.prefix(count)
        }
        let path = terminal.path
        #expect(
            String(decoding: shown, as: UTF8.self)
                == "\(path)\r\n\(path)\r\n\(path)\r\n\(path.dropFirst(5))\r\n")
    }

    @Test func aSizeIsSetAtEitherEnd() throws {
        let terminal = try PseudoTerminal()
        let slave = try PseudoTerminal.open(terminal.path)
        let sizes = [
            WindowSize(rows: 30, columns: 100),
            WindowSize(rows: 1, columns: 2, width: 3, height: 4),
        ]
        try sizes[0].apply(to: terminal.master.raw)
        #expect(try WindowSize(of: slave.raw) == sizes[0])
        try sizes[1].apply(to: slave.raw)
        #expect(try WindowSize(of: terminal.master.raw) == sizes[1])
    }

    @Test func rawSettingsPassEverything() throws {
        let terminal = try PseudoTerminal()
        let slave = try PseudoTerminal.open(terminal.path)
        let settings = try TerminalSettings(of: slave.raw)
        var buffer = [UInt8](repeating: 0, count: 64)

        // Cooked, a line must end first.
        _ = try terminal.master.write([0x61])
        #expect(try slave.read(into: &buffer) == nil)
        TerminalSettings.discardInput(of: slave.raw)

        try settings.raw.apply(to: terminal.master.raw)
        _ = try terminal.master.write([0x03, 0x0d, 0x7f])
        #expect(try slave.read(into: &buffer) == 3)
        #expect(buffer.prefix(3) == [0x03, 0x0d, 0x7f])

        try settings.apply(to: slave.raw)
        _ = try terminal.master.write([0x62, 0x0d])
        #expect(try slave.read(into: &buffer) == 2)
        #expect(buffer.prefix(2) == [0x62, 0x0a])
    }

    @Test func closingTheMasterHangsTheOtherEndUp() throws {
        let slave = try slaveOfAClosedMaster()
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(try slave.read(into: &buffer) == 0)
        #expect(throws: SystemCallError("write", "", .ioError)) { try slave.write([0x61]) }
    }

    private func slaveOfAClosedMaster() throws -> OwnedDescriptor {
        let terminal = try PseudoTerminal()
        let slave = try PseudoTerminal.open(terminal.path)
        _ = try terminal.master.write([0x61, 0x0a])
        return slave
    }

    @Test func whatIsNoTerminalIsRefused() throws {
        let file = try MemoryFile.empty("file", byteCount: 0)
        let refused = Errno.inappropriateIOCTLForDevice
        #expect(throws: SystemCallError("tcgetattr", "", refused)) {
            try TerminalSettings(of: file.raw)
        }
        #expect(throws: SystemCallError("ioctl", "TIOCGWINSZ", refused)) {
            try WindowSize(of: file.raw)
        }
    }
}
