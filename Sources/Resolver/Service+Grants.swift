import DNSWire
import Linux
import Policy

/// Asking PID 1 to open addresses, and releasing answers when it has.
extension Service {
    mutating func askForGrants(of answer: Answer, expires: Instant, for lookup: Lookup) {
        guard !lookup.rules.isEmpty else {
            // Only an audit resolves a name that no rule allows; the packet filter lets it pass.
            lookup.phase = .granting(answer, expires: expires, asked: now)
            return conclude(lookup, .committed)
        }
        let isAsked = ledger.ask(
            for: lookup, judge.openings(lookup.rules, of: answer.addresses),
            timeToLive: timeToLive(until: expires), at: now)
        guard isAsked else {
            return finish(lookup, .failure(.serverFailure, .tooManyQuestions))
        }
        lookup.phase = .granting(answer, expires: expires, asked: now)
        wake(at: now + GrantLedger<Lookup>.impatience)
    }

    /// Of an answer, in seconds: one more than is left, because answers say what is left rounded up.
    private func timeToLive(until expires: Instant) -> UInt32 {
        let left = max(1, (expires.since(now).nanoseconds + 1_999_999_999) / 1_000_000_000)
        return UInt32(clamping: left)
    }

    /// Renews the grants of answers that have left from the cache.
    mutating func renewGrants() {
        guard !renewing.isEmpty else { return }
        for cached in renewing {
            let name = cached.name
            let matches = Array(judge.allowlist.matches(wireName: name.span))
            // Only an audit answers with what no rule allows.
            guard !matches.isEmpty else { continue }
            let openings = judge.openings(matches, of: cached.answer.addresses)
            ledger.renew(
                openings, elements: judge.elements(of: openings),
                timeToLive: timeToLive(until: cached.expires), at: now)
            attribute(cached, since: now)
        }
        renewing.removeAll(keepingCapacity: true)
        sendGrants()
    }

    /// Sends what has gathered in this round of the loop, up to 64 records a message.
    mutating func sendGrants() {
        while ledger.hasUnsent {
            let records = Array(ledger.nextMessage)
            switch configuration.grants.send(GrantRecord.encode(records).span) {
            case .moved:
                ledger.sent(records.count)
            case .wouldBlock:
                return listenForRoom(true)
            case .failed:
                // The peer is gone; reading the channel says so, and ends the service.
                return
            }
        }
        if isGrantChannelFull { listenForRoom(false) }
    }

    private mutating func listenForRoom(_ isFull: Bool) {
        guard isFull != isGrantChannelFull else { return }
        isGrantChannelFull = isFull
        let outgoing = configuration.grants.outgoing
        if isFull {
            try? register(.grantRoom, outgoing, for: .writable)
        } else {
            unregister(outgoing)
        }
    }

    /// Takes a message of what PID 1 has acknowledged; false when PID 1 has closed the channel.
    /// Where more wait, the next round takes them.
    mutating func takeAcknowledgements() -> Bool {
        switch configuration.grants.receive(into: &scratch) {
        case .wouldBlock: return true
        case .failed, .moved(0): return false
        case .moved(let count):
            conclude(acknowledgements(in: count))
            return true
        }
    }

    /// What is no message of acknowledgements acknowledges nothing.
    private func acknowledgements(in count: Int) -> [GrantAcknowledgement] {
        (try? GrantAcknowledgement.decode(scratch.span.extracting(first: count))) ?? []
    }

    private mutating func conclude(_ acknowledgements: [GrantAcknowledgement]) {
        for acknowledgement in acknowledgements {
            if acknowledgement.isHeartbeat {
                statistics.add(1, to: .heartbeats)
                continue
            }
            if acknowledgement.isEviction {
                evicted = now
                continue
            }
            guard let (lookup, outcome) = ledger.acknowledge(acknowledgement) else { continue }
            conclude(lookup, outcome)
        }
    }

    private mutating func conclude(_ lookup: Lookup, _ outcome: GrantLedger<Lookup>.Outcome) {
        guard case .granting(let answer, let expires, let asked) = lookup.phase else { return }
        switch outcome {
        case .refused:
            noteNotOpened(lookup)
            finish(lookup, .failure(.serverFailure, .grantRefused))
        case .unanswered:
            noteNotOpened(lookup)
            finish(lookup, .failure(.serverFailure, .grantNotAcknowledged))
        case .committed:
            let cached = CachedAnswer(lookup.question, answer, granted: asked, expires: expires)
            finish(lookup, .answer(answer, timeToLive: max(1, cached.secondsLeft(at: now))))
            committed.append((lookup, cached))
        }
    }

    /// What is put down about committed answers, once they have left: nobody waits for it. No packet
    /// that they let pass is looked at before.
    mutating func noteCommitted() {
        guard !committed.isEmpty else { return }
        for (lookup, cached) in committed {
            cache.insert(cached, to: lookup.question, lookup.hash, at: now)
            noteAllowed(lookup, cached.answer.addresses)
            attribute(cached, since: cached.granted)
        }
        committed.removeAll(keepingCapacity: true)
    }

    /// Says whose the addresses are, for as long as they are open.
    private func attribute(_ cached: CachedAnswer, since granted: Instant) {
        let left = UInt32(clamping: cached.expires.since(granted).nanoseconds / 1_000_000_000)
        let end = granted + .seconds(Int(max(left, GrantLedger<Lookup>.leastLifetime)))
        let name = cached.name
        for address in cached.answer.addresses {
            statistics.attribute(address, to: name.span, at: now, until: end)
        }
    }

    private mutating func noteNotOpened(_ lookup: Lookup) {
        statistics.add(1, to: .grantsRefused)
        decisions.deny(lookup.question.name, .notOpened, lookup.hash, at: now)
    }

    /// Nothing where no rule allows it: that was noted when it was asked for.
    mutating func noteAllowed(_ lookup: Lookup, _ addresses: [Address]) {
        guard let rule = lookup.rules.first else { return }
        let judge = self.judge
        decisions.allow(
            lookup.question.name, addresses,
            rule: { judge.allowlist.rule(at: rule)?.description ?? "" }, lookup.hash, at: now)
    }

    mutating func expireGrants() {
        for lookup in ledger.overdue(at: now) { conclude(lookup, .unanswered) }
        if let deadline = ledger.deadline { wake(at: deadline) }
    }
}
