public import Linux
public import SystemPackage

/// Asks PID 1 one question over the control socket.
public enum ControlClient {
    public static let socket: FilePath = "/run/codetainer/control.sock"

    /// How often a question is asked again that got no octet of an answer: PID 1 may have come back
    /// from a trap of its own, or have been upgraded, and then its connections are gone. Every request
    /// may be made twice.
    private static let repetitions = 3
    /// Between a question that PID 1 was too busy for and the same one again.
    private static let pause: Milliseconds = 50

    /// Asks again for as long as PID 1 is busy, within `patience`.
    ///
    /// - Parameter meanwhile: called ten times a second until the reply is there.
    /// - Returns: the reply, one JSON document.
    /// - Throws: `SystemCallError`: `ENOENT` or `ECONNREFUSED` where no PID 1 of ours runs, `ETIMEDOUT`
    ///   when the reply is not complete in `patience`.
    public static func ask(
        _ request: ControlRequest, patience: Milliseconds = 5_000,
        meanwhile: (() -> Void)? = nil
    ) throws(SystemCallError) -> [UInt8] {
        let deadline = Instant.now + patience
        var left = repetitions
        while true {
            let reply = try ask(request, until: deadline, meanwhile)
            if isBusy(reply) {
                guard Instant.now + pause < deadline else { return reply }
            } else {
                guard reply.isEmpty, left > 0 else { return reply }
                left -= 1
            }
            meanwhile?()
            Clock.pause(pause)
        }
    }

    /// Whether PID 1 has said that it is busy, and nothing else.
    public static func isBusy(_ reply: [UInt8]) -> Bool { reply == Array(ControlReply.busy.utf8) }

    private static func ask(
        _ request: ControlRequest, until deadline: Instant, _ meanwhile: (() -> Void)?
    ) throws(SystemCallError) -> [UInt8] {
        var exchange = try begin(request, until: deadline)
        let poll = try Poll()
        try poll.add(exchange.connection.raw, for: .readable, token: 0)
        while Instant.now < deadline {
            let rest = deadline.since(.now)
            let events = try poll.wait(meanwhile == nil ? rest : min(rest, 100))
            if events.isEmpty { meanwhile?() }
            if let reply = try exchange.receive() { return reply }
        }
        throw SystemCallError("read", socket.string, .timedOut)
    }

    /// A full queue of the listener's (`EAGAIN`) is waited for: PID 1 empties it in a moment.
    private static func begin(_ request: ControlRequest, until deadline: Instant)
        throws(SystemCallError) -> ControlExchange
    {
        while true {
            do throws(SystemCallError) {
                return try ControlExchange(request)
            } catch {
                guard error.cause == .wouldBlock, Instant.now < deadline else { throw error }
            }
            Clock.pause(5)
        }
    }
}
