import Linux

/// How a question is put to upstreams, one step after the other, until one answers or time is up.
///
/// A silent upstream is left to answer late while the next is asked; one that refuses is not asked
/// again. The last step ends before a client's own patience of 5 s (resolv.conf(5), `timeout`).
struct RetryPlan {
    /// How a question travels.
    enum Carrier: Equatable { case datagram, stream }

    enum Step: Equatable {
        /// Ask this upstream, and call `silence` when it has not answered by `deadline`.
        case ask(upstream: Int, Carrier, deadline: Instant)
        case giveUp
    }

    /// For how long each step waits before the next begins.
    private static let patience: [Milliseconds] = [400, 600, 900, 1200, 1400]
    /// A stream needs a handshake, and loses nothing on the way.
    private static let streamPatience: Milliseconds = 2000
    /// When the client gets its answer at the latest.
    static let limit: Milliseconds = 4500

    private let order: [Int]
    let end: Instant
    /// One bit for each place in the order; of more upstreams than 64, the last share one.
    private var failed: UInt64 = 0
    private var turn = 0
    private var steps = 0

    /// - Parameter order: upstreams by their number, the one to begin with first.
    init(order: [Int], started: Instant) {
        self.order = order
        end = started + Self.limit
    }

    mutating func begin(at now: Instant) -> Step { ask(at: now) }

    /// The last step's deadline has passed.
    mutating func silence(at now: Instant) -> Step {
        turn += 1
        return ask(at: now)
    }

    /// An upstream has said that it will not, or cannot be reached at all.
    mutating func failure(of upstream: Int, at now: Instant) -> Step {
        if let place = order.firstIndex(of: upstream) { failed |= 1 << UInt64(min(place, 63)) }
        turn += 1
        return ask(at: now)
    }

    /// The same upstream shall be asked in another way: over a stream, because its answer does not
    /// fit a datagram or cannot be trusted in one, or with a simpler question.
    mutating func again(_ upstream: Int, by carrier: Carrier, at now: Instant) -> Step {
        guard steps < Self.patience.count, now < end else { return .giveUp }
        let patience = carrier == .stream ? Self.streamPatience : Self.patience[steps]
        steps += 1
        return .ask(upstream: upstream, carrier, deadline: min(now + patience, end))
    }

    /// The step that was to be taken waits, and is none.
    mutating func wait() { steps -= 1 }

    private mutating func ask(at now: Instant) -> Step {
        guard steps < Self.patience.count, now < end else { return .giveUp }
        for _ in order.indices {
            let place = turn % order.count
            if failed >> UInt64(min(place, 63)) & 1 == 0 {
                let deadline = min(now + Self.patience[steps], end)
                steps += 1
                return .ask(upstream: order[place], .datagram, deadline: deadline)
            }
            turn += 1
        }
        return .giveUp
    }
}

/// Which upstreams answer, so that a dead one is not asked first.
struct UpstreamHealth {
    /// After so many silences or failures in a row an upstream goes to the back of the order…
    private static let tolerance = 2
    /// …for this long.
    private static let penalty: Milliseconds = .seconds(10)

    private var failures: [Int]
    private var penalizedUntil: [Instant]
    private let configured: [Int]
    /// When the last penalty ends.
    private var lastPenalty = Instant(nanoseconds: .min)

    init(count: Int) {
        configured = Array(0..<count)
        failures = Array(repeating: 0, count: count)
        penalizedUntil = Array(repeating: Instant(nanoseconds: .min), count: count)
    }

    mutating func answered(_ upstream: Int) {
        failures[upstream] = 0
        penalizedUntil[upstream] = Instant(nanoseconds: .min)
    }

    mutating func failed(_ upstream: Int, at now: Instant) {
        failures[upstream] += 1
        guard failures[upstream] >= Self.tolerance else { return }
        penalizedUntil[upstream] = now + Self.penalty
        lastPenalty = now + Self.penalty
    }

    /// All upstreams: as configured, those with a penalty last.
    func order(at now: Instant) -> [Int] {
        guard now < lastPenalty else { return configured }
        return configured.filter { penalizedUntil[$0] <= now }
            + configured.filter { penalizedUntil[$0] > now }
    }
}
