import DNSWire
import Linux
import Policy

/// Putting questions to upstreams, and taking their answers.
extension Service {
    /// Datagrams that are taken from one socket at a time, so that no upstream starves the others.
    private static let mostPerRound = 32

    mutating func perform(_ first: RetryPlan.Step, for lookup: Lookup) {
        var step = first
        // A plan has a bounded number of steps.
        while case .ask(let upstream, let carrier, let deadline) = step {
            // That all streams are taken is no fault of the upstream's.
            if carrier == .stream, upstreamStreams.count >= UpstreamStream.most {
                lookup.plan.wait()
                lookup.phase = .queued(deadline: lookup.plan.end)
                streamQueue.append((lookup, upstream))
                return wake(at: lookup.plan.end)
            }
            let isSent =
                switch carrier {
                case .datagram: askByDatagram(lookup, upstream)
                case .stream: askByStream(lookup, upstream)
                }
            if isSent {
                lookup.phase = .asking(upstream: upstream, deadline: deadline)
                return wake(at: deadline)
            }
            fail(upstream)
            step = lookup.plan.failure(of: upstream, at: now)
        }
        let explanation = lookup.lastFailure.map { Explanation.upstreamFailed($0) }
        finish(lookup, .failure(.serverFailure, explanation ?? .noUpstreamAnswered))
    }

    private mutating func askByDatagram(_ lookup: Lookup, _ upstream: Int) -> Bool {
        for socket in upstreams[upstream].retire(at: now) { unregister(socket.descriptor.raw) }
        guard let (socket, isNew) = try? upstreams[upstream].take(at: now, using: &random) else {
            return false
        }
        if isNew {
            let registration = Registration.upstreamSocket(socket)
            guard (try? register(registration, socket.descriptor.raw, for: .readable)) != nil else {
                upstreams[upstream].discard(socket)
                return false
            }
        }
        var identifier = UInt16(truncatingIfNeeded: random.next())
        // The socket holds 32 identifiers at most, so a free one is soon found.
        while socket.exchanges.contains(where: { $0.identifier == identifier }) {
            identifier &+= 1
        }
        let exchange = Exchange(
            identifier: identifier,
            letterCase: LetterCase(for: lookup.question.name, using: &random), lookup: lookup,
            hasOptions: upstreams[upstream].speaksEDNS)
        let message = exchange.inquiry.message(withOptions: exchange.hasOptions)
        guard case .moved = socket.descriptor.send(message.span) else { return false }
        socket.exchanges.append(exchange)
        return true
    }

    private mutating func askByStream(_ lookup: Lookup, _ upstream: Int) -> Bool {
        guard let socket = try? InternetSocket.stream(connectingTo: upstreams[upstream].endpoint)
        else { return false }
        let exchange = Exchange(
            identifier: UInt16(truncatingIfNeeded: random.next()), letterCase: nil, lookup: lookup,
            hasOptions: upstreams[upstream].speaksEDNS)
        let stream = UpstreamStream(
            socket, upstream: upstream, exchange: exchange,
            query: exchange.inquiry.message(withOptions: exchange.hasOptions))
        let registration = Registration.upstreamStream(stream)
        guard (try? register(registration, stream.descriptor.raw, for: .writable)) != nil else {
            return false
        }
        upstreamStreams.append(stream)
        return true
    }

    mutating func read(from socket: UpstreamSocket) {
        // What comes after the last answer that is waited for can wait for the next round.
        for _ in 0..<Self.mostPerRound {
            switch socket.descriptor.receive(into: &scratch) {
            case .moved(let count):
                take(count, from: socket)
                if socket.exchanges.isEmpty { return }
            case .wouldBlock: return
            case .failed:
                // The kernel says that nobody listens there (ICMP): no use in waiting.
                let exchanges = socket.exchanges
                socket.exchanges = []
                for exchange in exchanges { take(.unreachable, exchange, socket.upstream) }
            }
        }
    }

    private mutating func take(_ count: Int, from socket: UpstreamSocket) {
        guard count >= Header.length else { return }
        let identifier = UInt16(scratch[0]) << 8 | UInt16(scratch[1])
        let place = socket.exchanges.firstIndex { $0.identifier == identifier }
        guard let place else { return stray(on: socket) }
        let exchange = socket.exchanges[place]
        let reply = exchange.inquiry.reply(in: scratch.span.extracting(first: count)) {
            judge.permits($0, under: exchange.lookup.rules, for: exchange.inquiry.question.name)
        }
        guard reply != .forged else { return stray(on: socket) }
        socket.exchanges.swapAt(place, socket.exchanges.count - 1)
        socket.exchanges.removeLast()
        take(reply, exchange, socket.upstream)
    }

    /// Something came that answers nothing. Over a stream nobody can guess.
    private mutating func stray(on socket: UpstreamSocket) {
        statistics.add(1, to: .dropped)
        socket.strays += 1
        guard socket.strays > UpstreamSocket.mostStrays else { return }
        socket.uses = UpstreamSocket.mostUses
        let exchanges = socket.exchanges
        socket.exchanges = []
        for exchange in exchanges { take(.letterCaseLost, exchange, socket.upstream) }
    }

    private mutating func take(_ reply: UpstreamReply, _ exchange: Exchange, _ upstream: Int) {
        let lookup = exchange.lookup
        guard case .asking(let asked, _) = lookup.phase else { return }
        switch reply {
        case .answer(let answer):
            health.answered(upstream)
            accept(answer, for: lookup)
        case .truncated, .letterCaseLost:
            perform(lookup.plan.again(upstream, by: .stream, at: now), for: lookup)
        // Those that are out by then had options as well.
        case .failed(.formatError) where exchange.hasOptions:
            upstreams[upstream].speaksEDNS = false
            perform(lookup.plan.again(upstream, by: .datagram, at: now), for: lookup)
        case .failed(let code):
            lookup.lastFailure = code
            fallthrough
        case .forged, .unreachable:
            fail(upstream)
            let step = lookup.plan.failure(of: upstream, at: now)
            // One that was silent for so long that another is asked by now cannot disturb that.
            if upstream == asked { perform(step, for: lookup) }
        }
    }

    private mutating func accept(_ answer: Answer, for lookup: Lookup) {
        if answer.filteredCount > 0 {
            statistics.add(UInt64(answer.filteredCount), to: .filteredAddresses)
        }
        let expires = now + .seconds(Int(answer.timeToLive))
        guard answer.addresses.isEmpty else {
            return askForGrants(of: answer, expires: expires, for: lookup)
        }
        if let address = answer.filtered {
            decisions.deny(
                lookup.question.name, .notPublic, lookup.hash, address: address, at: now)
        } else {
            noteAllowed(lookup, [])
        }
        let cached = CachedAnswer(lookup.question, answer, granted: now, expires: expires)
        cache.insert(cached, to: lookup.question, lookup.hash, at: now)
        finish(lookup, .answer(answer, timeToLive: answer.timeToLive))
    }

    /// Goes on with a stream that the kernel has something to say about.
    mutating func advance(_ stream: UpstreamStream) {
        if !stream.unsent.isEmpty {
            switch stream.descriptor.send(stream.unsent.span) {
            case .moved(let count):
                stream.unsent.removeFirst(count)
                guard stream.unsent.isEmpty else { return }
                let descriptor = stream.descriptor.raw
                try? poll.modify(descriptor, for: .readable, token: UInt64(descriptor))
            case .wouldBlock: break
            case .failed: end(stream, with: .unreachable)
            }
            return
        }
        switch stream.descriptor.receive(into: &scratch) {
        case .wouldBlock: return
        case .failed, .moved(0): end(stream, with: .unreachable)
        case .moved(let count):
            // More than one message's worth is not an answer to the one question.
            guard count <= stream.answer.room,
                (try? stream.answer.append(scratch.span.extracting(first: count))) != nil
            else { return end(stream, with: .unreachable) }
            do throws(WireError) {
                guard let message = try stream.answer.next() else { return }
                let (rules, inquiry) = (stream.exchange.lookup.rules, stream.exchange.inquiry)
                let reply = inquiry.reply(in: message.span) {
                    judge.permits($0, under: rules, for: inquiry.question.name)
                }
                end(stream, with: reply == .truncated ? .unreachable : reply)
            } catch {
                end(stream, with: .unreachable)
            }
        }
    }

    private mutating func end(_ stream: UpstreamStream, with reply: UpstreamReply) {
        close(stream)
        take(reply, stream.exchange, stream.upstream)
    }

    /// Asks over the streams that have become free.
    mutating func serveStreamQueue() {
        while upstreamStreams.count < UpstreamStream.most, !streamQueue.isEmpty {
            let (lookup, upstream) = streamQueue.removeFirst()
            guard case .queued = lookup.phase else { continue }
            perform(lookup.plan.again(upstream, by: .stream, at: now), for: lookup)
        }
    }

    private mutating func close(_ stream: UpstreamStream) {
        unregister(stream.descriptor.raw)
        upstreamStreams.removeAll { $0 === stream }
    }

    private mutating func fail(_ upstream: Int) {
        statistics.add(1, to: .upstreamFailures)
        health.failed(upstream, at: now)
    }

    mutating func expireLookups() {
        for lookup in lookups.all {
            if case .queued(let deadline) = lookup.phase {
                guard deadline <= now else {
                    wake(at: deadline)
                    continue
                }
                finish(lookup, .failure(.serverFailure, .tooManyQuestions))
            }
            guard case .asking(let upstream, let deadline) = lookup.phase else { continue }
            if deadline <= now {
                fail(upstream)
                perform(lookup.plan.silence(at: now), for: lookup)
            } else {
                wake(at: deadline)
            }
        }
        for stream in upstreamStreams where stream.exchange.lookup.isDone { close(stream) }
        streamQueue.removeAll { $0.lookup.isDone }
    }
}

extension Inquiry {
    /// The question as it travels: recursion desired, and nothing that identifies a client.
    ///
    /// - Parameter options: with EDNS(0), so that long answers fit (RFC 6891).
    fileprivate func message(withOptions options: Bool) -> [UInt8] {
        let longest = Header.length + Name.longest + 4 + ExtendedOptions.emptyLength
        let octets = try? [UInt8](capacity: longest) {
            (output: inout OutputSpan<UInt8>) throws(WireError) in
            try output.put(
                Header(
                    identifier: identifier, flags: .recursionDesired,
                    additionalCount: options ? 1 : 0))
            try output.put(question, letterCase: letterCase ?? LetterCase())
            if options {
                try output.put(ExtendedOptions(payloadSize: UInt16(Asker.largestPayload)))
            }
        }
        return octets ?? []
    }
}
