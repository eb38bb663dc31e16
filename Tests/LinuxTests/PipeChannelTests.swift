import Linux
import SystemPackage
import Testing

@Suite struct PipeChannelTests {
    private static func message(from channel: PipeChannel, room: Int = 4096) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: room)
        guard case .moved(let count) = channel.receive(into: &buffer) else { return nil }
        return Array(buffer.prefix(count))
    }

    @Test func messagesStayApartInBothDirections() throws {
        let pair = try PipeChannelPair()
        let (first, second) = (pair.first, pair.second)
        #expect(Self.message(from: first) == nil && Self.message(from: second) == nil)
        for message in [[1, 2, 3], [4], Array(repeating: 5, count: 4096)] as [[UInt8]] {
            #expect(first.send(message.span) == .moved(message.count))
            #expect(second.send(message.span) == .moved(message.count))
        }
        for end in [first, second] {
            #expect(Self.message(from: end) == [1, 2, 3])
            #expect(Self.message(from: end) == [4])
            #expect(Self.message(from: end, room: 2) == [5, 5], "the rest is lost")
            #expect(Self.message(from: end) == nil)
        }
    }

    /// As many as the resolver and PID 1 may have under way.
    @Test func thereIsRoomForManyMessages() throws {
        let pair = try PipeChannelPair()
        let (first, second) = (pair.first, pair.second)
        var count: UInt8 = 0
        while count < 60, first.send([count].span) == .moved(1) { count += 1 }
        #expect(count == 60)
        for number in 0..<count { #expect(Self.message(from: second) == [number]) }
        var sent = 0
        while sent < 10_000, first.send([0].span) == .moved(1) { sent += 1 }
        #expect(first.send([0].span) == .wouldBlock)
    }

    @Test func theOtherEndsEndIsSeen() throws {
        ignore(.pipe)
        let (first, second) = try PipeChannelPair().release()
        #expect(first.send([1].span) == .moved(1))
        first.close()
        #expect(Self.message(from: second) == [1])
        #expect(Self.message(from: second) == [], "the end")
        #expect(second.send([1].span) == .failed(.brokenPipe))
        second.close()
        let third = try PipeChannelPair().releaseFirst()
        #expect(Self.message(from: third) == [])
        third.close()
    }
}
