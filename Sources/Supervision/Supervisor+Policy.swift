import Control
import Egress
import Inspection
import Linux
import Logging
import Policy

/// The policy while the container runs: read again, widened and narrowed by the operator.
extension Supervisor {
    /// A reading of the allowlist files that is under way in a process of its own.
    struct PolicyReading {
        let process: CInt
        /// Where the process writes the canonical rules.
        let file: CInt
        /// Who asked; nil for a signal.
        let connection: CInt?
    }

    /// Has a process of its own read the files: PID 1 neither waits for a disk nor parses a file
    /// that may be wrong. What is wrong the process says on the connection itself.
    ///
    /// - Parameter connection: who asked; nil has what is wrong told to the container's log.
    func reloadPolicy(_ connection: CInt?) {
        guard policyReading == nil, facts.boot.current == nil else {
            guard let connection else {
                // What is read now may be what the signal was sent for, or of before. Boot goes on
                // without: it tries its cage on the resolver that another would take the place of.
                readsPolicyAgain = true
                return
            }
            return reply(
                ControlReply.error("a reload is under way: ask again in a moment"), to: connection)
        }
        do throws(SystemCallError) {
            let file = try MemoryFile.empty("policy", byteCount: 0)
            let process = try Processes.spawn(
                SpawnRequest(
                    System.ownExecutable,
                    ["codetainer", "read-policy", sources.extra] + sources.files,
                    descriptors: [(file.raw, 4)] + (connection.map { [($0, CInt(3))] } ?? [])))
            policyReading = PolicyReading(
                process: process, file: file.release(), connection: connection)
        } catch {
            log.warning("reload: cannot read the policy: \(error)")
            if let connection {
                reply(
                    ControlReply.error("cannot read the policy: \(error): ask again in a moment"),
                    to: connection)
            }
        }
    }

    func policyReadingEnded(_ reading: PolicyReading, _ status: ExitStatus) {
        policyReading = nil
        defer {
            Descriptors.close(reading.file)
            if readsPolicyAgain {
                readsPolicyAgain = false
                reloadPolicy(nil)
            }
        }
        guard status.isSuccess else {
            log.warning("reload: the allowlist is not usable: nothing was changed")
            if let connection = reading.connection { Descriptors.close(connection) }
            return
        }
        do throws(SystemCallError) {
            let octets = try MemoryFile.contents(of: reading.file)
            enforce(
                policy.replacing(base: String(decoding: octets, as: UTF8.self)),
                saying: "reload", to: reading.connection)
        } catch {
            log.warning("reload: cannot read the policy: \(error)")
            if let connection = reading.connection {
                reply(
                    ControlReply.error("cannot read the policy: \(error): ask again in a moment"),
                    to: connection)
            }
        }
    }

    func allow(_ rule: String, seconds: UInt32, _ connection: CInt) {
        let end = seconds == 0 ? nil : Instant.now + .seconds(Int(seconds))
        let time = seconds == 0 ? "" : " for \(seconds) s"
        do throws(LivePolicy.Refusal) {
            enforce(
                try policy.allowing(rule, until: end), saying: "allow \(rule)\(time)",
                to: connection)
        } catch {
            reply(ControlReply.error("\(error)"), to: connection)
        }
    }

    func deny(_ name: String, _ connection: CInt) {
        do {
            let policy =
                try policy.withdrawing(name) ?? policy.denying(try DomainName(parsing: name))
            enforce(policy, saying: "deny \(name)", to: connection)
        } catch {
            reply(ControlReply.error("\(error)"), to: connection)
        }
    }

    /// Lets go of what was allowed for a time that is over.
    func expireAdditions(at now: Instant) {
        guard let end = nextExpiry, end <= now else { return }
        // In case it fails: once in a second is often enough.
        expiresAgain = now + 1_000
        enforce(policy.expiring(at: now), saying: "an allowance has ended", to: nil)
        if policy.nextEnd.map({ $0 > now }) ?? true { expiresAgain = nil }
    }

    var nextExpiry: Instant? {
        policy.nextEnd.map { end in expiresAgain.map { max($0, end) } ?? end }
    }

    /// Puts `next` in force: packet filter, live flows, then the resolver. Something wrong in it
    /// changes nothing.
    private func enforce(_ next: LivePolicy, saying change: String, to connection: CInt?) {
        let failure: String
        defer { System.giveMemoryBack() }
        do {
            let allowlist = try next.allowlist()
            let plan = EgressPlan(facts: facts, statics: allowlist.destinationRanges)
            try grantKeeper?.enforce(allowlist, plan: plan)
            policy = next
            facts.egress.rules = UInt32(allowlist.rules.count)
            // Also where nothing has changed: what the new table does not have, such as the lease
            // service's grants, is granted again only by a resolver that knows of none.
            try renewPolicy()
            // Last: PID 1 and the resolver number rules alike, whatever becomes of this.
            try grantKeeper?.cutFlows()
            log.info("\(change): \(allowlist.rules.count) rules in force")
            if let connection {
                reply(ControlReply.policy(rules: allowlist.rules.count), to: connection)
            }
            return
        } catch let error as AllowlistErrors {
            // Whoever asked is told. What is no rule may be anything, a secret too: not for the log.
            failure = "\(error)"
            log.warning("a change of the policy was refused: it is no rule")
        } catch {
            failure = "\(error)"
            log.warning("\(change): \(failure)")
        }
        if let connection { reply(ControlReply.error(failure), to: connection) }
    }

    /// What the resolver, and a report, read of the policy in force.
    public func policyFile() throws(SystemCallError) -> OwnedDescriptor {
        try MemoryFile.sealed("policy", holding: Array(policy.text.utf8))
    }

    /// Gives the resolver the new policy by starting it anew: its sockets stay, and questions wait
    /// in them meanwhile. What it has in flight it answers with a failure that says so: it may be
    /// what was closed, and nothing more is granted to it.
    private func renewPolicy() throws(SystemCallError) {
        let file = try policyFile()
        let old = resolver?.policy
        resolver?.policy = file.release()
        isReplacingResolver = true
        // Rules are numbered anew, so what the old one still asks for would mean something else.
        closeGrants()
        if let old { retire(old) }
        let process = facts.resolver.process
        guard process > 0 else { return }
        resolverKill = Instant.now + Self.resolverPatience
        try send(.terminate, to: process)
    }

    /// How long the resolver that another takes the place of may take to end.
    private static let resolverPatience: Milliseconds = 50

    /// Ends a resolver that does not end by itself.
    func endReplacedResolver(at now: Instant) {
        guard let due = resolverKill, due <= now else { return }
        resolverKill = nil
        let process = facts.resolver.process
        if isReplacingResolver, process > 0 { try? send(.kill, to: process) }
    }
}
