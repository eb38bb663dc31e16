import DNSWire
import Linux
import Policy

/// From a question to an answer, or to a question in flight.
extension Service {
    mutating func take(_ octets: Span<UInt8>, from origin: Origin) {
        var query = Query()
        take(octets, as: &query, from: origin)
    }

    /// - Parameter query: the place where it is read.
    mutating func take(_ octets: Span<UInt8>, as query: inout Query, from origin: Origin) {
        statistics.add(1, to: .queries)
        switch query.read(octets) {
        case .query where isLeaving:
            send(.failure(.serverFailure, .replaced), to: query, origin)
        case .query:
            answer(query, origin)
        case .refused(let code, _, isQuery: true):
            statistics.add(1, to: .malformed)
            send(.failure(code, nil), to: query, origin)
        case .refused(let code, let header, isQuery: false):
            statistics.add(1, to: .malformed)
            let options = Query.options(of: octets)
            send(origin, limit: 512) { output throws(WireError) in
                try output.put(refusalOf: header, code, with: options)
            }
        case .ignored:
            statistics.add(1, to: .dropped)
            drop(origin)
        }
    }

    private mutating func answer(_ query: Query, _ origin: Origin) {
        let hash = hash(query.question.name, query.question.type)
        if let cached = cache.find(query.question, hash, at: now) {
            return answer(query, hash, from: cached, origin)
        }
        switch judge.judge(query.question) {
        case .localhost(let reply):
            send(reply, to: query, origin)
        case .denied(let code):
            statistics.add(1, to: .denied)
            statistics.deny(query.question.name, hash, at: now)
            decisions.deny(query.question.name, .noRule, hash, at: now)
            let reply = Reply.negative(code, timeToLive: TimeToLive.denial, .notAllowed)
            send(reply, to: query, origin)
        case .notRelayed(let explanation):
            statistics.add(1, to: .notRelayed)
            let reply = Reply.negative(.noError, timeToLive: TimeToLive.denial, explanation)
            send(reply, to: query, origin)
        case .resolve(let matches):
            resolve(query, hash, matches, origin)
        case .audited(let matches):
            statistics.add(1, to: .denied)
            statistics.deny(query.question.name, hash, at: now)
            decisions.deny(query.question.name, .noRule, hash, audits: true, at: now)
            resolve(query, hash, matches, origin)
        }
    }

    private mutating func answer(
        _ query: Query, _ hash: UInt64, from cached: CachedAnswer, _ origin: Origin
    ) {
        statistics.add(1, to: .cacheHits)
        let answer = cached.answer
        guard
            answer.addresses.isEmpty || cached.isGrantFresh(at: now) && cached.granted > evicted
        else {
            return grantAgain(cached, for: query, hash, origin)
        }
        if cached.renewsGrants(at: now) { renewing.append(cached) }
        let left = cached.secondsLeft(at: now)
        send(.answer(answer, timeToLive: left), to: query, origin)
        if cached.isWorthRefreshing(at: now), !lookups.isFull,
            lookups.find(query.question, hash) == nil
        {
            let matches = judge.allowlist.matches(wireName: query.question.name.octets)
            guard isWithinBudget(query.question.name, matches) || judge.audits else { return }
            cached.isRefreshing = true
            begin(query.question, hash, matches, waiter: nil)
        }
    }

    /// The answer is still good, but its addresses were granted long ago: it waits once more.
    private mutating func grantAgain(
        _ cached: CachedAnswer, for query: Query, _ hash: UInt64, _ origin: Origin
    ) {
        let waiter = Waiter(origin: origin, asker: query.asker)
        if let lookup = lookups.find(query.question, hash) { return join(lookup, waiter) }
        guard !lookups.isFull else {
            return send(.failure(.serverFailure, .tooManyQuestions), to: query, origin)
        }
        let matches = judge.allowlist.matches(wireName: query.question.name.octets)
        let lookup = Lookup(
            query.question, hash, rules: Array(matches),
            plan: RetryPlan(order: [], started: now), at: now)
        _ = lookups.admit(waiter, to: lookup)
        lookups.insert(lookup)
        askForGrants(of: cached.answer, expires: cached.expires, for: lookup)
    }

    private mutating func resolve(
        _ query: Query, _ hash: UInt64, _ matches: Matches, _ origin: Origin
    ) {
        let waiter = Waiter(origin: origin, asker: query.asker)
        if let lookup = lookups.find(query.question, hash) { return join(lookup, waiter) }
        if !isWithinBudget(query.question.name, matches) {
            statistics.add(1, to: .overBudget)
            decisions.deny(
                query.question.name, .budget, hash, audits: judge.audits, at: now)
            if !judge.audits {
                let explanation = Explanation.budgetSpent(configuration.newNamesPerMinute)
                return send(.failure(.refused, explanation), to: query, origin)
            }
        }
        guard !lookups.isFull else {
            return send(.failure(.serverFailure, .tooManyQuestions), to: query, origin)
        }
        begin(query.question, hash, matches, waiter: waiter)
    }

    private mutating func isWithinBudget(_ name: borrowing Name, _ matches: Matches) -> Bool {
        guard let rule = judge.chargedRule(of: matches) else { return true }
        return budget.admit(hash(name, .any), under: rule, at: now)
    }

    private mutating func begin(
        _ question: Question, _ hash: UInt64, _ matches: Matches, waiter: Waiter?
    ) {
        let lookup = Lookup(
            question, hash, rules: Array(matches),
            plan: RetryPlan(order: health.order(at: now), started: now), at: now)
        if let waiter { _ = lookups.admit(waiter, to: lookup) }
        lookups.insert(lookup)
        statistics.add(1, to: .forwarded)
        perform(lookup.plan.begin(at: now), for: lookup)
    }

    private mutating func join(_ lookup: Lookup, _ waiter: Waiter) {
        guard !lookups.admit(waiter, to: lookup) else { return }
        guard case .stream = waiter.origin else {
            // It asks again, and is answered from the cache by then; a failure would be final.
            return statistics.add(1, to: .dropped)
        }
        let query = Query(question: lookup.question, asker: waiter.asker)
        send(.failure(.serverFailure, .tooManyQuestions), to: query, waiter.origin)
    }

    /// Answers everybody who waits for a question, and forgets it.
    mutating func finish(_ lookup: Lookup, _ reply: Reply) {
        for waiter in lookups.remove(lookup) {
            let query = Query(question: lookup.question, asker: waiter.asker)
            send(reply, to: query, waiter.origin)
        }
    }

    // MARK: Sending

    mutating func send(_ reply: Reply, to query: Query, _ origin: Origin) {
        let judge = self.judge
        send(origin, limit: query.asker.longestDatagram) { output throws(WireError) in
            try reply.write(to: query, into: &output) { judge.advice(on: $0) }
        }
    }

    private mutating func send(
        _ origin: Origin, limit: Int,
        _ write: (inout OutputSpan<UInt8>) throws(WireError) -> Void
    ) {
        statistics.add(1, to: .answered)
        switch origin {
        case .datagram(let socket, let peer):
            // What does not even fit as a truncated answer cannot be said.
            try? outlets[socket].sender.append(to: peer, limit: limit, write)
        case .stream(let client):
            let message = try? [UInt8](
                capacity: Self.longestStreamedAnswer, initializingWith: write)
            if let message { client.append(message) }
            release(client)
        }
    }

    /// Longest answer over TCP: the longest chain and the most addresses there are, in octets.
    private static var longestStreamedAnswer: Int {
        1024 + Answer.longestChain * (12 + Name.longest) + Answer.mostAddresses * 28
    }

    private mutating func drop(_ origin: Origin) {
        guard case .stream(let client) = origin else { return }
        client.isEnded = true
        release(client)
    }

    private mutating func release(_ client: ClientStream) {
        client.inFlight -= 1
        if !client.isClosed { touched.append(client) }
    }
}
