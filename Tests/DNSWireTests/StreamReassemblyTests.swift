import DNSWire
import Testing

@Suite struct StreamReassemblyTests {
    @Test func reassemblesMessagesFromEverySplit() throws {
        let first = GoldenPackets.query
        let second = GoldenPackets.blocked
        let stream = framed(first) + framed(second)
        for split in 0...stream.count {
            var reassembly = StreamReassembly(longestMessage: 512)
            var messages: [[UInt8]] = []
            for part in [stream[..<split], stream[split...]] {
                try reassembly.append(Array(part).span)
                while let message = try reassembly.next() { messages.append(message) }
            }
            #expect(messages == [first, second])
            #expect(!reassembly.isPartial)
        }
    }

    @Test(arguments: [
        (0, false), (11, false), (12, true), (512, true), (513, false), (65535, false),
    ])
    func boundsTheLengthBeforeTheMessageArrives(_ length: Int, _ accepted: Bool) throws {
        var reassembly = StreamReassembly(longestMessage: 512)
        try reassembly.append([UInt8(length >> 8), UInt8(length & 255)].span)
        if accepted {
            #expect(try reassembly.next() == nil)
            #expect(reassembly.isPartial)
        } else {
            #expect(throws: WireError.messageLength) { try reassembly.next() }
        }
    }

    @Test func keepsNoMoreThanOneMessage() throws {
        var reassembly = StreamReassembly(longestMessage: 512)
        try reassembly.append([2, 0].span)
        try reassembly.append([UInt8](repeating: 0, count: reassembly.room).span)
        #expect(reassembly.room == 0)
        #expect(throws: WireError.messageLength) { try reassembly.append([0].span) }
        #expect(try reassembly.next()?.count == 512)
        #expect(reassembly.room == 514)
    }

    @Test func randomStreamsNeverTrap() {
        var random = SeededRandom(state: 7)
        for _ in 0..<20_000 {
            var reassembly = StreamReassembly(longestMessage: 64)
            for _ in 0..<8 {
                let part = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                    UInt8.random(in: 0..<32, using: &random)
                }
                guard (try? reassembly.append(part.span)) != nil else { break }
                while let message = try? reassembly.next() { try? readAll(message) }
            }
        }
    }

    private func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }
}
