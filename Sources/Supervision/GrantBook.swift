import Egress
import Linux
import Policy

/// Which rules opened each destination, and until when.
///
/// Several names may have one address, each for a time of its own: the kernel keeps a destination
/// open until the last of them ends, and a rule that goes takes along what it alone opened. What has
/// ended stays here: a flow that it let through may live on, and a denial must still find it.
struct GrantBook {
    /// Destinations that are remembered before the first look at which of them are needed, some
    /// 2 MiB of them. A look walks the host's whole table of connections, some 10 ms in which no
    /// grant is given, so it must be rare.
    static let leastLimit = 16_384
    /// Rules that are told apart for one destination.
    static let mostReasons = 64

    struct Reason: Equatable {
        /// Its number in the allowlist in force. Nil where it is not known: the kernel has one name
        /// for each destination, and that is all that an earlier program image of PID 1 leaves.
        var rule: RuleIndex?
        var isPrivate: Bool
        var end: Instant

        func isSame(_ other: Reason) -> Bool {
            rule == other.rule && isPrivate == other.isPrivate
        }
    }

    /// The reasons for one destination; there is one at least, and most often no other.
    private struct Entry {
        var first: Reason
        var others: [Reason] = []

        init(_ first: Reason) { self.first = first }

        init?(_ reasons: [Reason]) {
            guard let first = reasons.first else { return nil }
            (self.first, others) = (first, Array(reasons.dropFirst()))
        }

        var all: [Reason] { [first] + others }

        func end(isPrivate: Bool) -> Instant? {
            var end = first.isPrivate == isPrivate ? first.end : nil
            for other in others where other.isPrivate == isPrivate {
                end = max(end ?? other.end, other.end)
            }
            return end
        }

        mutating func add(_ reason: Reason) {
            if first.isSame(reason) {
                first.end = max(first.end, reason.end)
            } else if let index = others.firstIndex(where: { $0.isSame(reason) }) {
                others[index].end = max(others[index].end, reason.end)
            } else {
                while others.count + 1 >= mostReasons { blur() }
                others.append(reason)
            }
        }

        /// Makes room: which rule ends first is not known any more.
        private mutating func blur() {
            let known = others.indices.filter { others[$0].rule != nil }
            guard let index = known.min(by: { others[$0].end < others[$1].end }) else { return }
            var reason = others.remove(at: index)
            reason.rule = nil
            add(reason)
        }
    }

    private var entries: [Destination: Entry] = [:]
    private var limit = leastLimit

    /// Whether `keep` should be called.
    var isFull: Bool { entries.count >= limit }

    var count: Int { entries.count }

    mutating func note(_ destination: Destination, _ reason: Reason) {
        entries[destination, default: Entry(reason)].add(reason)
    }

    /// What the kernel has and this has not.
    mutating func note(_ live: [LiveGrant], at now: Instant) {
        for grant in live {
            let known = entries[grant.destination]?.end(isPrivate: grant.isPrivate)
            guard known.map({ $0 <= now }) ?? true else { continue }
            note(
                grant.destination,
                Reason(
                    rule: nil, isPrivate: grant.isPrivate,
                    end: now + .seconds(Int(grant.secondsLeft))))
        }
    }

    func reasons(for destination: Destination) -> [Reason] { entries[destination]?.all ?? [] }

    /// Whether what has been granted opens a destination now.
    func isOpen(_ destination: Destination, at now: Instant) -> Bool {
        entries[destination]?.all.contains { $0.end > now } ?? false
    }

    /// Seconds for which a destination is to stay open by what has been granted, rounded up.
    func secondsLeft(_ destination: Destination, isPrivate: Bool, at now: Instant) -> UInt32 {
        guard let end = entries[destination]?.end(isPrivate: isPrivate), end > now else { return 0 }
        return UInt32(clamping: (end.since(now).nanoseconds + 999_999_999) / 1_000_000_000)
    }

    /// Forgets all but `needed`; the next look is worth it when there are twice as many.
    mutating func keep(_ needed: Set<Destination>) {
        entries = entries.filter { needed.contains($0.key) }
        limit = max(Self.leastLimit, 2 * entries.count)
    }

    /// What a change of the policy makes of it all.
    struct Outcome {
        var book: GrantBook
        /// What the kernel is to hold.
        var surviving: [Grant] = []
        /// Destinations whose flows are to be cut: a rule that opened them is gone, and no other
        /// opens them now.
        var closed: Set<Destination> = []
    }

    /// - Parameter live: what the kernel holds.
    func following(_ change: inout PolicyChange, live: [LiveGrant], at now: Instant) -> Outcome {
        var before = self
        before.note(live, at: now)
        var kernel: [Destination: [LiveGrant]] = [:]
        for grant in live { kernel[grant.destination, default: []].append(grant) }
        var outcome = Outcome(book: GrantBook())
        outcome.book.limit = limit
        for (destination, entry) in before.entries {
            let reasons = entry.all
            let kept = reasons.compactMap { change.surviving($0, for: destination) }
            outcome.book.entries[destination] = Entry(kept)
            let grants = kernel[destination] ?? []
            guard kept.count < reasons.count else {
                outcome.surviving += grants.map(\.grant)
                continue
            }
            var isOpen = false
            for grant in grants {
                let open = kept.filter { $0.isPrivate == grant.isPrivate && $0.end > now }
                guard let last = open.max(by: { $0.end < $1.end }) else { continue }
                isOpen = true
                let left = last.end.since(now).nanoseconds + 999_999_999
                outcome.surviving.append(
                    Grant(
                        destination, seconds: UInt32(clamping: left / 1_000_000_000),
                        name: change.names(of: last) ?? grant.name, isPrivate: grant.isPrivate))
            }
            if !isOpen { outcome.closed.insert(destination) }
        }
        return outcome
    }
}
