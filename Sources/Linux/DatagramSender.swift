import CLinux
import SystemPackage

/// Datagrams that are written one by one and leave together.
///
/// Those to one peer and of one length, as the answers to a host's questions for A and AAAA often
/// are, cross the network stack as one message that the kernel cuts up at its end.
///
/// - SeeAlso: sendmmsg(2); udp(7), `UDP_SEGMENT`
@safe public struct DatagramSender: ~Copyable {
    public static let slots = 64
    /// Octets of a message, with room to spare for its headers (RFC 768: 65,535).
    private static let longestMessage = 60_000

    private let batch: OpaquePointer
    private let socket: CInt
    private let longest: Int
    private var waiting: [Datagram] = []
    private var messages: [Message] = []

    private struct Datagram {
        let length: Int
        let message: Int
    }

    /// Datagrams that leave as one.
    private struct Message {
        let peer: Peer
        /// Octets of each.
        let length: Int
        var count = 1
        /// Where its pieces begin, once all are known.
        var piece = 0
    }

    /// - Parameter longest: octets of the longest datagram that is sent.
    public init(socket: CInt, longest: Int) throws(SystemCallError) {
        guard let batch = unsafe codetainer_batch_create(UInt32(Self.slots), UInt32(longest)) else {
            throw SystemCallError("calloc", "datagrams", .noMemory)
        }
        unsafe self.batch = batch
        self.socket = socket
        self.longest = longest
        waiting.reserveCapacity(Self.slots)
        messages.reserveCapacity(Self.slots)
    }

    deinit { unsafe codetainer_batch_destroy(batch) }

    /// Writes one datagram for `peer`, at most `limit` octets; when `write` throws, none is sent.
    public mutating func append<Failure: Error>(
        to peer: Peer, limit: Int, _ write: (inout OutputSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        if waiting.count == Self.slots { flush() }
        let buffer = unsafe UnsafeMutableBufferPointer(
            start: codetainer_batch_octets(batch, UInt32(waiting.count)),
            count: max(0, min(limit, longest)))
        var output = unsafe OutputSpan<UInt8>(buffer: buffer, initializedCount: 0)
        try write(&output)
        let length = unsafe output.finalize(for: buffer)
        waiting.append(Datagram(length: length, message: message(to: peer, of: length)))
    }

    /// The message that a datagram joins: one of the latest, or a new one.
    private mutating func message(to peer: Peer, of length: Int) -> Int {
        // Nothing cannot be cut up.
        for index in messages.indices.suffix(length > 0 ? 4 : 0).reversed() {
            if messages[index].length == length, messages[index].peer == peer,
                (messages[index].count + 1) * length <= Self.longestMessage
            {
                messages[index].count += 1
                return index
            }
        }
        messages.append(Message(peer: peer, length: length))
        return messages.count - 1
    }

    /// Sends everything that was written. What the socket has no room for is lost, as datagrams
    /// are; one that the kernel refuses does not hold up those behind it.
    public mutating func flush() {
        guard !waiting.isEmpty else { return }
        compose()
        var first = 0
        while first < messages.count {
            let sent = unsafe codetainer_batch_send(
                batch, socket, UInt32(first), UInt32(messages.count))
            if sent > 0 {
                first += Int(sent)
            } else if Errno.current == .wouldBlock {
                break
            } else {
                sendOneByOne(messages[first])
                first += 1
            }
        }
        waiting.removeAll(keepingCapacity: true)
        messages.removeAll(keepingCapacity: true)
    }

    private mutating func compose() {
        var next = 0
        for index in messages.indices {
            messages[index].piece = next
            next += messages[index].count
        }
        var pieces = messages.map(\.piece)
        for slot in waiting.indices {
            let message = waiting[slot].message
            unsafe codetainer_batch_piece(
                batch, UInt32(pieces[message]), UInt32(slot), UInt32(waiting[slot].length))
            pieces[message] += 1
        }
        for index in messages.indices { place(messages[index], as: index) }
    }

    private func place(_ message: Message, as index: Int) {
        var address = message.peer.address
        unsafe codetainer_batch_message(
            batch, UInt32(index), &address, UInt32(message.piece), UInt32(message.count))
    }

    /// A message that was refused, perhaps only because it was to be cut up.
    private mutating func sendOneByOne(_ message: Message) {
        guard message.count > 1 else { return }
        for piece in message.piece..<message.piece + message.count {
            place(Message(peer: message.peer, length: message.length, piece: piece), as: 0)
            _ = unsafe codetainer_batch_send(batch, socket, 0, 1)
        }
    }
}
