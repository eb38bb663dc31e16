import DNSWire
import Linux
import Policy

/// Where an answer goes.
enum Origin {
    case datagram(socket: Int, Peer)
    case stream(ClientStream)
}

/// A client that waits for an answer.
struct Waiter {
    let origin: Origin
    let asker: Asker
}

/// A question in flight: everybody who asked it, and how far it has come.
final class Lookup {
    /// Most clients that wait for one answer; the next gets a failure at once.
    static let mostWaiters = 64

    enum Phase {
        case asking(upstream: Int, deadline: Instant)
        /// The answer waits for PID 1.
        case granting(Answer, expires: Instant, asked: Instant)
        case done
    }

    let question: Question
    let hash: UInt64
    let rules: [RuleIndex]
    var waiters: [Waiter] = []
    var phase: Phase
    var plan: RetryPlan
    var lastFailure: ResponseCode?
    /// Its place among the questions in flight.
    var place = 0

    init(_ question: Question, _ hash: UInt64, rules: [RuleIndex], plan: RetryPlan, at now: Instant)
    {
        self.question = question
        self.hash = hash
        self.rules = rules
        self.plan = plan
        phase = .asking(upstream: 0, deadline: now)
    }

    var isDone: Bool {
        if case .done = phase { true } else { false }
    }
}

/// The questions in flight, found by their hash.
struct LookupTable {
    /// Most questions in flight. They are all allowed names, so an agent cannot fill it with others.
    static let most = 512

    private var byHash: [UInt64: Lookup] = [:]
    private(set) var all: [Lookup] = []

    var isFull: Bool { all.count >= Self.most }

    func find(_ question: Question, _ hash: UInt64) -> Lookup? {
        guard let found = byHash[hash], found.question == question else { return nil }
        return found
    }

    mutating func insert(_ lookup: Lookup) {
        byHash[lookup.hash] = lookup
        lookup.place = all.count
        all.append(lookup)
    }

    mutating func remove(_ lookup: Lookup) {
        lookup.phase = .done
        if byHash[lookup.hash] === lookup { byHash[lookup.hash] = nil }
        let last = all.removeLast()
        if last !== lookup {
            all[lookup.place] = last
            last.place = lookup.place
        }
    }
}
