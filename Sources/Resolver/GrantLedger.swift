import Linux
import Policy

/// An address, and a rule that opens it.
struct Opening: Equatable {
    let rule: RuleIndex
    let address: Address
}

/// Which grants have been asked of PID 1, and which answers wait for them.
///
/// An answer leaves only when every one of its records is acknowledged. Memory is bounded by the
/// answers that wait, and those by the questions in flight.
struct GrantLedger<Waiting> {
    /// For how long an answer waits for its grants.
    static var patience: Milliseconds { 1000 }
    /// After how long without an acknowledgement its records are sent once more.
    static var impatience: Milliseconds { 300 }
    /// Most records of answers that wait.
    static var mostRecords: Int { 8192 }
    /// For how long the kernel keeps an address open at least, in seconds.
    static var leastLifetime: UInt32 { 300 }
    /// Most elements of the kernel's sets that are renewed in a second: this must not take PID 1's time
    /// from those who wait.
    static var mostRenewals: Int { 1024 }

    /// What an answer's wait ended with.
    enum Outcome: Equatable { case committed, refused, unanswered }

    private struct Request {
        let waiting: Waiting
        let openings: [Opening]
        let timeToLive: UInt32
        /// Its records have numbers from here on, one after the other.
        let first: UInt32
        /// One bit for each record: not acknowledged yet.
        var open: [UInt64]
        var openCount: Int
        let asked: Instant
        var wasRepeated = false

        var count: Int { openings.count }

        func record(_ index: Int) -> GrantRecord {
            GrantRecord(
                sequence: first &+ UInt32(index), rule: openings[index].rule,
                timeToLive: timeToLive, address: openings[index].address)
        }

        func isOpen(_ index: Int) -> Bool { open[index / 64] >> UInt64(index % 64) & 1 == 1 }
    }

    /// In the order of their numbers.
    private var requests: [Request] = []
    private var unsent: [GrantRecord] = []
    private var sequence: UInt32
    private(set) var recordCount = 0
    /// The second in which renewals are counted.
    private var renewals: (since: Instant, count: Int)?

    /// - Parameter sequence: where to begin; after a restart, acknowledgements of the past may
    ///   still arrive, and must not fit.
    init(sequence: UInt32) { self.sequence = sequence }

    var isEmpty: Bool { requests.isEmpty }

    /// Whether there is anything to send.
    var hasUnsent: Bool { !unsent.isEmpty }

    /// When `overdue(at:)` has something to do.
    var deadline: Instant? {
        requests.map { $0.asked + ($0.wasRepeated ? Self.patience : Self.impatience) }.min()
    }

    /// Asks for all of `openings`; false when too many wait already.
    mutating func ask(
        for waiting: Waiting, _ openings: [Opening], timeToLive: UInt32, at now: Instant
    ) -> Bool {
        let count = openings.count
        guard count > 0, recordCount + count <= Self.mostRecords else { return false }
        let request = Request(
            waiting: waiting, openings: openings, timeToLive: timeToLive, first: sequence,
            open: Array(repeating: .max, count: (count + 63) / 64),
            openCount: count, asked: now)
        sequence &+= UInt32(count)
        for index in 0..<count { unsent.append(request.record(index)) }
        recordCount += count
        requests.append(request)
        return true
    }

    /// Asks for what is open to stay open for longer. Nobody waits for it, and nothing is made of its
    /// acknowledgement; where somebody waits for another, it is left out.
    ///
    /// - Parameter elements: what the kernel has to change for it.
    mutating func renew(
        _ openings: [Opening], elements: Int, timeToLive: UInt32, at now: Instant
    ) {
        if renewals.map({ now >= $0.since + .seconds(1) }) ?? true { renewals = (now, 0) }
        let before = renewals?.count ?? 0
        guard isEmpty, before + elements <= Self.mostRenewals,
            unsent.count < GrantRecord.mostPerMessage
        else { return }
        renewals?.count = before + elements
        for opening in openings {
            unsent.append(
                GrantRecord(
                    sequence: sequence, rule: opening.rule, timeToLive: timeToLive,
                    address: opening.address))
            sequence &+= 1
        }
    }

    /// The next message's records: at most 64. They count as sent once `sent(_:)` says so.
    var nextMessage: ArraySlice<GrantRecord> { unsent.prefix(GrantRecord.mostPerMessage) }

    mutating func sent(_ count: Int) { unsent.removeFirst(count) }

    /// Takes one acknowledgement; the answer whose wait it ends, if it does.
    mutating func acknowledge(
        _ acknowledgement: GrantAcknowledgement
    ) -> (waiting: Waiting, outcome: Outcome)? {
        guard let (place, index) = find(acknowledgement.sequence), requests[place].isOpen(index)
        else { return nil }
        guard acknowledgement.isCommitted else {
            return (remove(at: place), .refused)
        }
        requests[place].open[index / 64] &= ~(1 << UInt64(index % 64))
        requests[place].openCount -= 1
        guard requests[place].openCount == 0 else { return nil }
        return (remove(at: place), .committed)
    }

    /// The request that a record belongs to, and its place within. Numbers wrap around, so they are
    /// compared by their distance from the oldest.
    private func find(_ sequence: UInt32) -> (place: Int, index: Int)? {
        guard let base = requests.first?.first else { return nil }
        var low = 0
        var high = requests.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if requests[middle].first &- base <= sequence &- base {
                low = middle
            } else {
                high = middle
            }
        }
        let index = Int(sequence &- requests[low].first)
        return index < requests[low].count ? (low, index) : nil
    }

    /// Sends once more what has waited for long, and gives up what has waited for too long.
    mutating func overdue(at now: Instant) -> [Waiting] {
        var given: [Waiting] = []
        var place = 0
        while place < requests.count {
            if now >= requests[place].asked + Self.patience {
                given.append(remove(at: place))
                continue
            }
            if !requests[place].wasRepeated, now >= requests[place].asked + Self.impatience {
                requests[place].wasRepeated = true
                let request = requests[place]
                let queued = Set(unsent.lazy.map(\.sequence))
                for index in 0..<request.count where request.isOpen(index) {
                    let record = request.record(index)
                    if !queued.contains(record.sequence) { unsent.append(record) }
                }
            }
            place += 1
        }
        return given
    }

    private mutating func remove(at place: Int) -> Waiting {
        let request = requests.remove(at: place)
        recordCount -= request.count
        if !unsent.isEmpty {
            unsent.removeAll { $0.sequence &- request.first < UInt32(request.count) }
        }
        return request.waiting
    }
}
