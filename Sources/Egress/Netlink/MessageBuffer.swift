import CMnl
import CNftnl

/// Netlink messages one behind the other, to be sent as one datagram.
///
/// libmnl and libnftnl write behind a message without knowing where the memory ends, so every
/// message starts with `roomPerMessage` free octets before it, more than any message here takes.
@safe
struct MessageBuffer: ~Copyable {
    /// An attribute's length is 16 bits; a message here has one long attribute and short ones.
    private static let roomPerMessage = 128 * 1024

    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var lastStart = 0
    private(set) var count = 0

    init() {
        capacity = 2 * Self.roomPerMessage
        unsafe base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { unsafe base.deallocate() }

    /// Forgets the messages; gives back what an unusually large datagram took.
    mutating func removeAll() {
        if capacity > 16 * Self.roomPerMessage {
            unsafe base.deallocate()
            capacity = 2 * Self.roomPerMessage
            unsafe base = .allocate(byteCount: capacity, alignment: 16)
        }
        count = 0
        lastStart = 0
    }

    /// Appends a message: header, `struct nfgenmsg`, and what `write` puts behind them.
    mutating func append(
        type: UInt16, family: UInt8, resource: UInt16 = 0, flags: Int32, sequence: UInt32,
        _ write: (borrowing MessageWriter) -> Void = { _ in }
    ) {
        reserve()
        let start = unsafe base + count
        let header = unsafe mnl_nlmsg_put_header(start)!
        unsafe header.pointee.nlmsg_type = type
        unsafe header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | flags)
        unsafe header.pointee.nlmsg_seq = sequence
        let extra = unsafe mnl_nlmsg_put_extra_header(header, MemoryLayout<nfgenmsg>.size)!
        unsafe extra.assumingMemoryBound(to: nfgenmsg.self).pointee = nfgenmsg(
            nfgen_family: family, version: UInt8(NFNETLINK_V0), res_id: resource.bigEndian)
        unsafe write(MessageWriter(header))
        lastStart = count
        count += unsafe Int(header.pointee.nlmsg_len)
    }

    /// Asks the kernel to answer the last message even when it succeeds.
    mutating func acknowledgeLast() {
        let header = unsafe (base + lastStart).assumingMemoryBound(to: nlmsghdr.self)
        unsafe header.pointee.nlmsg_flags |= UInt16(NLM_F_ACK)
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    private mutating func reserve() {
        guard capacity - count < Self.roomPerMessage else { return }
        let larger = UnsafeMutableRawPointer.allocate(
            byteCount: capacity * 2, alignment: 16)
        unsafe larger.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = larger
        capacity *= 2
    }
}
