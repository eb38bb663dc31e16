import Egress
import Linux
import Policy

/// PID 1's side of the grant channel: checks each request against the policy, has the kernel
/// commit it, and says so.
struct GrantKeeper: ~Copyable {
    /// A grant lives at least this long, in seconds, so that a connection that is reopened a
    /// moment after a short TTL is not refused.
    static let shortestLifetime: UInt32 = 300
    /// A grant lives at most this long, in seconds, whatever the TTL says.
    static let longestLifetime: UInt32 = 86_400
    /// What the resolver at the other end goes by.
    private(set) var allowlist: Allowlist {
        didSet { leasedRule = allowlist.leasedRule(leased) }
    }
    /// The licence server's rule as a line; nil where there is none.
    private let leased: String?
    /// The rule whose addresses are the lease service's, and whether they are the agent's as well.
    private var leasedRule: (index: RuleIndex, isShared: Bool)?
    private var netfilter: NetfilterSocket
    private var book = GrantBook()
    /// What was closed, and may have flows that are not cut yet.
    private var uncut: Set<Destination> = []
    private var uncutRanges: Set<DestinationRange> = []
    /// PID 1's end of the channel; nil while there is no resolver.
    private(set) var channel: PipeChannel?
    /// Requests that were refused since boot.
    private(set) var refused: UInt64 = 0
    /// No grant opens it: flows to it are the resolver's, and those to it.
    private static let dnsPort: UInt16 = 53
    /// Grants that made way for newer ones since boot.
    private(set) var evicted: UInt64 = 0
    /// Whether the resolver has not been told yet that grants have made way.
    private var owesEviction = false
    /// Room for the longest message and an octet more, by which a longer one shows.
    private var message = [UInt8](
        repeating: 0, count: GrantRecord.length * GrantRecord.mostPerMessage + 1)
    /// What the message in hand asks for, what that opens, and what is said of it: somebody waits for
    /// it, so that their memory is kept from one to the next.
    private var records: [GrantRecord] = []
    private var grants: [Grant] = []
    private var answer: [GrantAcknowledgement] = []
    private var reply: [UInt8] = []
    /// Of one message; one that opens more gives the memory back.
    private static let mostGrantsKept = 256

    init(allowlist: Allowlist, leased: String? = nil, netfilter: consuming NetfilterSocket) {
        self.allowlist = allowlist
        self.netfilter = netfilter
        self.leased = leased
        leasedRule = allowlist.leasedRule(leased)
    }

    /// Goes on counting where an earlier program image of PID 1 was.
    mutating func goOn(refused: UInt64, evicted: UInt64) {
        (self.refused, self.evicted) = (refused, evicted)
    }

    /// Remembers what the kernel has: what an earlier program image of PID 1 granted, and flows that
    /// have outlived their grants.
    mutating func recall() {
        guard let live = try? netfilter.grants() else { return }
        let now = Instant.now
        book.note(live, at: now)
        guard let flows = try? netfilter.flows() else { return }
        let open = allowlist.destinationRanges
        let destinations = Set(flows.map(\.destination))
            .filter { $0.port != Self.dnsPort && $0.address.classification != .loopback }
        // Of each address once: the agent has as many flows as it likes to those of the container.
        let own = Set(destinations.map(\.address)).filter { Self.isOwn($0) }
        for destination in destinations
        where book.reasons(for: destination).isEmpty && !own.contains(destination.address)
            && !open.contains(where: { $0.contains(destination) })
        {
            let isPrivate = destination.address.isPrivate
            book.note(destination, .init(rule: nil, isPrivate: isPrivate, end: now))
        }
    }

    private static func isOwn(_ address: Address) -> Bool {
        switch address {
        case .v4(let bits): InternetSocket.isOwn(.v4(bits))
        case .v6(let high, let low): InternetSocket.isOwn(.v6(high, low, scope: 0))
        }
    }

    /// Serves `channel` from now on, and no other.
    mutating func serve(_ channel: PipeChannel) {
        close()
        self.channel = channel
    }

    mutating func close() { takeChannel()?.close() }

    /// Gives the channel up without closing it.
    mutating func takeChannel() -> PipeChannel? {
        defer { channel = nil }
        return channel
    }

    /// Asks the resolver to show that its loop turns; what it has no room for it does not show.
    func askForHeartbeat() {
        guard let channel else { return }
        _ = channel.send(GrantAcknowledgement.encode([.heartbeat]).span)
    }

    /// Answers one message of those that wait in the channel; for another the loop comes back, so
    /// that a flood starves nobody and the common single one costs no second look.
    ///
    /// - Returns: false when the channel has ended or its peer does not keep the protocol.
    mutating func receive() -> Bool {
        guard let channel else { return true }
        switch channel.receive(into: &message) {
        case .wouldBlock: return true
        case .failed, .moved(0): return false
        case .moved(let count):
            // The span holds on to it while `records` changes.
            let message = message
            do throws(GrantMessageError) {
                try GrantRecord.decode(message.span.extracting(first: count), into: &records)
            } catch {
                return false
            }
            answerRecords(on: channel)
            return true
        }
    }

    /// Commits what the policy allows, in one transaction, and says what became of each record.
    private mutating func answerRecords(on channel: PipeChannel) {
        defer {
            grants.removeAll(keepingCapacity: grants.count <= Self.mostGrantsKept)
            answer.removeAll(keepingCapacity: true)
        }
        for record in records {
            let isAllowed = open(record)
            answer.append(
                GrantAcknowledgement(sequence: record.sequence, status: isAllowed ? 0 : 1))
        }
        let now = Instant.now
        // Another name's longer time is not cut short.
        for index in grants.indices where !grants[index].isLeased {
            let left = book.secondsLeft(
                grants[index].destination, isPrivate: grants[index].isPrivate, at: now)
            grants[index].seconds = max(grants[index].seconds, left)
        }
        let before = evicted
        let isCommitted = grants.isEmpty || commitGrants()
        if !isCommitted { for index in answer.indices { answer[index].status = 1 } }
        if evicted != before { owesEviction = true }
        // What was acknowledged earlier may be closed now, and the resolver must ask again.
        if owesEviction, case .moved = channel.send(GrantAcknowledgement.encode([.eviction]).span) {
            owesEviction = false
        }
        // An answer that the resolver has no room for it asks for again.
        GrantAcknowledgement.encode(answer, into: &reply)
        _ = channel.send(reply.span)
        // Nobody waits for this.
        for index in records.indices {
            guard answer[index].isCommitted else {
                refused &+= 1
                continue
            }
            note(records[index], at: now)
        }
        forgetWhatIsOver()
    }

    /// Appends what a record opens to `grants`.
    ///
    /// - Returns: whether the policy allows it.
    private mutating func open(_ record: GrantRecord) -> Bool {
        guard let leasedRule, record.rule == leasedRule.index else {
            return Self.open(record, in: allowlist, &grants)
        }
        guard Self.open(record, in: allowlist, isLeased: true, &grants) else { return false }
        if leasedRule.isShared { _ = Self.open(record, in: allowlist, &grants) }
        return true
    }

    private mutating func note(_ record: GrantRecord, at now: Instant) {
        if let leasedRule, record.rule == leasedRule.index, !leasedRule.isShared { return }
        guard let service = allowlist.service(of: record.rule) else { return }
        let reason = GrantBook.Reason(
            rule: record.rule, isPrivate: Self.isPrivate(record, in: allowlist),
            end: now + .seconds(Int(Self.lifetime(of: record))))
        for range in service.ports {
            for port in range.first...range.last {
                book.note(Destination(record.address, service.transport, port), reason)
            }
        }
    }

    private mutating func forgetWhatIsOver() {
        guard book.isFull, let live = try? netfilter.grants(),
            let flows = try? netfilter.flows()
        else { return }
        defer { System.giveMemoryBack() }
        book.keep(Set(live.map(\.destination)).union(flows.map(\.destination)))
    }

    private mutating func commitGrants() -> Bool {
        do throws(NetlinkError) {
            try netfilter.grant(grants)
            return true
        } catch {
            guard error.kind == .full else { return false }
        }
        do throws(NetlinkError) {
            defer { System.giveMemoryBack() }
            try makeRoom(for: grants)
            try netfilter.grant(grants)
            return true
        } catch {
            return false
        }
    }

    /// Closes the oldest grants of full sets: those without a live flow first. A quarter of them
    /// goes at once, so that listing a full set is rare.
    private mutating func makeRoom(for grants: [Grant]) throws(NetlinkError) {
        let live = try netfilter.grants()
        let used = Set(try netfilter.flows().map(\.destination))
        for (isIPv4, isPrivate) in [(true, false), (false, false), (true, true), (false, true)] {
            let needed = grants.count {
                $0.destination.address.isIPv4 == isIPv4 && $0.isPrivate == isPrivate
            }
            let candidates = live.filter {
                $0.destination.address.isIPv4 == isIPv4 && $0.isPrivate == isPrivate
            }
            guard needed > 0, !candidates.isEmpty else { continue }
            let leaving = Self.leaving(
                candidates, used: used, count: max(needed, candidates.count / 4))
            try netfilter.revoke(leaving, isPrivate: isPrivate)
            evicted &+= UInt64(leaving.count)
        }
    }

    /// The grants that go first: without a live flow before those with one, then by age.
    static func leaving(_ grants: [LiveGrant], used: Set<Destination>, count: Int) -> [Destination]
    {
        let ordered = grants.map { grant in
            (
                isUsed: used.contains(grant.destination),
                age: Int(grant.seconds) - Int(grant.secondsLeft), grant: grant
            )
        }.sorted { left, right in
            left.isUsed == right.isUsed ? left.age > right.age : !left.isUsed
        }
        return ordered.prefix(count).map(\.grant.destination)
    }

    /// Puts another allowlist in force: the packet filter changes in one transaction. Flows to what
    /// was closed are then to be cut.
    mutating func enforce(_ new: Allowlist, plan: EgressPlan) throws(NetlinkError) {
        let live = try netfilter.grants()
        var change = PolicyChange(from: allowlist, to: new)
        let outcome = book.following(&change, live: live, at: .now)
        let removed = Set(allowlist.destinationRanges).subtracting(new.destinationRanges)
        try netfilter.replace(with: plan.ruleset, grants: outcome.surviving)
        (allowlist, book) = (new, outcome.book)
        uncut.formUnion(outcome.closed)
        uncutRanges.formUnion(removed)
    }

    /// Cuts the flows to what was closed. Where that fails the next change cuts them, too.
    mutating func cutFlows() throws(NetlinkError) {
        let (destinations, ranges) = (uncut, uncutRanges)
        guard !destinations.isEmpty || !ranges.isEmpty else { return }
        let (open, now) = (allowlist.destinationRanges, Instant.now)
        let isClosed = { [book] (destination: Destination) in
            (destinations.contains(destination) || ranges.contains { $0.contains(destination) })
                && !open.contains { $0.contains(destination) }
                && !book.isOpen(destination, at: now)
        }
        // First, while their resets still get out.
        var failure: NetlinkError?
        do throws(NetlinkError) {
            try TCPConnections.abort(where: isClosed)
        } catch {
            // Such a kernel resets only what still sends.
            if error.kind != .unsupported { failure = error }
        }
        try netfilter.closeFlows { isClosed($0.destination) }
        if let failure { throw failure }
        (uncut, uncutRanges) = ([], [])
    }
}
