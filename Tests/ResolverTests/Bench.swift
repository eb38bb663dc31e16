import DNSWire
import Foundation
import Linux
import Policy
import Synchronization

@testable import Resolver

/// A resolver on loopback, with a stand-in for PID 1 and whatever upstreams a test gives it.
final class Bench: Sendable {
    /// What the stand-in for PID 1 does with a record: a status, or nil to say nothing.
    typealias Granter = @Sendable (GrantRecord) -> UInt32?

    let endpoint: Endpoint
    let statisticsFile: OwnedDescriptor
    let hasEnded = Mutex(false)
    let granted = Mutex<[GrantRecord]>([])
    private let datagrams: OwnedDescriptor
    private let listener: OwnedDescriptor
    /// PID 1's end.
    private let grants: PipeChannel
    private let isClosed = Mutex(false)
    private let policy: OwnedDescriptor
    private let stop: DescriptorPair
    private let configuration: ResolverConfiguration
    private let isHoldingStill = Mutex(false)

    init(
        allowing text: String, upstreams: [Endpoint], relaysAAAA: Bool = false,
        newNamesPerMinute: Int = 60, granter: @escaping Granter = { _ in 0 }
    ) throws {
        let sockets = try LoopbackSockets.open(backlog: 1024)
        endpoint = sockets.endpoint
        datagrams = sockets.datagrams
        listener = sockets.listener
        let channel = try PipeChannelPair().release()
        grants = channel.second
        ignore(.pipe)
        stop = try UnixSocket.messagePair()
        policy = try MemoryFile.sealed("policy", holding: Array(text.utf8))
        statisticsFile = try MemoryFile.empty(
            "statistics", byteCount: ResolverStatistics.byteCount)
        configuration = ResolverConfiguration(
            datagramSockets: [datagrams.raw], streamSockets: [listener.raw],
            grants: channel.first, statistics: statisticsFile.raw, policy: policy.raw,
            upstreams: upstreams, relaysAAAA: relaysAAAA, newNamesPerMinute: newNamesPerMinute)
        start()
        Thread.detachNewThread { [self] in grant(granter) }
    }

    /// Starts the resolver, or starts it again after it has ended.
    func start() {
        hasEnded.withLock { $0 = false }
        Thread.detachNewThread { [self] in
            do {
                var service = try Service.start(configuration, termination: stop.first.raw)
                try service.run()
            } catch {
                print("resolver: \(error)")
            }
            hasEnded.withLock { $0 = true }
        }
    }

    /// What SIGTERM does.
    func terminate() { _ = stop.second.send([1].span) }

    /// Takes the request to terminate back, for another start.
    func rearm() {
        var buffer: [UInt8] = [0]
        _ = stop.first.receive(into: &buffer)
    }

    /// What the end of PID 1 does.
    func closeGrantChannel() {
        // The other half stays, for the thread that reads it.
        isClosed.withLock {
            if !$0 { Descriptors.close(grants.outgoing) }
            $0 = true
        }
    }

    /// Lets the stand-in for PID 1 read nothing, or again.
    func holdGrants(_ isHolding: Bool) { isHoldingStill.withLock { $0 = isHolding } }

    func count(_ counter: ResolverStatistics.Counter) throws -> UInt64 {
        try ResolverStatistics(mapping: statisticsFile.raw, writable: false).value(of: counter)
    }

    var end: Bool {
        let deadline = Instant.now + 3000
        while Instant.now < deadline {
            if hasEnded.withLock({ $0 }) { return true }
            usleep(2000)
        }
        return false
    }

    private func grant(_ granter: Granter) {
        guard let poll = try? Poll() else { return }
        try? poll.add(grants.incoming, for: .readable, token: 0)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            _ = try? poll.wait(100)
            if isHoldingStill.withLock({ $0 }) {
                usleep(1000)
                continue
            }
            switch grants.receive(into: &buffer) {
            case .wouldBlock: continue
            case .failed, .moved(0): return
            case .moved(let count):
                let message = buffer.span.extracting(first: count)
                let records = (try? GrantRecord.decode(message)) ?? []
                granted.withLock { $0 += records }
                let answer = records.compactMap { record in
                    granter(record).map {
                        GrantAcknowledgement(sequence: record.sequence, status: $0)
                    }
                }
                guard !answer.isEmpty else { continue }
                isClosed.withLock {
                    if !$0 { _ = grants.send(GrantAcknowledgement.encode(answer).span) }
                }
            }
        }
    }
}

/// A client with sockets of its own.
struct Client: ~Copyable {
    enum Failure: Error { case noAnswer, notSent }

    let socket: OwnedDescriptor

    init(of endpoint: Endpoint) throws {
        socket = try InternetSocket.datagrams(connectedTo: endpoint)
    }

    init(streamTo endpoint: Endpoint) throws {
        let socket = try InternetSocket.stream(connectingTo: endpoint)
        try Self.wait(socket.raw, for: .writable, 1000)
        self.socket = socket
    }

    private static func wait(
        _ socket: CInt, for readiness: Readiness, _ patience: Milliseconds
    ) throws {
        let poll = try Poll()
        try poll.add(socket, for: readiness, token: 0)
        if try poll.wait(patience).isEmpty { throw Failure.noAnswer }
    }

    func send(_ octets: [UInt8]) throws {
        guard case .moved(octets.count) = socket.send(octets.span) else { throw Failure.notSent }
    }

    func receive(_ patience: Milliseconds = 6000) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        try Self.wait(socket.raw, for: .readable, patience)
        guard case .moved(let count) = socket.receive(into: &buffer), count > 0 else {
            throw Failure.noAnswer
        }
        return Array(buffer.prefix(count))
    }

    func ask(
        _ question: Question, identifier: UInt16 = 7, patience: Milliseconds = 6000
    ) throws -> ParsedMessage {
        try send(query(question, identifier))
        return try ParsedMessage(try receive(patience))
    }
}

func query(_ question: Question, _ identifier: UInt16 = 7) -> [UInt8] {
    TestMessage(
        identifier: identifier, flags: .recursionDesired, questions: [question],
        options: [ExtendedOptions(payloadSize: 1232)]
    ).octets
}

func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
}

/// An address at which nobody listens.
func closedEndpoint() throws -> Endpoint {
    let socket = try InternetSocket.datagrams(boundTo: Endpoint(.v4(0x7f00_0001), port: 0))
    let endpoint = try InternetSocket.local(of: socket.raw)
    return endpoint
}
