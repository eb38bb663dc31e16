public import Linux
public import SystemPackage

/// Asks PID 1 one question over the control socket.
public enum ControlClient {
    public static let socket: FilePath = "/run/codetainer/control.sock"
    /// Longest reply, in octets: a report with every grant of both full sets.
    private static let longestReply = 64 << 20

    /// How often a question is asked again that got no octet of an answer: PID 1 may have come back
    /// from a trap of its own, or have been upgraded, and then its connections are gone. Every request
    /// may be made twice.
    private static let repetitions = 3

    /// - Parameter meanwhile: called ten times a second until the reply is there.
    /// - Returns: the reply, one JSON document.
    /// - Throws: `SystemCallError`: `ENOENT` or `ECONNREFUSED` where no PID 1 of ours runs, `ETIMEDOUT`
    ///   when the reply is not complete in `patience`.
    public static func ask(
        _ request: ControlRequest, patience: Milliseconds = 5_000,
        meanwhile: (() -> Void)? = nil
    ) throws(SystemCallError) -> [UInt8] {
        let deadline = Instant.now + patience
        // Who turns the connection away at once may have said why.
        ignore(.pipe)
        for _ in 0..<repetitions {
            let reply = try ask(request, until: deadline, meanwhile)
            if !reply.isEmpty { return reply }
            Clock.pause(20)
        }
        return try ask(request, until: deadline, meanwhile)
    }

    private static func ask(
        _ request: ControlRequest, until deadline: Instant, _ meanwhile: (() -> Void)?
    ) throws(SystemCallError) -> [UInt8] {
        let connection = try connect(until: deadline)
        do throws(SystemCallError) {
            _ = try connection.write(Array(request.line.utf8))
        } catch {
            guard error.cause == .brokenPipe else { throw error }
        }
        let poll = try Poll()
        try poll.add(connection.raw, for: .readable, token: 0)
        var reply: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while Instant.now < deadline {
            let rest = deadline.since(.now)
            let events = try poll.wait(meanwhile == nil ? rest : min(rest, 100))
            if events.isEmpty { meanwhile?() }
            let received: Int?
            do throws(SystemCallError) {
                received = try connection.read(into: &chunk)
            } catch {
                // Closed before it had read the request.
                guard error.cause == .connectionReset else { throw error }
                return []
            }
            guard let count = received else { continue }
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
