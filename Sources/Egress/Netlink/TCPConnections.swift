import CMnl
import Glibc
import Linux
import Policy
import SystemPackage

/// The TCP connections of the calling process's network namespace, as their sockets have them.
///
/// Connection tracking forgets a flow, and its next packet is then refused; but a program that only
/// receives sends none, and would wait for ever.
///
/// - SeeAlso: sock_diag(7)
public struct TCPConnections: ~Copyable {
    /// `struct inet_diag_req_v2`: family, protocol, two octets, states, and the socket.
    private static let requestLength = 8 + socketLength
    /// `struct inet_diag_sockid`: ports, addresses of 16 octets, interface, cookie.
    private static let socketLength = 48
    /// Where it lies in a `struct inet_diag_msg`, the inode, and that structure's length.
    private static let (socketOffset, inodeOffset, messageLength) = (4, 68, 72)
    /// SOCK_DIAG_BY_FAMILY and SOCK_DESTROY.
    private static let (list, destroy): (UInt16, UInt16) = (20, 21)
    /// All states (enum of the kernel's net/tcp_states.h) but SYN_RECV, TIME_WAIT, CLOSE and LISTEN.
    private static let states: UInt32 = 0xfff & ~(1 << 3 | 1 << 6 | 1 << 7 | 1 << 10)
    /// Seconds.
    private static let deadline = 1
    private static let action = "abort connections"

    private let descriptor: OwnedDescriptor
    private var reply = [UInt8](repeating: 0, count: 64 << 10)

    private init() throws(NetlinkError) {
        let raw = socket(
            AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), NETLINK_SOCK_DIAG)
        guard raw >= 0 else { throw NetlinkError(Self.action, Errno(rawValue: errno)) }
        descriptor = OwnedDescriptor(adopting: raw)
        let patience = timeval(tv_sec: Self.deadline, tv_usec: 0)
        _ = unsafe withUnsafeBytes(of: patience) {
            unsafe setsockopt(
                raw, SOL_SOCKET, SO_RCVTIMEO, $0.baseAddress, socklen_t($0.count))
        }
    }

    /// Ends the connections to destinations that are closed: their programs read ECONNABORTED, and the
    /// other side gets a reset.
    ///
    /// - Returns: how many there were.
    /// - Throws: `unsupported` where the kernel cannot (CONFIG_INET_DIAG_DESTROY).
    @discardableResult
    public static func abort(
        where isClosed: (Destination) -> Bool
    ) throws(NetlinkError) -> Int {
        var connections = try TCPConnections()
        var count = 0
        var unsupported: NetlinkError?
        for family in [UInt8(AF_INET), UInt8(AF_INET6)] {
            for socket in try connections.sockets(family, to: isClosed) {
                do throws(NetlinkError) {
                    try connections.abort(socket, family)
                    count += 1
                } catch {
                    // It ended by itself in the meantime, or its program has just closed it.
                    guard [.absent, .unsupported].contains(error.kind) else { throw error }
                    if error.kind == .unsupported { unsupported = error }
                }
            }
        }
        if count == 0, let unsupported { throw unsupported }
        return count
    }

    /// The identities of the sockets that programs have, as `struct inet_diag_sockid`, where they are
    /// connected to what is closed: an agent may have very many others. Sockets that were closed, which
    /// have no inode, are the kernel's to end: nobody waits for them.
    private mutating func sockets(
        _ family: UInt8, to isClosed: (Destination) -> Bool
    ) throws(NetlinkError) -> [[UInt8]] {
        var sockets: [[UInt8]] = []
        try ask(Self.list, flags: NLM_F_REQUEST | NLM_F_DUMP, family, [])
        do throws(NetlinkError) {
            try read { message throws(NetlinkFormatError) in
                guard message.type == Self.list else { return }
                let payload = message.payload
                guard payload.count >= Self.messageLength else { throw .truncated }
                let inode = Self.inodeOffset..<Self.messageLength
                guard inode.contains(where: { payload[$0] != 0 }) else { return }
                let socket = (0..<Self.socketLength).map { payload[Self.socketOffset + $0] }
                guard let destination = Self.destination(of: socket, family),
                    isClosed(destination)
                else { return }
                sockets.append(socket)
            }
        } catch {
            // Without inet_diag there is nobody to ask (ENOENT).
            guard error.kind == .absent else { throw error }
            throw NetlinkError(.unsupported, error.action, error.cause, error.detail)
        }
        return sockets
    }

    private mutating func abort(_ socket: [UInt8], _ family: UInt8) throws(NetlinkError) {
        try ask(Self.destroy, flags: NLM_F_REQUEST | NLM_F_ACK, family, socket)
        try read { _ throws(NetlinkFormatError) in }
    }

    private func ask(
        _ type: UInt16, flags: CInt, _ family: UInt8, _ socket: [UInt8]
    ) throws(NetlinkError) {
        var message: [UInt8] = []
        let length = NetlinkMessage.headerLength + Self.requestLength
        Self.append(UInt32(length), to: &message)
        Self.append(type, to: &message)
        Self.append(UInt16(flags), to: &message)
        message += [UInt8](repeating: 0, count: 8)  // sequence, port
        message += [family, UInt8(IPPROTO_TCP), 0, 0]
        Self.append(Self.states, to: &message)
        message += socket
        message += [UInt8](repeating: 0, count: length - message.count)
        let sent = unsafe message.withUnsafeBytes {
            unsafe Glibc.send(descriptor.raw, $0.baseAddress, $0.count, 0)
        }
        guard sent == length else { throw NetlinkError(Self.action, Errno(rawValue: errno)) }
    }

    /// Reads messages up to the end of a list, or an acknowledgement.
    private mutating func read(
        _ take: (borrowing NetlinkMessage) throws(NetlinkFormatError) -> Void
    ) throws(NetlinkError) {
        while true {
            let count = unsafe reply.withUnsafeMutableBytes {
                unsafe recv(descriptor.raw, $0.baseAddress, $0.count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw NetlinkError(Self.action, Errno(rawValue: errno)) }
            var messages = NetlinkMessages(reply.span.extracting(first: count))
            do {
                while let message = try messages.next() {
                    switch CInt(message.type) {
                    case NLMSG_DONE: return
                    case NLMSG_ERROR:
                        let verdict = try NetlinkVerdict(message)
                        guard verdict.cause.rawValue != 0 else { return }
                        throw NetlinkError(Self.action, verdict.cause, verdict.detail)
                    default: try take(message)
                    }
                }
            } catch let error as NetlinkError {
                throw error
            } catch {
                throw NetlinkError(.malformed, Self.action)
            }
        }
    }

    private static func append(_ number: some FixedWidthInteger, to message: inout [UInt8]) {
        unsafe withUnsafeBytes(of: number) { unsafe message.append(contentsOf: $0) }
    }

    /// Where a socket is connected to.
    private static func destination(of socket: [UInt8], _ family: UInt8) -> Destination? {
        let port = UInt16(socket[2]) << 8 | UInt16(socket[3])
        let octets = Array(socket[20..<36])
        // An IPv6 socket that speaks IPv4 has `::ffff:a.b.c.d` (ipv6(7)).
        let isMapped = octets[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let address =
            family == UInt8(AF_INET)
            ? Address(bytes: Array(octets[..<4]))
            : Address(bytes: isMapped ? Array(octets[12...]) : octets)
        return address.map { Destination($0, .tcp, port) }
    }
}
