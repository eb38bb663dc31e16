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

    /// The same number for a question that is repeated by datagram, and under the process's random
    /// key for no other; nil over TCP, where nobody repeats.
    fileprivate var fingerprint: Int? {
        guard case .datagram(let socket, let peer) = origin else { return nil }
        var hasher = Hasher()
        hasher.combine(socket)
        hasher.combine(peer)
        hasher.combine(asker.identifier)
        return hasher.finalize()
    }
}

/// A question in flight: everybody who asked it, and how far it has come.
final class Lookup {
    enum Phase {
        case asking(upstream: Int, deadline: Instant)
        /// All streams are taken: see `Service.streamQueue`.
        case queued(deadline: Instant)
        /// The answer waits for PID 1.
        case granting(Answer, expires: Instant, asked: Instant)
        case done
    }

    let question: Question
    let hash: UInt64
    let rules: [RuleIndex]
    private(set) var waiters: [Waiter] = []
    /// The fingerprints of all but the first: comparing each with thousands would take too long.
    private var fingerprints: Set<Int> = []
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

    /// Adds a client; false for one that asks again because it heard nothing: it is answered once.
    fileprivate func add(_ waiter: Waiter) -> Bool {
        if let first = waiters.first, let fingerprint = waiter.fingerprint {
            guard fingerprint != first.fingerprint, fingerprints.insert(fingerprint).inserted
            else { return false }
        }
        waiters.append(waiter)
        return true
    }

    fileprivate func end() -> [Waiter] {
        phase = .done
        defer { waiters = [] }
        return waiters
    }
}

/// The questions in flight, found by their hash.
struct LookupTable {
    /// Most questions in flight. They are all allowed names, so an agent cannot fill it with others.
    static let most = 512
    /// Most clients that wait, over all questions: with their fingerprints some 150 octets each.
    static let mostWaiters = 4096

    private var byHash: [UInt64: Lookup] = [:]
    private(set) var all: [Lookup] = []
    private var waiterCount = 0

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

    /// Lets a client wait for an answer; false when too many wait already. The first of each question
    /// is always let, so that many who ask for one name keep nobody from another.
    mutating func admit(_ waiter: Waiter, to lookup: Lookup) -> Bool {
        guard lookup.waiters.isEmpty || waiterCount < Self.mostWaiters else { return false }
        if lookup.add(waiter) { waiterCount += 1 }
        return true
    }

    /// Forgets a question; returns who waits for it.
    mutating func remove(_ lookup: Lookup) -> [Waiter] {
        let waiters = lookup.end()
        waiterCount -= waiters.count
        if byHash[lookup.hash] === lookup { byHash[lookup.hash] = nil }
        let last = all.removeLast()
        if last !== lookup {
            all[lookup.place] = last
            last.place = lookup.place
        }
        return waiters
    }
}
