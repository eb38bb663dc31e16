import Linux
import SystemPackage

/// Waiting for a socket, with an end.
enum Wait {
    /// - Throws: why it did not connect; `ETIMEDOUT` when nobody said anything.
    static func untilConnected(_ socket: borrowing OwnedDescriptor, atMost time: Milliseconds)
        throws(SystemCallError)
    {
        let poll = try Poll()
        try poll.add(socket.raw, for: .writable, token: 0)
        guard try !poll.wait(time).isEmpty else {
            throw SystemCallError("connect", "", .timedOut)
        }
        if let cause = try InternetSocket.pendingError(of: socket.raw) {
            throw SystemCallError("connect", "", cause)
        }
    }

    /// For an error that comes back for what was sent; none in that time is none at all.
    static func forError(of socket: borrowing OwnedDescriptor, atMost time: Milliseconds)
        throws(SystemCallError)
    {
        let poll = try Poll()
        try poll.add(socket.raw, for: [], token: 0)
        _ = try poll.wait(time)
        if let cause = try InternetSocket.pendingError(of: socket.raw) {
            throw SystemCallError("send", "", cause)
        }
    }
}
