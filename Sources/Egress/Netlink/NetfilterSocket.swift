import CMnl
import CNftnl
import Glibc
public import Linux
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
    /// A list that changes while it is read is read again, this often.
    private static let mostRestarts = 16

    private let descriptor: OwnedDescriptor
    var transaction = Transaction()
    /// Numbers messages, so that an answer to an earlier one is not taken for this one's.
    private var sequence: UInt32 = 1
    private var reply = [UInt8](repeating: 0, count: longestReply)
    let renewal: Renewal

    /// - Throws: `NetlinkError`, `unsupported` where the kernel has no netfilter over netlink.
    public init(renewal: Renewal = .ofRunningKernel) throws(NetlinkError) {
        self.init(adopting: try Self.open(), renewal: renewal)
    }

    /// Takes over what another program image left behind in `release()`.
    public init(adopting descriptor: consuming OwnedDescriptor, renewal: Renewal = .ofRunningKernel)
    {
        self.descriptor = descriptor
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

    /// Gives up the descriptor without closing it, to be handed on across an exec.
    public consuming func release() -> OwnedDescriptor { descriptor }

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

    /// Gives up the socket for its descriptor, which no longer blocks and keeps at most `limit`
    /// octets that nobody has read.
    consuming func surrender(keepingAtMost limit: CInt) throws(NetlinkError) -> OwnedDescriptor {
        set(SOL_SOCKET, SO_RCVBUFFORCE, limit)
        let flags = fcntl(descriptor.raw, F_GETFL)
        guard flags >= 0, fcntl(descriptor.raw, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw NetlinkError("make a netfilter socket non-blocking", Errno(rawValue: errno))
        }
        do throws(SystemCallError) {
            return try descriptor.duplicate()
        } catch {
            throw NetlinkError("keep a netfilter socket", error.cause)
        }
    }

    private func set(_ level: CInt, _ option: CInt, _ value: some BitwiseCopyable) {
        _ = unsafe withUnsafeBytes(of: value) { bytes in
            unsafe setsockopt(
                descriptor.raw, level, option, bytes.baseAddress, socklen_t(bytes.count))
        }
    }

    // MARK: - Changing

    /// Has the kernel carry out what `build` writes, all of it or nothing.
    ///
    /// - Parameter isAcknowledged: whether success has to be said. What closes something must be; what
    ///   opens something is closed if it should not be in force after all.
    mutating func commit(
        isAcknowledged: Bool = true, _ build: (inout Transaction) -> Void
    ) throws(NetlinkError) {
        transaction.begin(sequence)
        build(&transaction)
        guard transaction.steps.count > 1 else { return }
        transaction.end(isAcknowledged: isAcknowledged)
        sequence = transaction.lastSequence &+ 2
        try send(transaction.buffer, "change the packet filter")
        try readOutcome(isAcknowledged)
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

    /// One request outside a transaction, acknowledged.
    mutating func request(
        _ action: String, type: UInt16, family: UInt8, resource: UInt16 = 0,
        _ write: (borrowing MessageWriter) -> Void
    ) throws(NetlinkError) {
        let request = nextRequest()
        transaction.ask(type: type, family: family, resource: resource, flags: NLM_F_ACK, write)
        try send(transaction.buffer, action)
        try awaitVerdict(action) { sequence in sequence == request ? true : nil }
    }

    /// Reads what the kernel says of the transaction that it has taken: an error of any message, or
    /// the last one's acknowledgement, or nothing.
    ///
    /// The transaction was carried out, or undone, before `send` returned. An error is waiting now, and
    /// one that the kernel could not put down fails the reading instead (netlink(7), ENOBUFS).
    private mutating func readOutcome(_ isAcknowledged: Bool) throws(NetlinkError) {
        let action = "change the packet filter"
        let first = transaction.firstSequence
        let last = transaction.lastSequence
        let steps = transaction.steps
        while let count = try receive(action, waits: isAcknowledged) {
            // The "end" is a message, too, and no step.
            let isOver = try readVerdicts(count, action) { sequence in
                Int(sequence &- first) <= steps.count ? sequence == last : nil
            } naming: { sequence in
                sequence == last &+ 1 ? action : "\(steps[Int(sequence &- first)])"
            }
            if isOver { return }
        }
    }

    /// Reads verdicts until an error, or the one that concludes.
    ///
    /// - Parameters:
    ///   - concludes: whether the success of the message with this number does; nil when it is not
    ///     of this exchange.
    private mutating func awaitVerdict(
        _ action: String, _ concludes: (UInt32) -> Bool?
    ) throws(NetlinkError) {
        while true {
            guard let count = try receive(action) else { continue }
            if try readVerdicts(count, action, concludes) { return }
        }
    }

    /// - Parameter count: the octets of `reply`.
    /// - Returns: whether one concludes.
    private func readVerdicts(
        _ count: Int, _ action: String, _ concludes: (UInt32) -> Bool?,
        naming name: ((UInt32) -> String)? = nil
    ) throws(NetlinkError) -> Bool {
        var messages = NetlinkMessages(reply.span.extracting(first: count))
        do {
            while let message = try messages.next() {
                guard message.type == NLMSG_ERROR,
                    let isConclusive = concludes(message.sequence)
                else { continue }
                let verdict = try NetlinkVerdict(message)
                guard verdict.cause.rawValue == 0 else {
                    throw NetlinkError(
                        name?(message.sequence) ?? action, verdict.cause, verdict.detail)
                }
                if isConclusive { return true }
            }
        } catch let error as NetlinkError {
            throw error
        } catch {
            throw NetlinkError(.malformed, action)
        }
        return false
    }

    private mutating func nextRequest() -> UInt32 {
        let request = sequence
        sequence &+= 1
        transaction.begin(request)
        return request
    }

    // MARK: - Asking

    /// Something that the kernel keeps many of.
    struct Listing {
        let action: String
        let type: UInt16
        let family: UInt8
        /// Attributes that narrow it down.
        var names: [(attribute: UInt32, name: String)] = []
    }

    /// All items of a listing, of one moment: it begins anew when the kernel says that what it
    /// lists has changed meanwhile.
    ///
    /// - Parameter read: appends the items of one message.
    mutating func list<Item>(
        _ listing: Listing,
        _ read: (borrowing NetlinkMessage, inout [Item]) throws(NetlinkFormatError) -> Void
    ) throws(NetlinkError) -> [Item] {
        for _ in 0..<Self.mostRestarts {
            if let items = try listOnce(listing, read) { return items }
        }
        throw NetlinkError(listing.action, .interrupted)
    }

    /// - Returns: nil when the items are not of one moment.
    private mutating func listOnce<Item>(
        _ listing: Listing,
        _ read: (borrowing NetlinkMessage, inout [Item]) throws(NetlinkFormatError) -> Void
    ) throws(NetlinkError) -> [Item]? {
        var items: [Item] = []
        let request = nextRequest()
        transaction.ask(type: listing.type, family: listing.family, flags: NLM_F_DUMP) { message in
            for (attribute, name) in listing.names { message.put(attribute, text: name) }
        }
        let action = listing.action
        try send(transaction.buffer, action)
        var isWhole = true
        while true {
            guard let count = try receive(action) else { continue }
            var messages = NetlinkMessages(reply.span.extracting(first: count))
            do {
                while let message = try messages.next() {
                    guard message.sequence == request else { continue }
                    if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isWhole = false }
                    switch CInt(message.type) {
                    case NLMSG_DONE: return isWhole ? items : nil
                    case NLMSG_ERROR:
                        let verdict = try NetlinkVerdict(message)
                        throw NetlinkError(action, verdict.cause, verdict.detail)
                    default: try read(message, &items)
                    }
                }
            } catch let error as NetlinkError {
                throw error
            } catch {
                throw NetlinkError(.malformed, action)
            }
        }
    }

    /// - Returns: octets of `reply`; nil when there is nothing and nothing is waited for.
    private mutating func receive(_ action: String, waits: Bool = true) throws(NetlinkError) -> Int?
    {
        let flags = CInt(MSG_TRUNC) | (waits ? 0 : CInt(MSG_DONTWAIT))
        while true {
            let count = unsafe reply.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor.raw, bytes.baseAddress, bytes.count, flags)
            }
            if count > Self.longestReply { throw NetlinkError(.malformed, action) }
            if count >= 0 { return count }
            let cause = Errno(rawValue: errno)
            if cause == .wouldBlock, !waits { return nil }
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
