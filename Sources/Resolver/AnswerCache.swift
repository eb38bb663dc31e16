import DNSWire
import Linux

/// An answer that is kept, and until when it and its grants last.
final class CachedAnswer {
    /// The question's name as octets, which take less room than a `Name`.
    let name: [UInt8]
    private let type: RecordType
    let answer: Answer
    let expires: Instant
    /// When the grants were asked for that PID 1 has acknowledged; meaningless without addresses.
    let granted: Instant
    /// When their renewal was asked for, which nobody waits for.
    fileprivate var renewed: Instant
    fileprivate(set) var hits: UInt32 = 0
    /// Set while a fresh answer is being fetched before this one runs out.
    var isRefreshing = false
    fileprivate var usedSinceSweep = false

    init(_ question: Question, _ answer: Answer, granted: Instant, expires: Instant) {
        name = question.name.bytes
        type = question.type
        self.answer = answer
        self.granted = granted
        renewed = granted
        self.expires = expires
    }

    func answers(_ question: Question) -> Bool {
        guard type == question.type else { return false }
        let name = self.name
        return question.name.equals(name.span)
    }

    /// Whole seconds left, rounded up: at least 1 for an answer that has not expired.
    func secondsLeft(at now: Instant) -> UInt32 {
        let left = max(0, expires.since(now).nanoseconds)
        return UInt32(clamping: (left + 999_999_999) / 1_000_000_000)
    }

    /// Whether the addresses stay open for long enough to hand them out without asking again: more
    /// than half of what they were granted for is left. That is never less than what is left of
    /// the answer, because a grant lives at least as long as the answer it was made for.
    func isGrantFresh(at now: Instant) -> Bool {
        let lifetime = max(answer.timeToLive, GrantLedger<Lookup>.leastLifetime)
        return now < granted + .seconds(Int(lifetime) / 2)
    }

    /// Whether this answer, which leaves now, is to renew its grants: once a second at most, the
    /// kernel's timeouts being of whole seconds here. Once it has said so, it has been.
    func renewsGrants(at now: Instant) -> Bool {
        guard !answer.addresses.isEmpty, now >= renewed + .seconds(1) else { return false }
        renewed = now
        return true
    }

    /// Whether to fetch a fresh answer now, so that those who ask often never wait: it was asked
    /// for four times, lived for 20 seconds or more, and a tenth of that is left.
    func isWorthRefreshing(at now: Instant) -> Bool {
        hits >= 4 && answer.timeToLive >= 20 && !isRefreshing
            && secondsLeft(at: now) <= answer.timeToLive / 10
    }

    /// With the headers of three objects.
    fileprivate var footprint: Int { 160 + name.count + answer.footprint }
}

/// Answers by question, bounded in number and in octets.
///
/// Eight places per hash value, so that a lookup costs the same whatever is asked; a place is
/// taken first from what has expired, then from what has not been used for longest.
struct AnswerCache {
    private static let ways = 8

    private var hashes: [UInt64]
    private var places: [CachedAnswer?]
    private let octetLimit: Int
    private(set) var octetCount = 0
    private(set) var count = 0
    private var hand = 0

    /// - Parameters:
    ///   - capacity: answers; rounded up to a power of two, at least 8.
    ///   - octetLimit: what all answers together may take in memory, near enough.
    init(capacity: Int, octetLimit: Int) {
        var size = Self.ways
        while size < capacity { size *= 2 }
        hashes = Array(repeating: 0, count: size)
        places = Array(repeating: nil, count: size)
        self.octetLimit = octetLimit
    }

    private func firstPlace(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (places.count - 1) & ~(Self.ways - 1)
    }

    /// The answer to a question, unless it has expired.
    func find(_ question: Question, _ hash: UInt64, at now: Instant) -> CachedAnswer? {
        let first = firstPlace(hash)
        for place in first..<first + Self.ways where hashes[place] == hash {
            guard let found = places[place], found.answers(question) else { continue }
            guard now < found.expires else { return nil }
            found.hits &+= 1
            found.usedSinceSweep = true
            return found
        }
        return nil
    }

    /// Keeps an answer to `question`, in place of any older one.
    mutating func insert(
        _ answer: CachedAnswer, to question: Question, _ hash: UInt64, at now: Instant
    ) {
        let first = firstPlace(hash)
        remove(at: victim(for: question, hash, first, now))
        let footprint = answer.footprint
        guard footprint <= octetLimit else { return }
        // A round marks what is left as unused or removes it, so this ends in the second.
        while octetCount + footprint > octetLimit { sweepOne(now) }
        let place = victim(for: question, hash, first, now)
        remove(at: place)
        hashes[place] = hash
        places[place] = answer
        octetCount += footprint
        count += 1
    }

    /// Where an answer goes: in place of an older one to the same question, where nothing is, in
    /// place of an expired one, or of the one that expires first among those not lately used.
    private func victim(
        for question: Question, _ hash: UInt64, _ first: Int, _ now: Instant
    ) -> Int {
        var best = first
        var bestRank = Int64.max
        for place in first..<first + Self.ways {
            guard let found = places[place] else {
                if bestRank > -1 { (best, bestRank) = (place, -1) }
                continue
            }
            if hashes[place] == hash, found.answers(question) { return place }
            let left = max(0, found.expires.since(now).nanoseconds)
            let rank = found.usedSinceSweep && left > 0 ? left / 2 + Int64.max / 2 : left / 2
            if rank < bestRank { (best, bestRank) = (place, rank) }
        }
        return best
    }

    private mutating func sweepOne(_ now: Instant) {
        hand = (hand + 1) & (places.count - 1)
        guard let found = places[hand] else { return }
        if found.usedSinceSweep, now < found.expires {
            found.usedSinceSweep = false
        } else {
            remove(at: hand)
        }
    }

    private mutating func remove(at place: Int) {
        guard let found = places[place] else { return }
        octetCount -= found.footprint
        count -= 1
        places[place] = nil
        hashes[place] = 0
    }
}
