import DNSWire
import Linux
import Policy

/// Who a descriptor belongs to.
enum Registration {
    case termination
    case grants
    /// Room for more requests, while there is none.
    case grantRoom
    case packetLog
    case questions(Int)
    case listener
    case client(ClientStream)
    case upstreamSocket(UpstreamSocket)
    case upstreamStream(UpstreamStream)
}

/// Datagrams that wait to leave through one socket.
final class DatagramOutlet {
    let socket: CInt
    var sender: DatagramSender

    init(_ socket: CInt) throws(SystemCallError) {
        self.socket = socket
        sender = try DatagramSender(socket: socket, longest: Asker.largestPayload)
    }
}

/// The resolver's state, and the loop that turns events into calls on it. One thread, one epoll.
struct Service: ~Copyable {
    /// Longest question over UDP, in octets: what every answer announces (RFC 6891 §6.2.3).
    private static let longestQuery = Asker.largestPayload
    /// Bounds of the cache; with the rest it keeps the process under 6 MiB.
    private static let cachedAnswers = 2048
    private static let cachedOctets = 768 << 10
    /// Rounds in a row for one socket before the others are looked at.
    private static let mostTurnsWithoutWaiting = 4
    /// How long questions in flight may take after SIGTERM.
    private static let drainingTime: Milliseconds = 1000
    /// Rounds in which clients' connections are read for the last time.
    private static let lastRounds = 4

    let configuration: ResolverConfiguration
    let judge: Judge
    let hash: NameHash
    let statistics: ResolverStatistics
    var decisions: DecisionLog
    let poll: Poll
    var random = KernelRandom()
    var cache = AnswerCache(capacity: cachedAnswers, octetLimit: cachedOctets)
    var lookups = LookupTable()
    var ledger: GrantLedger<Lookup>
    var budget: NameBudget
    var health: UpstreamHealth
    var upstreams: [UpstreamSockets]
    var upstreamStreams: [UpstreamStream] = []
    var clients: [ClientStream] = []
    /// Connections that have something to write, or room to read again.
    var touched: [ClientStream] = []
    var outlets: [DatagramOutlet] = []
    /// Answers whose addresses are open, and of which nothing is put down yet.
    var committed: [(lookup: Lookup, answer: CachedAnswer)] = []
    /// When PID 1 said last that grants had made way for others: what was granted before may be closed.
    var evicted = Instant(nanoseconds: .min)
    /// Questions that wait for a stream to an upstream.
    var streamQueue: [(lookup: Lookup, upstream: Int)] = []
    /// Answers that have left from the cache in this round, and whose grants are to be renewed.
    var renewing: [CachedAnswer] = []
    var scratch = [UInt8](repeating: 0, count: 4096)
    var now = Instant.now
    /// The earliest moment at which anything is due.
    var timer: Instant?
    var isGrantChannelFull = false

    private let termination: CInt
    /// The socket that had several questions at once when it was read last.
    private var busySocket: Int?
    private var registrations: [Registration?] = []
    private var drainingEnd: Instant?
    /// Whether this resolver opens nothing any more: PID 1 has closed the channel, or the time to
    /// drain is over.
    private(set) var isLeaving = false

    /// - Parameter termination: becomes readable when the service shall end.
    static func start(
        _ configuration: ResolverConfiguration, termination: CInt
    ) throws -> Service {
        let text = try MemoryFile.contents(of: configuration.policy)
        let allowlist = try Allowlist(
            parsing: [Allowlist.Source(name: "the allowlist", utf8: text)])
        let memory = try Self.memory(configuration.statistics)
        var service = Service(
            configuration,
            Judge(
                allowlist: allowlist, relaysAAAA: configuration.relaysAAAA,
                audits: configuration.audits,
                leasedName: (try? DomainName(parsing: configuration.leasedName))?.wireBytes ?? []),
            try ResolverStatistics(mapping: memory, writable: true),
            try DecisionLog(mapping: memory), try Poll(), termination)
        try service.listen()
        return service
    }

    private mutating func listen() throws(SystemCallError) {
        statistics.add(1, to: .starts)
        for (index, socket) in configuration.datagramSockets.enumerated() {
            outlets.append(try DatagramOutlet(socket))
            try register(.questions(index), socket, for: .readable)
        }
        for socket in configuration.streamSockets {
            try register(.listener, socket, for: .readable)
        }
        try register(.grants, configuration.grants.incoming, for: .readable)
        if let packetLog = configuration.packetLog {
            try register(.packetLog, packetLog, for: .readable)
        }
        try register(.termination, termination, for: .readable)
    }

    private init(
        _ configuration: ResolverConfiguration, _ judge: Judge,
        _ statistics: consuming ResolverStatistics, _ decisions: consuming DecisionLog,
        _ poll: consuming Poll, _ termination: CInt
    ) {
        self.configuration = configuration
        self.judge = judge
        self.statistics = statistics
        self.decisions = decisions
        self.poll = poll
        self.termination = termination
        hash = NameHash(using: &random)
        ledger = GrantLedger(sequence: UInt32(truncatingIfNeeded: random.next()))
        budget = NameBudget(limit: configuration.newNamesPerMinute)
        health = UpstreamHealth(count: configuration.upstreams.count)
        upstreams = configuration.upstreams.enumerated().map {
            UpstreamSockets($0.element, upstream: $0.offset)
        }
    }

    /// The descriptor, or one of memory that nobody else sees.
    private static func memory(_ file: CInt?) throws(SystemCallError) -> CInt {
        if let file { return file }
        return try MemoryFile.empty("statistics", byteCount: ResolverStatistics.byteCount).release()
    }

    mutating func run() throws {
        var receiver = try DatagramReceiver(longest: Self.longestQuery)
        var events = Poll.Events()
        var rounds: UInt64 = 0
        while !isFinished {
            _ = try poll.wait(timer.map { $0.since(.now) }, for: &events)
            for event in events {
                now = .now
                try handle(event, &receiver)
            }
            try finishRound()
            // Under load more has come by now: it is taken without asking what is ready.
            var turns = 0
            while let index = busySocket, turns < Self.mostTurnsWithoutWaiting, !isLeaving {
                now = .now
                try receive(&receiver, index)
                try finishRound()
                turns += 1
            }
            // After the first answer, which waits for nothing, and ever more rarely: what stays is
            // what is in use, and no question in a thousand waits for pages to come back.
            rounds &+= 1
            if rounds.nonzeroBitCount == 1 { System.releaseCode() }
        }
        try leave()
    }

    /// Sends everybody who waits away, so that they ask again at once and not when their patience
    /// ends. It waits for nobody: what a connection does not take now is lost.
    private mutating func leave() throws {
        now = .now
        isLeaving = true
        for lookup in lookups.all { finish(lookup, .failure(.serverFailure, .replaced)) }
        try serveTouchedClients()
        // A connection that is closed before all of it is read is reset, and its answers with it.
        for _ in 0..<Self.lastRounds {
            for client in clients { read(from: client) }
            try serveTouchedClients()
        }
        for outlet in outlets { outlet.sender.flush() }
    }

    private mutating func finishRound() throws {
        now = .now
        if let timer, timer <= now { expire() }
        serveStreamQueue()
        sendGrants()
        try serveTouchedClients()
        for outlet in outlets { outlet.sender.flush() }
        noteCommitted()
        renewGrants()
    }

    private var isFinished: Bool {
        if isLeaving { return true }
        guard let drainingEnd else { return false }
        return now >= drainingEnd || lookups.all.isEmpty && clients.allSatisfy(\.isIdle)
    }

    private mutating func handle(_ event: Poll.Event, _ receiver: inout DatagramReceiver) throws {
        let descriptor = Int(truncatingIfNeeded: event.token)
        // An event may outlive its registration by the rest of this round, and then means nothing.
        guard registrations.indices.contains(descriptor),
            let registration = registrations[descriptor]
        else { return }
        // What waits in the sockets of PID 1 waits for the next resolver.
        guard !isLeaving else { return }
        switch registration {
        case .questions(let index): try receive(&receiver, index)
        case .listener: acceptClients(from: CInt(descriptor))
        case .client(let client):
            // Reported even when nothing is asked for, so it must end the connection.
            if !event.readiness.isDisjoint(with: [.failed, .hungUp]) { return close(client) }
            read(from: client)
        case .upstreamSocket(let socket): read(from: socket)
        case .upstreamStream(let stream): advance(stream)
        case .grants: isLeaving = !takeAcknowledgements()
        // The end of the round sends them.
        case .grantRoom: break
        case .packetLog: notePackets(from: CInt(descriptor))
        case .termination: try drain()
        }
    }

    private mutating func receive(_ receiver: inout DatagramReceiver, _ index: Int) throws {
        let count = try receiver.receive(from: outlets[index].socket)
        var query = Query()
        for slot in 0..<count {
            let origin = Origin.datagram(socket: index, receiver.source(slot))
            take(receiver.octets(slot), as: &query, from: origin)
        }
        busySocket = count > 1 && drainingEnd == nil ? index : nil
    }

    /// Stops listening; what is in flight is still answered. Questions that wait in the sockets
    /// stay there for the next resolver.
    private mutating func drain() throws {
        guard drainingEnd == nil else { return }
        try poll.remove(termination)
        for socket in configuration.datagramSockets + configuration.streamSockets {
            try poll.remove(socket)
        }
        for client in clients where client.isIdle { close(client) }
        drainingEnd = now + Self.drainingTime
        wake(at: now + Self.drainingTime)
    }

    /// Sees to it that `expire()` runs at `moment`.
    mutating func wake(at moment: Instant) { timer = timer.map { min($0, moment) } ?? moment }

    private mutating func expire() {
        timer = nil
        expireLookups()
        expireGrants()
        expireStreams()
        if let drainingEnd { wake(at: drainingEnd) }
    }

    // MARK: Descriptors

    mutating func register(
        _ registration: Registration, _ descriptor: CInt, for readiness: Readiness
    ) throws(SystemCallError) {
        try poll.add(descriptor, for: readiness, token: UInt64(descriptor))
        let index = Int(descriptor)
        while registrations.count <= index { registrations.append(nil) }
        registrations[index] = registration
    }

    /// To be called before the descriptor is closed.
    mutating func unregister(_ descriptor: CInt) {
        try? poll.remove(descriptor)
        registrations[Int(descriptor)] = nil
    }
}
