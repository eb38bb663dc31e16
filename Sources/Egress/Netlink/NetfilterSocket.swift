import CMnl
import CNftnl
import Glibc
import Linux
import SystemPackage

/// A connection to the packet filter of one network namespace: the one it was opened in.
///
/// Open it once and keep it: closing one that deleted something waits 10 ms for the kernel's
/// clean-up. Every call is bounded in time: the kernel does the work while it takes the message, so
/// its answer is there when `send` returns, and what waits for it gives up after a second.
public struct NetfilterSocket: ~Copyable {
    /// Longest datagram that the kernel answers with (NLMSG_GOODSIZE and what dumps grow to).
    private static let longestReply = 64 * 1024
    /// Seconds.
    private static let deadline = 1

    private let descriptor: OwnedDescriptor
    var transaction = Transaction()
    /// Numbers messages, so that an answer to an earlier one is not taken for this one's.
    private var sequence: UInt32 = 1
    private var reply = [UInt8](repeating: 0, count: longestReply)
    let renewal: Renewal

    /// - Throws: `NetlinkError`, `unsupported` where the kernel has no netfilter over netlink.
    public init(renewal: Renewal = .ofRunningKernel) throws(NetlinkError) {
        descriptor = try Self.open()
        self.renewal = renewal
        // Limits, not allocations: 65,536 grants in one transaction, and their errors, fit.
        // Without CAP_NET_ADMIN they fail, and so will the first transaction, with its own name.
        set(SOL_SOCKET, SO_SNDBUFFORCE, CInt(16 << 20))
        set(SOL_SOCKET, SO_RCVBUFFORCE, CInt(4 << 20))
        set(SOL_SOCKET, SO_SNDTIMEO, timeval(tv_sec: Self.deadline, tv_usec: 0))
        set(SOL_SOCKET, SO_RCVTIMEO, timeval(tv_sec: Self.deadline, tv_usec: 0))
        // Errors come with the kernel's words and without a copy of the message (netlink(7)).
        set(SOL_NETLINK, NETLINK_EXT_ACK, CInt(1))
        set(SOL_NETLINK, NETLINK_CAP_ACK, CInt(1))
    }

    /// A netlink socket that hears from nobody but the kernel.
    static func open() throws(NetlinkError) -> OwnedDescriptor {
        let action = "open a netfilter socket"
        let raw = socket(
            AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), NETLINK_NETFILTER)
        guard raw >= 0 else { throw NetlinkError(action, Errno(rawValue: errno)) }
        let descriptor = OwnedDescriptor(adopting: raw)
        var kernel = sockaddr_nl()
        kernel.nl_family = sa_family_t(AF_NETLINK)
        let result = unsafe withUnsafeBytes(of: &kernel) { bytes in
            let address = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe connect(raw, address, socklen_t(bytes.count))
        }
        guard result == 0 else { throw NetlinkError(action, Errno(rawValue: errno)) }
        return descriptor
    }

    private func set(_ level: CInt, _ option: CInt, _ value: some BitwiseCopyable) {
        _ = unsafe withUnsafeBytes(of: value) { bytes in
            unsafe setsockopt(
                descriptor.raw, level, option, bytes.baseAddress, socklen_t(bytes.count))
        }
    }

    // MARK: - Changing

    /// Has the kernel carry out what `build` writes, all of it or nothing.
    mutating func commit(
        _ build: (inout Transaction) -> Void
    ) throws(NetlinkError) {
        transaction.begin(sequence)
        build(&transaction)
        guard transaction.steps.count > 1 else { return }
        transaction.end()
        sequence = transaction.lastSequence &+ 2
        try send(transaction.buffer, "change the packet filter")
        try awaitAcknowledgement()
    }

    private func send(_ buffer: borrowing MessageBuffer, _ action: String) throws(NetlinkError) {
        while true {
            let (sent, cause) = unsafe buffer.withBytes { bytes in
                let sent = unsafe Glibc.send(descriptor.raw, bytes.baseAddress, bytes.count, 0)
                return (sent, Errno(rawValue: errno))
            }
            if sent == buffer.count { return }
            guard sent < 0, cause == .interrupted else { throw NetlinkError(action, cause) }
        }
    }

    /// Reads until the last message's acknowledgement, or an error of any message.
    private mutating func awaitAcknowledgement() throws(NetlinkError) {
        while true {
            let count = try receive("change the packet filter")
            var messages = NetlinkMessages(reply.span.extracting(first: count))
            do {
                while let message = try messages.next() {
                    guard message.type == NLMSG_ERROR, let step = transaction.step(message.sequence)
                    else { continue }
                    let verdict = try NetlinkVerdict(message)
                    guard verdict.cause.rawValue == 0 else {
                        throw NetlinkError("\(step)", verdict.cause, verdict.detail)
                    }
                    if message.sequence == transaction.lastSequence { return }
                }
            } catch let error as NetlinkError {
                throw error
            } catch {
                throw NetlinkError(.malformed, "change the packet filter")
            }
        }
    }

    private mutating func receive(_ action: String) throws(NetlinkError) -> Int {
        while true {
            let count = unsafe reply.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor.raw, bytes.baseAddress, bytes.count, CInt(MSG_TRUNC))
            }
            if count > Self.longestReply { throw NetlinkError(.malformed, action) }
            if count >= 0 { return count }
            let cause = Errno(rawValue: errno)
            guard cause == .interrupted else { throw NetlinkError(action, cause) }
        }
    }
}

/// What an NLMSG_ERROR message says (netlink(7)); a cause of 0 acknowledges.
struct NetlinkVerdict {
    let cause: Errno
    let detail: String

    init(_ message: borrowing NetlinkMessage) throws(NetlinkFormatError) {
        let payload = message.payload
        guard payload.count >= 4 else { throw .truncated }
        // A negative error number in the CPU's order, then the header of the message at fault,
        // which, without its payload (NETLINK_CAP_ACK), attributes follow.
        var bits: UInt32 = 0
        for position in 0..<4 { bits |= UInt32(payload[position]) << UInt32(8 * position) }
        cause = Errno(rawValue: CInt(truncatingIfNeeded: 0 &- Int32(truncatingIfNeeded: bits)))
        guard message.flags & UInt16(NLM_F_ACK_TLVS) != 0 else {
            detail = ""
            return
        }
        let attributes = try message.attributes(behind: 4 + NetlinkMessage.headerLength)
        detail = try attributes.first(Int(NLMSGERR_ATTR_MSG.rawValue))?.text ?? ""
    }
}
