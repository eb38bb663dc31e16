import CLinux
import Glibc
public import SystemPackage

/// What became of a transfer that does not wait.
public enum Transfer: Equatable, Sendable {
    /// So many octets went; 0 on a stream that is read means that the peer has ended it.
    case moved(Int)
    /// Nothing could go now.
    case wouldBlock
    case failed(Errno)

    /// What a call has returned.
    init(_ count: Int) {
        if count >= 0 {
            self = .moved(count)
            return
        }
        switch Errno.current {
        case .wouldBlock, .interrupted: self = .wouldBlock
        case let cause: self = .failed(cause)
        }
    }
}

extension OwnedDescriptor {
    /// Sends as much as the socket takes now; a message goes whole or not at all (send(2)).
    public func send(_ octets: Span<UInt8>) -> Transfer { Linux.send(octets, to: raw) }

    /// Receives into `buffer`; of a message, what does not fit is lost (recv(2)).
    public func receive(into buffer: inout [UInt8]) -> Transfer {
        Linux.receive(into: &buffer, limit: buffer.count, from: raw)
    }
}

/// `OwnedDescriptor.send(_:)` for a socket that belongs to someone else.
public func send(_ octets: Span<UInt8>, to socket: CInt) -> Transfer {
    let count = unsafe octets.withUnsafeBufferPointer {
        unsafe codetainer_send(socket, $0.baseAddress, $0.count)
    }
    return Transfer(count)
}

/// Receives at most `limit` octets into `buffer`, from a socket that belongs to someone else.
public func receive(into buffer: inout [UInt8], limit: Int, from socket: CInt) -> Transfer {
    let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe codetainer_receive(socket, $0.baseAddress, min(limit, $0.count))
    }
    return Transfer(count)
}

/// Sends octets with a descriptor for whoever receives them (unix(7), `SCM_RIGHTS`).
public func send(_ octets: Span<UInt8>, with descriptor: CInt, to socket: CInt) -> Transfer {
    let count = unsafe octets.withUnsafeBufferPointer {
        unsafe codetainer_send_descriptor(socket, $0.baseAddress, $0.count, descriptor)
    }
    return Transfer(count)
}

/// Receives octets, with the descriptor that came beside them, if one did.
public func receive(into buffer: inout [UInt8], with descriptor: inout CInt?, from socket: CInt)
    -> Transfer
{
    var received: CInt = -1
    let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe codetainer_receive_descriptor(socket, $0.baseAddress, $0.count, &received)
    }
    if received >= 0 {
        if let earlier = descriptor { Descriptors.close(earlier) }
        descriptor = received
    }
    return Transfer(count)
}
