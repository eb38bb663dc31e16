import DNSWire

/// A stream is cut into the same messages whatever pieces it arrives in.
enum FramingFuzzing {
    private static let longestMessage = 1024

    /// The first octet seeds the pieces' lengths; the rest is the stream.
    static func run(_ octets: Span<UInt8>) {
        guard octets.count > 1 else { return }
        let stream = octets.extracting(droppingFirst: 1)
        var state = octets[0]
        let pieces = cut(stream) {
            state = state &* 109 &+ 89
            return Int(state >> 2) + 1
        }
        precondition(pieces == cut(stream) { 1 }, "messages depend on the pieces")
    }

    private static func cut(_ stream: Span<UInt8>, by length: () -> Int) -> [[UInt8]] {
        var reassembly = StreamReassembly(longestMessage: longestMessage)
        var messages: [[UInt8]] = []
        var position = 0
        do throws(WireError) {
            while position < stream.count {
                let room = reassembly.room
                precondition(room > 0, "a stream that can go no further")
                let end = min(position + min(length(), room), stream.count)
                try reassembly.append(stream.extracting(position..<end))
                position = end
                while let message = try reassembly.next() {
                    precondition(Header.length...longestMessage ~= message.count)
                    messages.append(message)
                }
            }
        } catch {
            // The connection is closed; what came before was served.
        }
        return messages
    }
}
