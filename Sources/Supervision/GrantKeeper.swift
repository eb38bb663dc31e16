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
    /// Messages taken in one turn of the loop, so that a flood cannot starve the rest.
    private static let messagesPerTurn = 16

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

    init(allowlist: Allowlist, netfilter: consuming NetfilterSocket) {
        self.allowlist = allowlist
        self.netfilter = netfilter
    }

    /// Serves `channel` from now on, and no other.
    mutating func serve(_ channel: consuming OwnedDescriptor) {
        close()
        self.channel = channel.release()
    }

    mutating func close() {
        if let channel { Descriptors.close(channel) }
        channel = nil
    }

    /// Answers what is waiting in the channel.
    ///
    /// - Returns: false when the channel has ended or its peer does not keep the protocol.
    mutating func receive() -> Bool {
        for _ in 0..<Self.messagesPerTurn {
            guard let channel else { return true }
            var message = [UInt8](
                repeating: 0, count: GrantRecord.length * GrantRecord.mostPerMessage + 1)
            guard let count = try? Descriptors.read(channel, into: &message) else { return true }
            guard count > 0,
                let records = try? GrantRecord.decode(message.span.extracting(0..<count))
            else { return false }
            let answer = GrantAcknowledgement.encode(commit(records))
            // An answer that the resolver does not take in time it asks for again.
            Output.writeWithoutWaiting(answer, to: channel)
        }
        return true
    }

    /// Commits what the policy allows, in one transaction, and says what became of each record.
    private mutating func commit(_ records: [GrantRecord]) -> [GrantAcknowledgement] {
        var grants: [Grant] = []
        var acceptable: [Bool] = []
        for record in records {
            let opened = Self.grants(for: record, in: allowlist)
            acceptable.append(opened != nil)
            grants += opened ?? []
        }
        let isCommitted = grants.isEmpty || open(grants)
        if isCommitted { remember(grants) }
        return zip(records, acceptable).map { record, isAcceptable in
            let opened = isAcceptable && isCommitted
            if !opened { refused &+= 1 }
            return GrantAcknowledgement(sequence: record.sequence, status: opened ? 0 : 1)
        }
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
        guard let rule = allowlist.rule(at: record.rule) else { return nil }
        switch rule.subject {
        case .exact, .below, .apexAndBelow: break
        case .exception, .addresses: return nil
        }
        guard record.address.isPubliclyRoutable || allowlist.permits(record.address) else {
            return nil
        }
        let lifetime = min(max(record.timeToLive, shortestLifetime), longestLifetime)
        return rule.ports.flatMap { range in
            (range.first...range.last).map { port in
                Grant(
                    Destination(record.address, rule.transport, port), seconds: lifetime,
                    name: rule.subject.description)
            }
        }
    }
}
