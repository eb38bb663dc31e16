public import Linux
import SystemPackage

extension ControlClient {
    /// Asks for something that PID 1 answers with a descriptor.
    ///
    /// - Returns: the descriptor, which is the caller's; nil with PID 1's words where there was none.
    /// - Throws: as `ask(_:patience:)`.
    public static func descriptor(
        for request: ControlRequest, patience: Milliseconds = 5_000
    ) throws(SystemCallError) -> (descriptor: CInt?, reply: [UInt8]) {
        let deadline = Instant.now + patience
        // Who turns the connection away at once may have said why.
        ignore(.pipe)
        while true {
            // PID 1 may have come back from a trap or be an upgraded one, and its queue may be full;
            // either is over in a moment.
            if let answer = try once(request, until: deadline) { return answer }
            guard Instant.now < deadline else {
                throw SystemCallError("connect", socket.string, .timedOut)
            }
            Clock.pause(20)
        }
    }

    /// nil when it is to be asked again.
    private static func once(_ request: ControlRequest, until deadline: Instant)
        throws(SystemCallError) -> (descriptor: CInt?, reply: [UInt8])?
    {
        do throws(SystemCallError) {
            return try reply(on: UnixSocket.connect(to: socket), to: request, until: deadline)
        } catch {
            guard error.cause == .wouldBlock || error.cause == .brokenPipe else { throw error }
            return nil
        }
    }

    private static func reply(
        on connection: consuming OwnedDescriptor, to request: ControlRequest,
        until deadline: Instant
    ) throws(SystemCallError) -> (descriptor: CInt?, reply: [UInt8])? {
        _ = try connection.write(Array(request.line.utf8))
        let poll = try Poll()
        try poll.add(connection.raw, for: .readable, token: 0)
        var chunk = [UInt8](repeating: 0, count: 4096)
        while Instant.now < deadline {
            _ = try poll.wait(deadline.since(.now))
            var descriptor: CInt?
            switch receive(into: &chunk, with: &descriptor, from: connection.raw) {
            case .wouldBlock: continue
            case .moved(0), .failed(.connectionReset): return nil
            case .moved(let count):
                let reply = Array(chunk.prefix(count))
                return isBusy(reply) ? nil : (descriptor, reply)
            case .failed(let cause): throw SystemCallError("recvmsg", socket.string, cause)
            }
        }
        throw SystemCallError("recvmsg", socket.string, .timedOut)
    }
}
