import CLinux
import Glibc
import SystemPackage

/// Where a datagram came from, kept as the kernel wrote it and only ever handed back.
public struct Peer {
    fileprivate var address = codetainer_peer()
}

extension Peer: Equatable {
    public static func == (left: Peer, right: Peer) -> Bool {
        unsafe withUnsafeBytes(of: left.address) { left in
            unsafe withUnsafeBytes(of: right.address) { right in
                unsafe left.elementsEqual(right)
            }
        }
    }
}

/// Buffers that one system call fills with up to 64 datagrams.
///
/// - SeeAlso: recvmmsg(2)
@safe public struct DatagramReceiver: ~Copyable {
    public static let slots = 64

    private let batch: OpaquePointer
    private let longest: Int

    /// - Parameter longest: octets of the longest datagram that is kept; a longer one is dropped.
    public init(longest: Int) throws(SystemCallError) {
        guard let batch = unsafe codetainer_batch_create(UInt32(Self.slots), UInt32(longest)) else {
            throw SystemCallError("calloc", "datagrams", .noMemory)
        }
        unsafe self.batch = batch
        self.longest = longest
    }

    deinit { unsafe codetainer_batch_destroy(batch) }

    /// Takes what waits in `socket`; returns how many slots are filled, 0 when nothing waits.
    public mutating func receive(from socket: CInt) throws(SystemCallError) -> Int {
        let count = unsafe codetainer_batch_receive(batch, socket)
        if count >= 0 { return Int(count) }
        switch Errno.current {
        case .wouldBlock, .interrupted: return 0
        case let cause: throw SystemCallError("recvmmsg", "", cause)
        }
    }

    /// The octets in a slot; none when the datagram was longer than the buffer.
    @_lifetime(borrow self)
    public func octets(_ slot: Int) -> Span<UInt8> {
        precondition(0..<Self.slots ~= slot)
        let length = unsafe Int(codetainer_batch_length(batch, UInt32(slot)))
        let start = unsafe codetainer_batch_octets(batch, UInt32(slot))
        let span = unsafe Span(
            _unsafeStart: UnsafePointer(start!), count: length > longest ? 0 : length)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    public func source(_ slot: Int) -> Peer {
        precondition(0..<Self.slots ~= slot)
        var peer = Peer()
        unsafe codetainer_batch_source(batch, UInt32(slot), &peer.address)
        return peer
    }
}

/// Datagrams that are written one by one and leave together.
///
/// - SeeAlso: sendmmsg(2)
@safe public struct DatagramSender: ~Copyable {
    public static let slots = 64

    private let batch: OpaquePointer
    private let socket: CInt
    private let longest: Int
    private var count = 0

    /// - Parameter longest: octets of the longest datagram that is sent.
    public init(socket: CInt, longest: Int) throws(SystemCallError) {
        guard let batch = unsafe codetainer_batch_create(UInt32(Self.slots), UInt32(longest)) else {
            throw SystemCallError("calloc", "datagrams", .noMemory)
        }
        unsafe self.batch = batch
        self.socket = socket
        self.longest = longest
    }

    deinit { unsafe codetainer_batch_destroy(batch) }

    /// Writes one datagram for `peer`, at most `limit` octets; when `write` throws, none is sent.
    public mutating func append<Failure: Error>(
        to peer: Peer, limit: Int, _ write: (inout OutputSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        if count == Self.slots { flush() }
        let slot = UInt32(count)
        let buffer = unsafe UnsafeMutableBufferPointer(
            start: codetainer_batch_octets(batch, slot), count: max(0, min(limit, longest)))
        var output = unsafe OutputSpan<UInt8>(buffer: buffer, initializedCount: 0)
        try write(&output)
        let length = unsafe output.finalize(for: buffer)
        unsafe withUnsafePointer(to: peer.address) {
            unsafe codetainer_batch_address(batch, slot, UInt32(length), $0)
        }
        count += 1
    }

    /// Sends everything that was written. What the socket has no room for is lost, as datagrams
    /// are; one that the kernel refuses does not hold up those behind it.
    public mutating func flush() {
        var first = 0
        while first < count {
            let sent = unsafe codetainer_batch_send(batch, socket, UInt32(first), UInt32(count))
            if sent <= 0 {
                if Errno.current == .wouldBlock { break }
                first += 1
            } else {
                first += Int(sent)
            }
        }
        count = 0
    }
}
