public import Linux
public import SystemPackage

/// Asks PID 1 one question over the control socket.
public enum ControlClient {
    public static let socket: FilePath = "/run/codetainer/control.sock"
    /// Longest reply, in octets: a report with every grant of both full sets.
    private static let longestReply = 64 << 20

    /// - Returns: the reply, one JSON document.
    /// - Throws: `SystemCallError`: `ENOENT` or `ECONNREFUSED` where no PID 1 of ours runs, `ETIMEDOUT`
    ///   when the reply is not complete in `patience`.
    public static func ask(_ request: ControlRequest, patience: Milliseconds = 5_000)
        throws(SystemCallError) -> [UInt8]
    {
        let deadline = Instant.now + patience
        let connection = try connect(until: deadline)
        _ = try connection.write(Array(request.line.utf8))
        let poll = try Poll()
        try poll.add(connection.raw, for: .readable, token: 0)
        var reply: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while Instant.now < deadline {
            _ = try poll.wait(deadline.since(.now))
            guard let count = try connection.read(into: &chunk) else { continue }
            if count == 0 { return reply }
            reply += chunk.prefix(count)
            guard reply.count <= longestReply else {
                throw SystemCallError("read", socket.string, .fileTooLarge)
            }
        }
        throw SystemCallError("read", socket.string, .timedOut)
    }

    /// A full queue of the listener's (`EAGAIN`) is waited for: PID 1 empties it in a moment.
    private static func connect(until deadline: Instant) throws(SystemCallError) -> OwnedDescriptor
    {
        while true {
            do throws(SystemCallError) {
                return try UnixSocket.connect(to: socket)
            } catch {
                guard error.cause == .wouldBlock, Instant.now < deadline else { throw error }
            }
            Clock.pause(5)
        }
    }
}
