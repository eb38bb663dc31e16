import CLinux
import Glibc
import Policy
import SystemPackage

/// An internet socket of the namespace and the user that it is made in.
final class TestSocket {
    let descriptor: CInt
    private let family: CInt

    /// - Parameter type: `SOCK_STREAM`, `SOCK_DGRAM`, `SOCK_RAW` by their numbers 1, 2, 3.
    init(_ family: CInt, type: CInt, protocolNumber: CInt = 0) {
        self.family = family
        descriptor = codetainer_socket(family, type, protocolNumber)
        precondition(descriptor >= 0, "socket: \(errno)")
    }

    convenience init(_ transport: Transport, like address: Address) {
        self.init(address.isIPv4 ? AF_INET : AF_INET6, type: transport == .tcp ? 1 : 2)
    }

    deinit { close(descriptor) }

    static func listening(_ transport: Transport, _ address: Address, _ port: UInt16) -> TestSocket
    {
        let socket = TestSocket(transport, like: address)
        socket.bind(address, port)
        if transport == .tcp { precondition(listen(socket.descriptor, 16) == 0) }
        return socket
    }

    func bind(_ address: Address, _ port: UInt16) {
        _ = codetainer_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        var endpoint = codetainer_endpoint(address, port)
        let result = unsafe codetainer_bind(descriptor, &endpoint)
        precondition(result == 0, "bind \(address) \(port): \(errno)")
    }

    /// Connects and waits for how it ends: `.success`, an error, `.timedOut`.
    func connect(_ address: Address, _ port: UInt16, within milliseconds: CInt = 2000) -> Errno {
        var endpoint = codetainer_endpoint(address, port)
        let result = unsafe codetainer_connect(descriptor, &endpoint)
        if result == 0 { return .success }
        let cause = Errno(rawValue: errno)
        guard cause == .nowInProgress else { return cause }
        guard wait(POLLOUT, milliseconds) else { return .timedOut }
        return pendingError
    }

    /// What SO_ERROR holds; reading it clears it.
    var pendingError: Errno {
        var error: CInt = 0
        let result = unsafe codetainer_get_option(descriptor, SOL_SOCKET, SO_ERROR, &error)
        return Errno(rawValue: result == 0 ? error : errno)
    }

    func send(_ text: String) -> Errno {
        let bytes = Array(text.utf8)
        let count = unsafe Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
        return count == bytes.count ? .success : Errno(rawValue: errno)
    }

    /// What arrives within `milliseconds`; nil when nothing does.
    func receive(within milliseconds: CInt = 1000) -> String? {
        guard wait(POLLIN, milliseconds) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Receives one datagram and sends `reply` to whom it came from.
    func answer(_ reply: String) -> String? {
        guard wait(POLLIN, 1000) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var sender = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = unsafe withUnsafeMutablePointer(to: &sender) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let count = unsafe recvfrom(
                    descriptor, &buffer, buffer.count, 0, address, &length)
                let bytes = Array(reply.utf8)
                let sent = unsafe sendto(descriptor, bytes, bytes.count, 0, address, length)
                return sent == bytes.count ? count : -1
            }
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// The next connection; nil when none comes.
    func accepted(within milliseconds: CInt = 1000) -> TestSocket? {
        guard wait(POLLIN, milliseconds) else { return nil }
        let connection = codetainer_accept(descriptor, nil)
        return connection >= 0 ? TestSocket(adopting: connection, family) : nil
    }

    private init(adopting descriptor: CInt, _ family: CInt) {
        self.descriptor = descriptor
        self.family = family
    }

    func set(_ level: CInt, _ option: CInt, _ value: [UInt8]) -> Errno {
        let result = unsafe setsockopt(descriptor, level, option, value, socklen_t(value.count))
        return result == 0 ? .success : Errno(rawValue: errno)
    }

    private func wait(_ event: CInt, _ milliseconds: CInt) -> Bool {
        var interest = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        return unsafe poll(&interest, 1, milliseconds) == 1
    }
}

extension Errno {
    static let success = Errno(rawValue: 0)
}

extension codetainer_endpoint {
    init(_ address: Address, _ port: UInt16) {
        self.init()
        family = UInt16(address.isIPv4 ? AF_INET : AF_INET6)
        self.port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &self.address) { octets in
            unsafe octets.copyBytes(from: address.bytes)
        }
    }
}
