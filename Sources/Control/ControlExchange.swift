public import Linux
import SystemPackage

/// One question to PID 1 and its answer as it comes, for whoever waits for other things as well.
public struct ControlExchange: ~Copyable {
    /// Longest reply, in octets: a report with every grant of both full sets.
    private static let longestReply = 64 << 20

    /// To be polled until there is something to read.
    public let connection: OwnedDescriptor
    private var reply: [UInt8] = []

    /// - Throws: `SystemCallError`: `ENOENT` or `ECONNREFUSED` where no PID 1 of ours runs, `EAGAIN`
    ///   when it has not taken the questions that came before.
    public init(_ request: ControlRequest) throws(SystemCallError) {
        // Who turns the connection away at once may have said why.
        ignore(.pipe)
        let connection = try UnixSocket.connect(to: ControlClient.socket)
        do throws(SystemCallError) {
            _ = try connection.write(Array(request.line.utf8))
        } catch {
            guard error.cause == .brokenPipe else { throw error }
        }
        self.connection = connection
    }

    /// Reads what has come, without waiting.
    ///
    /// - Returns: the reply once it is whole, nil before; nothing in it when PID 1 closed the
    ///   connection without an answer, as when it comes back from a trap or is upgraded.
    public mutating func receive() throws(SystemCallError) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let received: Int?
            do throws(SystemCallError) {
                received = try connection.read(into: &chunk)
            } catch {
                // Closed before it had read the request.
                guard error.cause == .connectionReset else { throw error }
                return []
            }
            guard let count = received else { return nil }
            if count == 0 { return reply }
            reply += chunk.prefix(count)
            guard reply.count <= Self.longestReply else {
                throw SystemCallError("read", ControlClient.socket.string, .fileTooLarge)
            }
        }
    }
}
