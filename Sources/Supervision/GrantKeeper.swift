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
    private(set) var allowlist: Allowlist
    private var netfilter: NetfilterSocket
    private var history = GrantHistory()
    /// PID 1's end of the channel; nil while there is no resolver.
    private(set) var channel: CInt?
    /// Requests that were refused since boot.
    private(set) var refused: UInt64 = 0
    /// Grants that made way for newer ones since boot.
    private(set) var evicted: UInt64 = 0
    /// Room for the longest message and an octet more, by which a longer one shows.
    private var message = [UInt8](
        repeating: 0, count: GrantRecord.length * GrantRecord.mostPerMessage + 1)

    init(allowlist: Allowlist, netfilter: consuming NetfilterSocket) {
        self.allowlist = allowlist
        self.netfilter = netfilter
    }

    /// Goes on counting where an earlier program image of PID 1 was.
    mutating func goOn(refused: UInt64, evicted: UInt64) {
        (self.refused, self.evicted) = (refused, evicted)
    }

    /// Remembers what the kernel has: what an earlier program image of PID 1 granted.
    mutating func recall() {
        guard let live = try? netfilter.grants() else { return }
        history.note(live.map(\.grant))
    }

    /// Serves `channel` from now on, and no other.
    mutating func serve(_ channel: consuming OwnedDescriptor) {
        close()
        self.channel = channel.release()
    }

    mutating func close() {
        if let channel = takeChannel() { Descriptors.close(channel) }
    }

    /// Gives the channel up without closing it.
    mutating func takeChannel() -> CInt? {
        defer { channel = nil }
        return channel
    }

    /// Asks the resolver to show that its loop turns; what it has no room for it does not show.
    func askForHeartbeat() {
        guard let channel else { return }
        _ = Linux.send(GrantAcknowledgement.encode([.heartbeat]).span, to: channel)
    }

    /// Answers one message of those that wait in the channel; for another the loop comes back, so
    /// that a flood starves nobody and the common single one costs no second look.
    ///
    /// - Returns: false when the channel has ended or its peer does not keep the protocol.
    mutating func receive() -> Bool {
        guard let channel else { return true }
        switch Linux.receive(into: &message, limit: message.count, from: channel) {
        case .wouldBlock: return true
        case .failed, .moved(0): return false
        case .moved(let count):
            guard let records = try? GrantRecord.decode(message.span.extracting(first: count))
            else { return false }
            answer(records, on: channel)
            return true
        }
    }

    /// Commits what the policy allows, in one transaction, and says what became of each record.
    private mutating func answer(_ records: [GrantRecord], on channel: CInt) {
        let opened = records.map { Self.grants(for: $0, in: allowlist) }
        let grants = opened.flatMap { $0 ?? [] }
        let isCommitted = grants.isEmpty || open(grants)
        let answer = zip(records, opened).map { record, opened in
            let isOpen = opened != nil && isCommitted
            if !isOpen { refused &+= 1 }
            return GrantAcknowledgement(sequence: record.sequence, status: isOpen ? 0 : 1)
        }
        // An answer that the resolver has no room for it asks for again.
        _ = Linux.send(GrantAcknowledgement.encode(answer).span, to: channel)
        if isCommitted { remember(grants) }
    }

    private mutating func remember(_ grants: [Grant]) {
        history.note(grants)
        guard history.isFull, let live = try? netfilter.grants(),
            let flows = try? netfilter.flows()
        else { return }
        history.keep(Set(live.map(\.destination)).union(flows.map(\.destination)))
    }

    private mutating func open(_ grants: [Grant]) -> Bool {
        do throws(NetlinkError) {
            try netfilter.grant(grants)
            return true
        } catch {
            guard error.kind == .full else { return false }
        }
        do throws(NetlinkError) {
            try makeRoom(for: grants)
            try netfilter.grant(grants)
            return true
        } catch {
            return false
        }
    }

    /// Closes the oldest grants of full sets: those without a live flow first. A sixteenth of them
    /// goes at once, so that listing a full set is rare.
    private mutating func makeRoom(for grants: [Grant]) throws(NetlinkError) {
        let live = try netfilter.grants()
        let used = Set(try netfilter.flows().map(\.destination))
        for isIPv4 in [true, false] {
            let needed = grants.count { $0.destination.address.isIPv4 == isIPv4 }
            let candidates = live.filter { $0.destination.address.isIPv4 == isIPv4 }
            guard needed > 0, !candidates.isEmpty else { continue }
            let leaving = Self.leaving(
                candidates, used: used, count: max(needed, candidates.count / 16))
            try netfilter.revoke(leaving)
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

    /// Puts another allowlist in force: the packet filter changes in one transaction, and flows to
    /// what was closed are cut.
    ///
    /// - Returns: whether something that was allowed no longer is.
    mutating func enforce(_ new: Allowlist, plan: EgressPlan) throws(NetlinkError) -> Bool {
        let live = try netfilter.grants()
        let change = PolicyChange(from: allowlist, to: new, grants: live)
        let past = PolicyChange(from: allowlist, to: new, grants: history.expired(besides: live))
        let ruleset = plan.ruleset
        let removed = Set(allowlist.destinationRanges).subtracting(new.destinationRanges)
        try netfilter.replace(with: ruleset, grants: change.surviving)
        allowlist = new
        let closed = Set(change.closed + past.closed)
        if !closed.isEmpty || !removed.isEmpty {
            try netfilter.closeFlows { flow in
                closed.contains(flow.destination)
                    || removed.contains { $0.contains(flow.destination) }
            }
        }
        return change.isShrinking
    }

    /// What a record opens; nil when the policy does not allow it.
    ///
    /// The resolver is not believed: its rule must exist and be about names, and an address that
    /// is not public must be named by the policy itself.
    static func grants(for record: GrantRecord, in allowlist: Allowlist) -> [Grant]? {
        guard let (names, service) = allowlist.opening(of: record.rule) else { return nil }
        guard record.address.isPubliclyRoutable || allowlist.permits(record.address) else {
            return nil
        }
        let lifetime = min(max(record.timeToLive, shortestLifetime), longestLifetime)
        let name = names.description
        return service.ports.flatMap { range in
            (range.first...range.last).map { port in
                Grant(
                    Destination(record.address, service.transport, port), seconds: lifetime,
                    name: name)
            }
        }
    }
}
