import Control
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Supervision

/// Tests run as root: they are the operator, or with 0 as the agent's number the agent.
@Suite struct ControlServerTests {
    private let scratch: Scratch
    private let path: FilePath

    init() throws {
        scratch = try Scratch()
        path = scratch.path.appending("control.sock")
    }

    private func server(agent: UInt32 = 1000) throws -> ControlServer {
        ControlServer(listener: try UnixSocket.listen(at: path, mode: 0o600), agent: agent)
    }

    private static let now = Instant(nanoseconds: 0)

    private static func accepted(_ server: inout ControlServer) throws -> CInt {
        guard case .taken(let connection)? = try server.accept(at: now) else {
            throw SystemCallError("accept", "no connection was taken", .connectionRefused)
        }
        return connection
    }

    /// What the client reads until its connection ends.
    private static func reply(_ client: borrowing OwnedDescriptor) throws -> String {
        String(decoding: try Files.read(client, subject: "reply"), as: UTF8.self)
    }

    @Test func aWholeLineIsAQuestion() throws {
        var server = try server()
        let client = try UnixSocket.connect(to: path)
        let connection = try Self.accepted(&server)
        for part in ["", "stat", "us"] {
            try client.writeAll(part.utf8)
            let question = server.receive(on: connection)
            #expect(question == nil)
        }
        try client.writeAll("\nhealth\n".utf8)
        let question = server.receive(on: connection)
        #expect(question?.request == .status)
        #expect(question?.peer.user == 0 && question?.peer.process == System.processID)
        #expect(question?.connection == connection)
        // It is the caller's now.
        let next = server.receive(on: connection)
        let deadline = server.nextDeadline
        #expect(next == nil && deadline == nil)
        Descriptors.close(connection)
    }

    @Test(arguments: [
        ("nonsense\n", "unknown request"), ("\n", "unknown request"),
        ("status\0\n", "the request is not a line of ASCII"),
        ("status\r\n", "the request is not a line of ASCII"),
        ("agent-started\n", "only the agent may ask this"),
        (
            String(repeating: "a", count: 512),
            "the request is longer than 512 octets: make it shorter"
        ),
        (String(repeating: "a", count: 511) + "\n", "unknown request"),
    ])
    func refuses(line: String, message: String) throws {
        var server = try server()
        let client = try UnixSocket.connect(to: path)
        let connection = try Self.accepted(&server)
        try client.writeAll(line.utf8)
        let question = server.receive(on: connection)
        #expect(question == nil)
        #expect(try Self.reply(client) == ControlReply.error(message))
        let deadline = server.nextDeadline
        #expect(deadline == nil)
    }

    @Test func theAgentSpeaksForItself() throws {
        var server = try server(agent: 0)
        let client = try UnixSocket.connect(to: path)
        let connection = try Self.accepted(&server)
        try client.writeAll("agent-started\n".utf8)
        let question = server.receive(on: connection)
        #expect(question?.request == .agentStarted)
        Descriptors.close(connection)
    }

    @Test func aClientThatGoesAwayIsForgotten() throws {
        var server = try server()
        do { _ = try UnixSocket.connect(to: path) }
        let connection = try Self.accepted(&server)
        let question = server.receive(on: connection)
        let deadline = server.nextDeadline
        #expect(question == nil && deadline == nil)
    }

    @Test func aClientThatSaysNothingIsRefusedAfterTwoSeconds() throws {
        var server = try server()
        let client = try UnixSocket.connect(to: path)
        _ = try Self.accepted(&server)
        let due = Self.now + .seconds(2)
        for moment in [Self.now, Self.now + 1_999] {
            server.expire(at: moment)
            let deadline = server.nextDeadline
            #expect(deadline == due)
        }
        server.expire(at: due)
        let deadline = server.nextDeadline
        #expect(deadline == nil)
        #expect(try Self.reply(client) == ControlReply.error("no request within two seconds"))
    }

    /// The agent fills its own places; the operator's stay free, and a full one is told at once.
    @Test(arguments: [(System.userID, 8), (System.userID + 1, 24)] as [(UInt32, Int)])
    func eachKindHasItsPlaces(agent: UInt32, places: Int) throws {
        var server = try server(agent: agent)
        var clients: [CInt] = []
        defer { for client in clients { Descriptors.close(client) } }
        for _ in 0..<places {
            clients.append(try UnixSocket.connect(to: path).release())
            _ = try Self.accepted(&server)
        }
        let late = try UnixSocket.connect(to: path)
        let arrival = try server.accept(at: Self.now)
        #expect(arrival == .turnedAway)
        #expect(try Self.reply(late) == ControlReply.error("busy: ask again in a moment"))
        server.expire(at: Self.now + .seconds(2))
        clients.append(try UnixSocket.connect(to: path).release())
        _ = try Self.accepted(&server)
    }

    @Test func anAllowanceRefillsWithTime() {
        var allowance = Allowance(burst: 2, every: 100)
        let moments: [Milliseconds] = [0, 0, 99, 100, 100, 100_000, 100_000, 100_000]
        let admitted = moments.map { allowance.admit(at: Self.now + $0) }
        #expect(admitted == [true, true, false, true, false, true, true, false])
    }
}

extension ControlServer.Question: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        left.request == right.request && left.connection == right.connection
    }
}
