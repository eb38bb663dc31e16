import Control
import Linux
import Logging

/// Requests over the control socket.
extension Supervisor {
    /// How long the listener is left alone when a connection cannot be taken: it stays readable, and
    /// the loop would turn on nothing else.
    private static let listenerPause: Milliseconds = 50

    func acceptConnections() {
        do throws(SystemCallError) {
            for _ in 0..<Self.turnLimit {
                guard let arrival = try control?.accept(at: .now) else { return }
                guard case .taken(let connection) = arrival else { continue }
                do throws(SystemCallError) {
                    try poll.add(
                        connection, for: .readable, token: Token.connections + UInt64(connection))
                } catch {
                    control?.drop(connection)
                    throw error
                }
            }
        } catch {
            if faultLines.admit(at: .now) { log.error("control socket: \(error)") }
            guard let listener = control?.listener.raw else { return }
            try? poll.remove(listener)
            listensAgain = .now + Self.listenerPause
        }
    }

    func listenAgain() {
        guard let listener = control?.listener.raw else { return }
        do throws(SystemCallError) {
            try poll.add(listener, for: .readable, token: Token.listener)
            listensAgain = nil
        } catch {
            listensAgain = .now + Self.listenerPause
        }
    }

    func receiveRequest(on connection: CInt) {
        guard let question = control?.receive(on: connection) else { return }
        try? poll.remove(connection)
        let isAgent = question.peer.user != 0
        if isAgent, question.request != .agentStarted, !agentQuestions.admit(at: .now) {
            return reply(ControlReply.busy, to: connection)
        }
        if question.request.changesPolicy, facts.boot.current != nil {
            return reply(
                ControlReply.error("boot is under way: ask again when it is over"),
                to: question.connection)
        }
        switch question.request {
        case .agentStarted: adoptRunner(question)
        case .status: report([], to: connection, for: question.peer.user)
        case .fullStatus: report(["all"], to: connection, for: question.peer.user)
        case .reload: reloadPolicy(connection)
        case .allow(let rule, let seconds): allow(rule, seconds: seconds, connection)
        case .deny(let name): deny(name, connection)
        case .upgrade(let path): upgrade(to: path, connection)
        case .health: reply(health, to: connection)
        case .decisions: replyDecisions(to: connection)
        case .credential(let host): replyCredential(for: host, to: connection)
        case .agentStarting, .agentEnded:
            reply(ControlReply.error("agent-started comes first"), to: connection)
        }
    }

    func adoptRunner(_ question: ControlServer.Question) {
        guard runnerConnection == nil, let session = facts.session, session.kind != .agent else {
            reply(ControlReply.error("another runner is connected"), to: question.connection)
            return
        }
        do throws(SystemCallError) {
            try poll.add(question.connection, for: .readable, token: Token.runner)
        } catch {
            Descriptors.close(question.connection)
            return
        }
        runnerConnection = question.connection
        comeback.runnerHandle = try? PeerCredentials.process(at: question.connection)
        facts.session?.runner = question.peer.process
        spare(question.peer.process)
        noteStart()
        // An agent that ends at once, while PID 1 is still booting, has said both by then.
        takeRunnersLines(question.rest)
    }

    /// Hands the memory over in which the resolver writes; PID 1 reads nothing of it.
    private func replyDecisions(to connection: CInt) {
        guard let memory = resolver?.statistics else {
            return reply(
                ControlReply.error("there is no resolver yet: ask again when boot is over"),
                to: connection)
        }
        let octets = Array(ControlReply.accepted.utf8)
        _ = Linux.send(octets.span, with: memory, to: connection)
        Descriptors.close(connection)
    }

    func reply(_ text: String, to connection: CInt) {
        Output.writeWithoutWaiting(Array(text.utf8), to: connection)
        Descriptors.close(connection)
    }

    /// Has a process of its own write the report: reading the kernel's state takes time, and PID 1
    /// does without a JSON encoder.
    func report(_ words: [String], to connection: CInt, for user: UInt32) {
        // One place is the operator's alone.
        let limit = user == 0 ? Self.reportLimit : Self.reportLimit - 1
        let now = Instant.now
        guard reporters.count < limit, user == 0 || agentReports.admit(at: now) else {
            reply(ControlReply.busy, to: connection)
            return
        }
        do throws(SystemCallError) {
            try spawnReport(words, to: connection)
            Descriptors.close(connection)
        } catch {
            // What PID 1 remembers is no report of what holds, but better than nothing.
            reply(
                ControlReply.error(
                    "cannot write a report: \(error): PID 1 itself knows: \(verdict), \(ailments.joined(separator: ", ")), \(facts.resolver.restarts) restarts, \(facts.egress.rules) rules"
                ), to: connection)
        }
    }

    func spawnReport(_ words: [String], to descriptor: CInt) throws(SystemCallError) {
        countCredentials()
        noteServices()
        facts.egress.refusedGrants = grantKeeper?.refused ?? 0
        facts.egress.evictedGrants = grantKeeper?.evicted ?? 0
        var writer = RecordWriter()
        facts.write(to: &writer)
        let file = try MemoryFile.sealed("facts", holding: writer.octets)
        var descriptors: [(source: CInt, target: CInt)] = [(descriptor, 3), (file.raw, 4)]
        if let resolver { descriptors += [(resolver.statistics, 5), (resolver.policy, 6)] }
        reporters.insert(
            try Processes.spawn(
                SpawnRequest(
                    System.ownExecutable, ["codetainer", "report"] + words,
                    descriptors: descriptors)))
    }
}
