import Control
import Linux

/// The control socket: who asks is known from the kernel, what is asked is one short line, and
/// nobody is waited for.
struct ControlServer: ~Copyable {
    /// A request that PID 1 must answer, with the connection to answer on.
    struct Question {
        let request: ControlRequest
        let peer: PeerCredentials
        let connection: CInt
        /// What has come after its line.
        var rest: [UInt8] = []
    }

    private struct Connection {
        let peer: PeerCredentials
        var line: [UInt8] = []
        let deadline: Instant
    }

    /// Connections at once of the agent, and of everybody else: the agent cannot take the
    /// operator's place.
    private static let places = (agent: 8, others: 24)
    /// From the connection to the end of its line.
    private static let patience: Milliseconds = 2_000

    let listener: OwnedDescriptor
    private let agent: UInt32
    private var connections: [CInt: Connection] = [:]

    init(listener: consuming OwnedDescriptor, agent: UInt32) {
        self.listener = listener
        self.agent = agent
    }

    /// Whether nobody is in the middle of a request.
    var isIdle: Bool { connections.isEmpty }

    var nextDeadline: Instant? { connections.values.map(\.deadline).min() }

    /// What became of a connection that was waiting.
    enum Arrival: Equatable {
        /// It is to be polled.
        case taken(CInt)
        /// Its kind has no place left: it was told so and closed.
        case turnedAway
    }

    /// Takes the next waiting connection; nil when none is left.
    mutating func accept(at now: Instant) throws(SystemCallError) -> Arrival? {
        guard let socket = try UnixSocket.accept(from: listener.raw) else { return nil }
        let peer = try PeerCredentials(of: socket)
        let descriptor = socket.release()
        let isAgent = peer.user == agent
        // Nobody else may ask anything, nor take the operator's places.
        guard isAgent || peer.user == 0 else {
            refuse(descriptor, "not permitted for uid \(peer.user): ask as root")
            return .turnedAway
        }
        let taken = connections.values.count { ($0.peer.user == agent) == isAgent }
        guard taken < (isAgent ? Self.places.agent : Self.places.others) else {
            refuse(descriptor, saying: ControlReply.busy)
            return .turnedAway
        }
        connections[descriptor] = Connection(peer: peer, deadline: now + Self.patience)
        return .taken(descriptor)
    }

    /// Reads what has come on a connection.
    ///
    /// - Returns: the question once its line is whole; the connection is then the caller's.
    mutating func receive(on descriptor: CInt) -> Question? {
        guard var connection = connections[descriptor] else { return nil }
        var chunk = [UInt8](repeating: 0, count: ControlRequest.longestLine)
        let count: Int?
        do {
            count = try Descriptors.read(descriptor, into: &chunk)
        } catch {
            close(descriptor)
            return nil
        }
        guard let count else { return nil }
        guard count > 0 else {
            close(descriptor)
            return nil
        }
        connection.line += chunk.prefix(count)
        connections[descriptor] = connection
        guard let end = connection.line.firstIndex(of: 0x0a) else {
            if connection.line.count >= ControlRequest.longestLine {
                refuse(descriptor, "the request is longer than 512 octets: make it shorter")
            }
            return nil
        }
        do {
            let request = try ControlRequest(parsing: connection.line[..<end])
            guard request.isPermitted(for: connection.peer.user, agent: agent) else {
                let user = connection.peer.user
                refuse(
                    descriptor,
                    user == 0
                        ? "only the agent may ask this"
                        : "not permitted for uid \(user): ask as root")
                return nil
            }
            connections[descriptor] = nil
            return Question(
                request: request, peer: connection.peer, connection: descriptor,
                rest: Array(connection.line[(end + 1)...]))
        } catch {
            refuse(descriptor, error.description)
            return nil
        }
    }

    /// Closes the connections whose time is up.
    mutating func expire(at now: Instant) {
        for (descriptor, connection) in connections where connection.deadline <= now {
            refuse(descriptor, "no request within two seconds")
        }
    }

    /// Lets go of a connection that cannot be polled.
    mutating func drop(_ descriptor: CInt) { close(descriptor) }

    private mutating func refuse(_ descriptor: CInt, _ message: String) {
        refuse(descriptor, saying: ControlReply.error(message))
    }

    private mutating func refuse(_ descriptor: CInt, saying reply: String) {
        Output.writeWithoutWaiting(Array(reply.utf8), to: descriptor)
        close(descriptor)
    }

    private mutating func close(_ descriptor: CInt) {
        connections[descriptor] = nil
        Descriptors.close(descriptor)
    }
}
