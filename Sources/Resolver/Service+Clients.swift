import DNSWire
import Linux

/// TCP connections of clients.
extension Service {
    /// Most connections at a time. When one more comes, the one that has been idle for longest
    /// goes, so that connections that say nothing keep nobody out (RFC 7766 §6.2.2).
    static let mostClients = 64
    /// Connections that are accepted in one round of the loop.
    private static let mostPerRound = 32

    mutating func acceptClients(from listener: CInt) {
        for _ in 0..<Self.mostPerRound {
            guard let descriptor = try? InternetSocket.accept(from: listener) else { return }
            statistics.add(1, to: .tcpConnections)
            if clients.count >= Self.mostClients {
                let idle = clients.filter(\.isIdle).min { $0.lastProgress < $1.lastProgress }
                // Without an idle one, the newcomer is closed right here.
                guard let idle else { continue }
                close(idle)
            }
            let client = ClientStream(descriptor, at: now)
            let raw = client.descriptor.raw
            guard (try? register(.client(client), raw, for: client.interest)) != nil else {
                continue
            }
            clients.append(client)
            wake(at: now + ClientStream.patience)
        }
    }

    /// Reads what the client says and has room for; its questions are taken with the others that
    /// were touched in this round.
    mutating func read(from client: ClientStream) {
        touched.append(client)
        let room = min(client.questions.room, scratch.count)
        guard client.isHungry, room > 0 else { return }
        switch Linux.receive(into: &scratch, limit: room, from: client.descriptor.raw) {
        case .wouldBlock: return
        case .failed: close(client)
        case .moved(0): client.isEnded = true
        case .moved(let count):
            try? client.questions.append(scratch.span.extracting(first: count))
        }
    }

    /// Takes questions from, and writes answers to, every connection that was touched.
    mutating func serveTouchedClients() throws(SystemCallError) {
        // Answers that are ready at once touch a connection again; it is done then already.
        while !touched.isEmpty {
            let round = touched
            touched = []
            for client in round where !client.isClosed { try serve(client) }
        }
    }

    private mutating func serve(_ client: ClientStream) throws(SystemCallError) {
        takeQuestions(of: client)
        writeAnswers(to: client)
        guard !client.isClosed else { return }
        if client.isEnded, client.isIdle { return close(client) }
        var interest: Readiness = client.isHungry ? .readable : []
        if !client.unsent.isEmpty { interest.insert(.writable) }
        guard interest != client.interest else { return }
        client.interest = interest
        let raw = client.descriptor.raw
        try poll.modify(raw, for: interest, token: UInt64(raw))
    }

    private mutating func takeQuestions(of client: ClientStream) {
        do throws(WireError) {
            while client.inFlight < ClientStream.mostInFlight,
                client.unsent.count < ClientStream.mostUnsent,
                let message = try client.questions.next()
            {
                client.lastProgress = now
                client.inFlight += 1
                take(message.span, from: .stream(client))
            }
        } catch {
            close(client)
        }
    }

    private mutating func writeAnswers(to client: ClientStream) {
        guard !client.isClosed, !client.unsent.isEmpty else { return }
        switch client.descriptor.send(client.unsent.span) {
        case .wouldBlock: break
        case .failed: close(client)
        case .moved(let count):
            client.unsent.removeFirst(count)
            client.lastProgress = now
        }
    }

    mutating func close(_ client: ClientStream) {
        guard !client.isClosed else { return }
        client.isClosed = true
        client.unsent = []
        unregister(client.descriptor.raw)
        clients.removeAll { $0 === client }
        // Its descriptor is closed with the last reference, which a question in flight may hold.
    }

    mutating func expireStreams() {
        for client in clients {
            let end = client.lastProgress + ClientStream.patience
            if client.inFlight == 0, end <= now {
                close(client)
            } else {
                wake(at: max(end, now + 1000))
            }
        }
    }
}
