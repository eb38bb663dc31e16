import LeaseExchange
import Linux
import Policy
import Secrets

/// Asks, tells PID 1, waits; until SIGTERM, when it gives the session back.
struct LeaseClient: ~Copyable {
    private static let channel: CInt = 3
    private static let keyFile: CInt = 4
    /// How long a question may take, from the look-up of the name to the last octet.
    private static let questionTime: Milliseconds = 10_000
    /// The same for giving the session back, when the container ends.
    private static let releaseTime: Milliseconds = 2_000

    private let exchange: Exchange
    private let product: String
    private let session: String
    private let heartbeat: UInt32
    private let key: Secret
    private let signals: SignalDescriptor
    private let poll: Poll
    private var pace: LeasePace
    private var random = KernelRandom()
    private var hasLease = false
    /// The server has said that there is no session.
    private var isRefused = false

    init(exchange: Exchange, product: String, session: String, heartbeat: UInt32)
        throws(SystemCallError)
    {
        ignore(.pipe)
        let key = try Secret(contentsOf: Self.keyFile)
        let signals = try SignalDescriptor(blocking: [.terminate, .interrupt])
        let poll = try Poll()
        try poll.add(signals.descriptor.raw, for: .readable, token: 0)
        self.exchange = exchange
        (self.product, self.session, self.heartbeat) = (product, session, heartbeat)
        (self.key, pace) = (key, LeasePace(heartbeat: heartbeat))
        self.signals = signals
        self.poll = poll
    }

    /// Runs until it is told to end.
    mutating func run() throws(SystemCallError) {
        while true {
            let record = try ask(hasLease ? .renew : .acquire, within: Self.questionTime)
            guard let record else { return try release() }
            let pause = pace.pause(after: record, using: &random)
            try tell(record)
            guard isRefused == false else { return try waitForEnd() }
            if try waits(Milliseconds(pause)) { return try release() }
        }
    }

    /// - Returns: nil when it is told to end meanwhile.
    private func ask(_ action: LeaseQuestion.Action, within time: Milliseconds)
        throws(SystemCallError) -> LeaseRecord?
    {
        let question = LeaseQuestion(
            action: action, session: session, product: product, heartbeat: heartbeat)
        let body = try key.escaped(between: question.head, and: LeaseQuestion.tail)
        let interruption = action == .release ? -1 : signals.descriptor.raw
        switch exchange.post(body, within: time, unless: interruption) {
        case .answer(let octets): return LeaseAnswer.record(of: octets, session: session)
        case .fault(let fault): return .unanswered(fault)
        case .interrupted: return nil
        }
    }

    /// The first failures of a boot PID 1 is spared: they are tried again.
    private mutating func tell(_ record: LeaseRecord) throws(SystemCallError) {
        switch record {
        case .granted: hasLease = true
        case .refused: isRefused = true
        case .unanswered(let fault):
            if fault.isPassing, pace.isPatient(hasLease) { return }
        }
        let octets = record.octets
        // PID 1 hears soon; a record that it has no room for it has many like.
        guard case .failed(let cause) = send(octets.span, to: Self.channel) else { return }
        throw SystemCallError("send", "the lease's channel", cause)
    }

    /// - Returns: whether it is told to end meanwhile.
    private func waits(_ time: Milliseconds) throws(SystemCallError) -> Bool {
        let end = Instant.now + time
        while true {
            let left = end.since(.now)
            guard left > 0 else { return false }
            if try !poll.wait(left).isEmpty { return true }
        }
    }

    private func waitForEnd() throws(SystemCallError) {
        while try poll.wait(nil).isEmpty {}
    }

    /// Where it does not arrive, the server ends the session by itself, when it has heard nothing for
    /// some heartbeats.
    private func release() throws(SystemCallError) {
        _ = try ask(.release, within: Self.releaseTime)
    }
}

extension LeaseFault {
    /// Whether it may be over in a moment, as at the start of a server beside.
    fileprivate var isPassing: Bool {
        switch self {
        case .name, .connection, .transport: true
        default: false
        }
    }
}
