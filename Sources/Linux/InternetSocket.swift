import CLinux
import Glibc
import SystemPackage

/// An IPv4 or IPv6 address with a port.
public struct Endpoint: Hashable, Sendable {
    public enum Address: Hashable, Sendable {
        /// Host order: 192.0.2.1 is 0xc000_0201.
        case v4(UInt32)
        /// Host order, upper and lower half; the scope is an interface index, or 0.
        case v6(UInt64, UInt64, scope: UInt32)
    }

    public var address: Address
    public var port: UInt16

    public init(_ address: Address, port: UInt16) {
        self.address = address
        self.port = port
    }

    fileprivate init(_ raw: codetainer_endpoint) {
        port = UInt16(bigEndian: raw.port)
        address = unsafe withUnsafeBytes(of: raw.address) { octets in
            let high = unsafe UInt64(bigEndian: octets.loadUnaligned(as: UInt64.self))
            guard Int32(raw.family) == AF_INET6 else {
                return .v4(UInt32(truncatingIfNeeded: high >> 32))
            }
            let low = unsafe octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            return .v6(high, UInt64(bigEndian: low), scope: raw.scope)
        }
    }

    fileprivate var family: CInt {
        switch address {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    fileprivate var raw: codetainer_endpoint {
        var raw = codetainer_endpoint()
        raw.family = UInt16(family)
        raw.port = port.bigEndian
        let halves: (UInt64, UInt64)
        switch address {
        case .v4(let bits): halves = (UInt64(bits) << 32, 0)
        case .v6(let high, let low, let scope):
            halves = (high, low)
            raw.scope = scope
        }
        unsafe withUnsafeMutableBytes(of: &raw.address) { octets in
            unsafe octets.storeBytes(of: halves.0.bigEndian, as: UInt64.self)
            unsafe octets.storeBytes(of: halves.1.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return raw
    }
}

/// UDP and TCP sockets; all of them non-blocking and close-on-exec (ip(7), ipv6(7)).
public enum InternetSocket {
    /// A datagram socket on a random port that hears `endpoint` only.
    public static func datagrams(connectedTo endpoint: Endpoint) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let socket = try open(endpoint.family, SOCK_DGRAM)
        var raw = endpoint.raw
        try checked(unsafe codetainer_connect(socket.raw, &raw), "connect", "UDP")
        return socket
    }

    /// The same for addresses that reach many; without the option they are `EACCES` (socket(7),
    /// `SO_BROADCAST`).
    public static func broadcasts(connectedTo endpoint: Endpoint) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let socket = try open(endpoint.family, SOCK_DGRAM)
        try checked(
            codetainer_set_option(socket.raw, SOL_SOCKET, SO_BROADCAST, 1), "setsockopt",
            "SO_BROADCAST")
        var raw = endpoint.raw
        try checked(unsafe codetainer_connect(socket.raw, &raw), "connect", "UDP")
        return socket
    }

    /// A socket for ICMP echo requests, which needs no privilege where the kernel's
    /// ping_group_range has the group (icmp(7)).
    public static func echoes(connectedTo endpoint: Endpoint) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let icmp = endpoint.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6
        let socket = try open(endpoint.family, SOCK_DGRAM, CInt(icmp))
        var raw = endpoint.raw
        try checked(unsafe codetainer_connect(socket.raw, &raw), "connect", "ICMP")
        return socket
    }

    /// Whether an address is one of the network namespace's own: no other can be bound (bind(2)).
    public static func isOwn(_ address: Endpoint.Address) -> Bool {
        (try? datagrams(boundTo: Endpoint(address, port: 0))) != nil
    }

    /// A datagram socket that is bound to `endpoint` and never sends fragments, so that the kernel
    /// has no number to choose for them (ip(7), `IP_MTU_DISCOVER`).
    public static func datagrams(boundTo endpoint: Endpoint) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let socket = try open(endpoint.family, SOCK_DGRAM)
        var raw = endpoint.raw
        try checked(unsafe codetainer_bind(socket.raw, &raw), "bind", "UDP \(endpoint.port)")
        let isVersion4 = CInt(endpoint.family) == AF_INET
        try checked(
            codetainer_set_option(
                socket.raw, CInt(isVersion4 ? IPPROTO_IP : IPPROTO_IPV6),
                isVersion4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, IP_PMTUDISC_DO),
            "setsockopt", "IP_MTU_DISCOVER")
        return socket
    }

    /// A stream socket on its way to `endpoint`; it is writable once it is there, or has failed.
    public static func stream(connectingTo endpoint: Endpoint) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let socket = try open(endpoint.family, SOCK_STREAM)
        var raw = endpoint.raw
        if unsafe codetainer_connect(socket.raw, &raw) != 0 {
            let cause = Errno.current
            guard cause == .nowInProgress else { throw SystemCallError("connect", "TCP", cause) }
        }
        return socket
    }

    /// A stream socket that listens at `endpoint`.
    public static func listen(at endpoint: Endpoint, backlog: CInt = 128) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let socket = try open(endpoint.family, SOCK_STREAM)
        try checked(
            codetainer_set_option(socket.raw, SOL_SOCKET, SO_REUSEADDR, 1), "setsockopt",
            "SO_REUSEADDR")
        if endpoint.address == .v6(0, 0, scope: 0) {
            try checked(
                codetainer_set_option(socket.raw, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0),
                "setsockopt", "IPV6_V6ONLY")
        }
        var raw = endpoint.raw
        try checked(unsafe codetainer_bind(socket.raw, &raw), "bind", "TCP \(endpoint.port)")
        try checked(Glibc.listen(socket.raw, backlog), "listen", "TCP \(endpoint.port)")
        return socket
    }

    /// A stream socket that listens at every address of this machine, of both families where it has
    /// both (ipv6(7), `IPV6_V6ONLY`).
    public static func listen(everywhere port: UInt16, backlog: CInt = 128)
        throws(SystemCallError) -> OwnedDescriptor
    {
        do throws(SystemCallError) {
            return try listen(at: Endpoint(.v6(0, 0, scope: 0), port: port), backlog: backlog)
        } catch {
            guard error.cause == .addressFamilyNotSupported || error.cause == .addressNotAvailable
            else { throw error }
            return try listen(at: Endpoint(.v4(0), port: port), backlog: backlog)
        }
    }

    /// The next waiting connection, or nil when there is none.
    public static func accept(from listener: CInt) throws(SystemCallError) -> OwnedDescriptor? {
        try UnixSocket.accept(from: listener)
    }

    /// The address that a socket is bound to (getsockname(2)).
    public static func local(of socket: CInt) throws(SystemCallError) -> Endpoint {
        var raw = codetainer_endpoint()
        try checked(unsafe codetainer_local_endpoint(socket, &raw), "getsockname")
        return Endpoint(raw)
    }

    /// Why a connection could not be made, or nil when it was (`SO_ERROR`).
    public static func pendingError(of socket: CInt) throws(SystemCallError) -> Errno? {
        var value: CInt = 0
        try checked(
            unsafe codetainer_get_option(socket, SOL_SOCKET, SO_ERROR, &value), "getsockopt",
            "SO_ERROR")
        return value == 0 ? nil : Errno(rawValue: value)
    }

    private static func open(_ family: CInt, _ type: __socket_type, _ number: CInt = 0)
        throws(SystemCallError) -> OwnedDescriptor
    {
        OwnedDescriptor(
            adopting: try checked(
                codetainer_socket(family, CInt(type.rawValue), number), "socket", "internet"))
    }
}
