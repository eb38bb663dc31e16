import Linux
import TestSupport
import Testing

@testable import Supervision

/// `codetainer relay` between two pipes.
@Suite struct OutputRelayTests {
    private struct Relay: ~Copyable {
        let process: CInt
        let input: OwnedDescriptor
        let output: OwnedDescriptor

        init(_ form: LogSettings.Form) throws {
            let input = try DescriptorPair.pipe()
            let output = try DescriptorPair.pipe()
            try Descriptors.setNonBlocking(input.first.raw)
            let program = try codetainer()
            var request = SpawnRequest(
                program, [program, "relay", "db", form.rawValue],
                descriptors: [(input.first.raw, 0), (output.second.raw, 2)])
            request.blocked = [OutputRelay.flush, OutputRelay.repeatLast]
            let writing = try input.second.duplicate()
            // Its own ends are the relay's alone from here on.
            let reading = try output.first.duplicate()
            process = try Processes.spawn(request)
            self.input = writing
            self.output = reading
        }

        func say(_ text: String) throws { try input.writeAll(Array(text.utf8)) }

        /// Waits for this much of what it writes.
        func hear(_ count: Int) throws -> [String] {
            var text = ""
            while text.utf8.count(where: { $0 == 0x0a }) < count {
                var octets = [UInt8](repeating: 0, count: 4096)
                let received = try output.read(into: &octets) ?? 0
                if received == 0 { break }
                text += String(decoding: octets.prefix(received), as: UTF8.self)
            }
            return text.split(separator: "\n").map(String.init)
        }

        /// Closes its input; what it still writes, and how it ends.
        consuming func end() throws -> (rest: [String], status: Linux.ExitStatus) {
            let process = process
            let output = try output.duplicate()
            _ = (consume self)
            let status = try Processes.wait(for: process)
            let rest = try Files.read(output, subject: "relay")
            return (
                String(decoding: rest, as: UTF8.self).split(separator: "\n").map(String.init),
                status
            )
        }
    }

    @Test func namesEachLineAndEndsWithItsWriters() throws {
        let relay = try Relay(.human)
        try relay.say("one\ntw")
        #expect(try relay.hear(1) == ["[db] one"])
        try relay.say("o\n\u{1b}[2J\nlast")
        #expect(try relay.hear(2) == ["[db] two", "[db] ␛[2J"])
        let (rest, status) = try relay.end()
        #expect(rest == ["[db] last"] && status == .exited(0))
    }

    @Test func saysLastLinesAgainAndFlushes() throws {
        let relay = try Relay(.human)
        // The signals may come before it listens: they stay pending.
        try relay.say((0..<12).map { "line \($0)\n" }.joined() + "no end")
        try send(OutputRelay.repeatLast, to: relay.process)
        let lines = try relay.hear(23)
        #expect(Array(lines.prefix(13)) == (0..<12).map { "[db] line \($0)" } + ["[db] no end"])
        #expect(
            lines.dropFirst(13).elementsEqual(
                ((3..<12).map { "line \($0)" } + ["no end"]).map {
                    "codetainer: service db said: \($0)"
                }))
        try relay.say("open")
        try send(OutputRelay.flush, to: relay.process)
        #expect(try relay.hear(1) == ["[db] open"])
        // What ends everybody else does not end it: its writers may have more to say.
        for signal in [Signal.terminate, .hangUp, .interrupt, .quit] {
            try send(signal, to: relay.process)
        }
        try relay.say("still here\n")
        #expect(try relay.hear(1) == ["[db] still here"])
        #expect(try relay.end().status == .exited(0))
    }

    @Test func isConfinedBeforeItReads() throws {
        let relay = try Relay(.json)
        try relay.say("x\n")
        let line = try #require(try relay.hear(1).first)
        #expect(line.hasSuffix("\"level\":\"info\",\"service\":\"db\",\"message\":\"x\"}"))
        let status = try #require(ProcessStatus.of(relay.process))
        let own = try #require(ProcessStatus.of(System.processID))
        #expect(status.noNewPrivileges && status.filters > own.filters)
        #expect(try relay.end().status == .exited(0))
    }
}
