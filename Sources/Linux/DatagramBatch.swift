import CLinux
import Glibc
import SystemPackage

/// Where a datagram came from, kept as the kernel wrote it and only ever handed back.
public struct Peer {
    var address = codetainer_peer()
}

extension Peer: Hashable {
    private var words: SIMD8<UInt32> { unsafe unsafeBitCast(address, to: SIMD8<UInt32>.self) }

    public static func == (left: Peer, right: Peer) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words) }
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
