import Linux
import SystemPackage
import Testing

@Suite struct PollTests {
    @Test func eventsCarryTheirToken() throws {
        let poll = try Poll()
        let one = try DescriptorPair.pipe()
        let other = try DescriptorPair.pipe()
        try poll.add(one.first.raw, for: .readable, token: 7)
        try poll.add(other.first.raw, for: .readable, token: .max)
        #expect(try poll.wait(0).isEmpty)
        try other.second.writeAll([1])
        let events = try poll.wait(0)
        #expect(events.map(\.token) == [.max])
        #expect(events.map(\.readiness) == [.readable])
        try poll.remove(other.first.raw)
        #expect(try poll.wait(0).isEmpty)
    }

    @Test func isLevelTriggered() throws {
        let poll = try Poll()
        let pipe = try DescriptorPair.pipe()
        try poll.add(pipe.first.raw, for: .readable, token: 1)
        try pipe.second.writeAll([1, 2])
        for _ in 0..<2 { #expect(try poll.wait(0).count == 1) }
        var octets = [UInt8](repeating: 0, count: 8)
        #expect(try pipe.first.read(into: &octets) == 2)
        #expect(try poll.wait(0).isEmpty)
    }

    @Test func modifyChangesWhatIsWaitedFor() throws {
        let poll = try Poll()
        let pair = try UnixSocket.messagePair()
        try poll.add(pair.first.raw, for: .readable, token: 1)
        #expect(try poll.wait(0).isEmpty)
        try poll.modify(pair.first.raw, for: .writable, token: 2)
        #expect(try poll.wait(0).map(\.token) == [2])
    }

    @Test func tellsThatTheOtherEndIsGone() throws {
        let poll = try Poll()
        let reader = try DescriptorPair.pipe().takeFirst()
        try poll.add(reader.raw, for: .readable, token: 1)
        #expect(try poll.wait(0).first?.readiness.contains(.hungUp) == true)
    }

    @Test func refusesWhatCannotBePolled() throws {
        let poll = try Poll()
        let file = try MemoryFile.empty("file", byteCount: 0)
        #expect(throws: SystemCallError("epoll_ctl", "descriptor \(file.raw)", .notPermitted)) {
            try poll.add(file.raw, for: .readable, token: 1)
        }
        #expect(throws: SystemCallError("epoll_ctl", "descriptor -1", .badFileDescriptor)) {
            try poll.add(-1, for: .readable, token: 1)
        }
    }
}
