import CLinux
import Glibc
public import SystemPackage

/// Who is at the other end of a Unix socket, as the kernel vouches (unix(7), `SO_PEERCRED`).
public struct PeerCredentials: Equatable, Sendable {
    public let process: CInt
    public let user: UInt32
    public let group: UInt32

    public init(of socket: borrowing OwnedDescriptor) throws(SystemCallError) {
        var process: CInt = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
        try checked(
            unsafe codetainer_peer_credentials(socket.raw, &process, &user, &group),
            "getsockopt", "SO_PEERCRED")
        (self.process, self.user, self.group) = (process, user, group)
    }
}

extension PeerCredentials {
    /// The process that connected, as a descriptor that means no other when its number is used again
    /// (unix(7), `SO_PEERPIDFD`, since Linux 6.5).
    ///
    /// - Throws: `ENOPROTOOPT` where the kernel has no such option, `ESRCH` when the process is gone.
    public static func process(at socket: CInt) throws(SystemCallError) -> CInt {
        let option: CInt = 77
        var handle: CInt = -1
        try checked(
            unsafe codetainer_get_option(socket, SOL_SOCKET, option, &handle), "getsockopt",
            "SO_PEERPIDFD")
        return handle
    }
}

/// Unix-domain sockets; all of them non-blocking and close-on-exec (unix(7)).
public enum UnixSocket {
    /// Two connected sockets that keep message boundaries (`SOCK_SEQPACKET`).
    public static func messagePair() throws(SystemCallError) -> DescriptorPair {
        var pair: [CInt] = [-1, -1]
        try checked(
            unsafe codetainer_socketpair(CInt(SOCK_SEQPACKET.rawValue), &pair), "socketpair")
        return DescriptorPair(first: pair[0], second: pair[1])
    }

    /// A stream socket that listens at `path`, with exactly `mode`; what was there is replaced.
    public static func listen(at path: FilePath, mode: UInt32, backlog: CInt = 64)
        throws(SystemCallError) -> OwnedDescriptor
    {
        let socket = try stream()
        _ = unsafe unlink(path.string)
        try checked(unsafe codetainer_bind_unix(socket.raw, path.string), "bind", path.string)
        try checked(unsafe chmod(path.string, mode), "chmod", path.string)
        try checked(Glibc.listen(socket.raw, backlog), "listen", path.string)
        return socket
    }

    /// A stream socket connected to the listener at `path`.
    public static func connect(to path: FilePath) throws(SystemCallError) -> OwnedDescriptor {
        let socket = try stream()
        try checked(unsafe codetainer_connect_unix(socket.raw, path.string), "connect", path.string)
        return socket
    }

    /// The next waiting connection, or nil when there is none.
    public static func accept(from listener: CInt) throws(SystemCallError) -> OwnedDescriptor? {
        let connection = codetainer_accept(listener, nil)
        if connection >= 0 { return OwnedDescriptor(adopting: connection) }
        switch Errno.current {
        case .wouldBlock, .interrupted, .connectionAbort: return nil
        case let cause: throw SystemCallError("accept4", "", cause)
        }
    }

    private static func stream() throws(SystemCallError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try checked(
                codetainer_socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0), "socket", "unix"))
    }
}
