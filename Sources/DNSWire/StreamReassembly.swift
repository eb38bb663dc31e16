/// Cuts a TCP stream into messages: each has its length in two octets before it.
///
/// What arrives early is kept, at most one message and its length; a reader asks for `room` and
/// reads no more than that.
///
/// - SeeAlso: RFC 7766 §8
public struct StreamReassembly {
    private let longestMessage: Int
    private var buffered: [UInt8] = []

    /// - Parameter longestMessage: octets of the longest message that is accepted.
    public init(longestMessage: Int) {
        self.longestMessage = max(longestMessage, Header.length)
    }

    /// Octets that may be appended now.
    public var room: Int { 2 + longestMessage - buffered.count }

    /// True when part of a message has arrived and the rest has not.
    public var isPartial: Bool { !buffered.isEmpty }

    /// - Throws: `WireError.messageLength` for more than `room`.
    public mutating func append(_ octets: Span<UInt8>) throws(WireError) {
        guard octets.count <= room else { throw .messageLength }
        for index in octets.indices { buffered.append(octets[index]) }
    }

    /// The next whole message, without its length; nil when more must arrive first.
    ///
    /// - Throws: `WireError.messageLength` when the length is above the bound or below a header.
    public mutating func next() throws(WireError) -> [UInt8]? {
        guard buffered.count >= 2 else { return nil }
        let length = Int(buffered[0]) << 8 | Int(buffered[1])
        guard Header.length...longestMessage ~= length else { throw .messageLength }
        guard buffered.count >= 2 + length else { return nil }
        let message = Array(buffered[2..<2 + length])
        buffered.removeFirst(2 + length)
        return message
    }
}
