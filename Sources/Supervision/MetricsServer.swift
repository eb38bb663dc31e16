import Confinement
import Control
public import Linux
import SystemPackage

/// `codetainer metrics`: tells collectors over HTTP what `status --format prometheus` prints.
///
/// A process of its own, because it reads what the network sends: with a uid that nobody else has, no
/// file, and no call but those on its open descriptors. PID 1 bound its socket before the agent was
/// there, and has the report written for it: it asks with one octet and gets one message. Descriptor 3
/// is the socket, 4 the channel to PID 1.
public struct MetricsServer: ~Copyable {
    private static let listener: CInt = 3
    private static let channel: CInt = 4
    /// Connections at once; others wait in the socket.
    private static let mostConnections = 32
    /// From a connection to the end of its request, and from there to the end of its answer.
    private static let patience: Milliseconds = 5_000
    /// How long a report is waited for.
    private static let reportTime: Milliseconds = 4_000
    /// How long the other side has to close the connection that is answered: what it still sends
    /// would otherwise make the kernel take the answer back (RFC 9112 §9.6).
    private static let lingering: Milliseconds = 1_000
    /// For so long a report is good for whoever else asks.
    private static let freshness: Milliseconds = 1_000
    /// Longest report, in octets.
    public static let longestReport = 128 << 10
    /// What PID 1 sends instead of a report when it has no time for one.
    public static let busy: [UInt8] = [0x21]

    private enum State {
        case reading
        /// For the report.
        case waiting
        case writing
        /// The answer is on its way.
        case closing
    }

    private final class Connection {
        let descriptor: CInt
        var state = State.reading
        var deadline: Instant
        /// What has come, then what is answered.
        var octets: [UInt8] = []
        /// How much of the answer is sent.
        var sent = 0
        var isHead = false

        init(_ descriptor: CInt, until deadline: Instant) {
            (self.descriptor, self.deadline) = (descriptor, deadline)
        }
    }

    private let poll: Poll
    private var connections: [Connection] = []
    private var isListening = true
    private var buffer = [UInt8](repeating: 0, count: longestReport + 1)
    private var report: [UInt8] = []
    /// When the report came; nil when there is none.
    private var reported: Instant?
    /// Until when the one that was asked for may come.
    private var askedUntil: Instant?

    public init() throws(SystemCallError) {
        ignore(.pipe)
        let poll = try Poll()
        try poll.add(Self.listener, for: .readable, token: UInt64(Self.listener))
        try poll.add(Self.channel, for: .readable, token: UInt64(Self.channel))
        self.poll = poll
    }

    /// Runs until PID 1 is gone.
    public mutating func run() throws(SystemCallError) {
        while true {
            var next = askedUntil
            for connection in connections {
                next = min(next ?? connection.deadline, connection.deadline)
            }
            let events = try poll.wait(next.map { $0.since(.now) })
            let now = Instant.now
            for event in events {
                let descriptor = CInt(truncatingIfNeeded: event.token)
                switch descriptor {
                case Self.listener: accept(at: now)
                case Self.channel: guard takeReport(at: now) else { return }
                default: advance(descriptor, event.readiness, at: now)
                }
            }
            expire(at: now)
            listen()
        }
    }

    // MARK: Connections

    private mutating func accept(at now: Instant) {
        for _ in 0..<Self.mostConnections {
            if connections.count >= Self.mostConnections {
                // Who asks says so at once: the oldest that has not makes way.
                guard let idle = connections.first(where: { $0.state == .reading }) else { return }
                close(idle)
            }
            guard let arrival = (try? InternetSocket.accept(from: Self.listener))?.release() else {
                return
            }
            guard (try? poll.add(arrival, for: .readable, token: UInt64(arrival))) != nil else {
                Descriptors.close(arrival)
                continue
            }
            connections.append(Connection(arrival, until: now + Self.patience))
        }
    }

    /// While there is no place, nobody is told of who waits: the loop would turn on nothing else.
    private mutating func listen() {
        let hasRoom =
            connections.count < Self.mostConnections
            || connections.contains { $0.state == .reading }
        guard hasRoom != isListening else { return }
        isListening = hasRoom
        poll(Self.listener, for: hasRoom ? .readable : [])
    }

    private func poll(_ descriptor: CInt, for readiness: Readiness) {
        try? poll.modify(descriptor, for: readiness, token: UInt64(descriptor))
    }

    private mutating func advance(_ descriptor: CInt, _ readiness: Readiness, at now: Instant) {
        guard let place = connections.firstIndex(where: { $0.descriptor == descriptor }) else {
            return
        }
        let connection = connections[place]
        let isOver =
            !readiness.isDisjoint(with: [.failed, .hungUp])
            || !(connection.state == .writing
                ? write(to: connection, at: now) : read(from: connection, at: now))
        if isOver { close(connection) }
    }

    /// - Returns: false when the connection is over; so the others do.
    private mutating func read(from connection: Connection, at now: Instant) -> Bool {
        switch receive(into: &buffer, limit: MetricsRequest.longest, from: connection.descriptor) {
        case .wouldBlock: return true
        case .failed: return false
        case .moved(0):
            // Who only closed its sending side waits for the answer.
            guard connection.state == .waiting else { return false }
            poll(connection.descriptor, for: [])
            return true
        case .moved(let count):
            guard connection.state == .reading else { return true }
            connection.octets += buffer[..<count]
            return take(connection, at: now)
        }
    }

    private mutating func take(_ connection: Connection, at now: Instant) -> Bool {
        switch MetricsRequest(parsing: connection.octets) {
        case .incomplete: return true
        case .refused(let refusal):
            return answer(connection, MetricsRequest.answer(refusal), at: now)
        case .metrics(let isHead):
            connection.isHead = isHead
            if hasFreshReport(at: now) { return answerWithReport(connection, at: now) }
            connection.state = .waiting
            connection.deadline = now + Self.patience
            askForReport(at: now)
            return true
        }
    }

    private func answerWithReport(_ connection: Connection, at now: Instant) -> Bool {
        answer(
            connection,
            hasFreshReport(at: now)
                ? MetricsRequest.answer(report, isHead: connection.isHead)
                : MetricsRequest.answer(.unavailable), at: now)
    }

    private func answer(_ connection: Connection, _ octets: [UInt8], at now: Instant) -> Bool {
        connection.state = .writing
        connection.octets = octets
        connection.deadline = now + Self.patience
        poll(connection.descriptor, for: .writable)
        return write(to: connection, at: now)
    }

    private func write(to connection: Connection, at now: Instant) -> Bool {
        let octets = connection.octets
        switch send(
            octets.span.extracting(connection.sent..<octets.count), to: connection.descriptor)
        {
        case .wouldBlock: return true
        case .failed: return false
        case .moved(let count): connection.sent += count
        }
        guard connection.sent == octets.count else { return true }
        connection.state = .closing
        connection.deadline = now + Self.lingering
        poll(connection.descriptor, for: .readable)
        return true
    }

    private mutating func expire(at now: Instant) {
        for connection in connections where connection.deadline <= now { close(connection) }
        if let askedUntil, askedUntil <= now {
            self.askedUntil = nil
            answerWaiting(at: now)
        }
    }

    private mutating func close(_ connection: Connection) {
        connections.removeAll { $0 === connection }
        Descriptors.close(connection.descriptor)
    }

    // MARK: The report

    private mutating func askForReport(at now: Instant) {
        guard askedUntil == nil else { return }
        askedUntil = now + Self.reportTime
        let question: [UInt8] = [0x3f]
        _ = send(question.span, to: Self.channel)
    }

    /// - Returns: false when PID 1 is gone.
    private mutating func takeReport(at now: Instant) -> Bool {
        switch receive(into: &buffer, limit: buffer.count, from: Self.channel) {
        case .wouldBlock: return true
        case .failed, .moved(0): return false
        case .moved(let count):
            reported = nil
            if count > Self.busy.count, count <= Self.longestReport {
                report = Array(buffer[..<count])
                reported = now
            }
            askedUntil = nil
            answerWaiting(at: now)
            return true
        }
    }

    private mutating func answerWaiting(at now: Instant) {
        for connection in connections where connection.state == .waiting {
            if !answerWithReport(connection, at: now) { close(connection) }
        }
    }

    private func hasFreshReport(at now: Instant) -> Bool {
        reported.map { now < $0 + Self.freshness } ?? false
    }
}

extension MetricsServer {
    /// The uid and gid of the server, which nobody else has.
    public static let user: UInt32 = 64055
    /// What reports call it.
    public static let name = "metrics"

    /// How PID 1 starts it and keeps it running.
    ///
    /// - Parameters:
    ///   - listener: its socket.
    ///   - channel: its end of the channel to PID 1.
    public static func specification(
        executable: String, listener: CInt, channel: CInt
    ) -> ServiceSpecification {
        var cage = Cage(
            identity: .init(user: user, group: user), filter: .service,
            limits: [.init(.openFiles, 64)], keptDescriptors: 5, newSession: true, directory: "/")
        // It is given none.
        cage.environment = .callers
        var specification = ServiceSpecification(
            name: name, command: [executable, "metrics"], cage: cage.options, restart: .always,
            isRequired: false)
        specification.inherited = [listener, channel]
        return specification
    }
}
