import Linux
import Policy

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

    /// What an answer's wait ended with.
    enum Outcome: Equatable { case committed, refused, unanswered }

    private struct Request {
        let waiting: Waiting
        let records: [GrantRecord]
        var open: Set<UInt32>
        let asked: Instant
        var wasRepeated = false
    }

    private var requests: [Request] = []
    private var unsent: [GrantRecord] = []
    private var sequence: UInt32
    private(set) var recordCount = 0

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

    /// Asks for `addresses` under each of `rules`; false when too many wait already.
    mutating func ask(
        for waiting: Waiting, _ addresses: [Address], rules: [RuleIndex], timeToLive: UInt32,
        at now: Instant
    ) -> Bool {
        let count = addresses.count * rules.count
        guard count > 0, recordCount + count <= Self.mostRecords else { return false }
        var records: [GrantRecord] = []
        records.reserveCapacity(count)
        for rule in rules {
            for address in addresses {
                sequence &+= 1
                records.append(
                    GrantRecord(
                        sequence: sequence, rule: rule, timeToLive: timeToLive, address: address))
            }
        }
        unsent += records
        recordCount += count
        requests.append(
            Request(
                waiting: waiting, records: records, open: Set(records.lazy.map(\.sequence)),
                asked: now))
        return true
    }

    /// The next message's records: at most 64. They count as sent once `sent(_:)` says so.
    var nextMessage: ArraySlice<GrantRecord> { unsent.prefix(GrantRecord.mostPerMessage) }

    mutating func sent(_ count: Int) { unsent.removeFirst(count) }

    /// Takes one acknowledgement; the answer whose wait it ends, if it does.
    mutating func acknowledge(
        _ acknowledgement: GrantAcknowledgement
    ) -> (waiting: Waiting, outcome: Outcome)? {
        let place = requests.firstIndex { $0.open.contains(acknowledgement.sequence) }
        guard let place else { return nil }
        guard acknowledgement.isCommitted else {
            return (remove(at: place), .refused)
        }
        requests[place].open.remove(acknowledgement.sequence)
        guard requests[place].open.isEmpty else { return nil }
        return (remove(at: place), .committed)
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
                unsent += request.records.filter {
                    request.open.contains($0.sequence) && !queued.contains($0.sequence)
                }
            }
            place += 1
        }
        return given
    }

    private mutating func remove(at place: Int) -> Waiting {
        let request = requests.remove(at: place)
        recordCount -= request.records.count
        if !unsent.isEmpty {
            unsent.removeAll { request.open.contains($0.sequence) }
        }
        return request.waiting
    }
}
