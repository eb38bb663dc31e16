import Control
import Linux
import Logging

/// The services of the profile: their processes, their output, and whether they are ready.
struct Services {
    /// The pipe between a service and the log; both ends are kept, so that nothing is lost when
    /// either side is replaced.
    struct Output {
        var reading: CInt
        /// -1 once nothing more is to come.
        var writing: CInt
        /// The relay; 0 while there is none.
        var relay: CInt = 0
        /// When it was started last, and when another one is due.
        var started: Instant?
        var due: Instant?
    }

    /// How it is being looked for whether a service is ready, or still works.
    struct Check {
        /// The pipe that the service writes to, or a connection that is being tried.
        var descriptor: CInt?
        /// When it is looked again.
        var due: Instant?
        var tries = 0
        /// Octets that came without a newline.
        var octets = 0
        /// Of the descriptor: an event of an earlier one is none of this one's.
        var generation: UInt64 = 0
    }

    var group = ServiceGroup([], at: Instant(nanoseconds: 0))
    var outputs: [Output] = []
    var checks: [Check] = []
    /// The process groups of services that have ended while the container stops, by place: each has
    /// what is left of its service's grace.
    var remaining: [Int: CInt] = [:]
    /// Why the container must end.
    var failure: String?
    /// Whether boot waits for them, and ends the container itself.
    var areAwaited = false

    var nextDeadline: Instant? {
        ([group.nextDeadline] + checks.map(\.due) + outputs.map(\.due)).compactMap { $0 }.min()
    }
}

extension Supervisor {
    /// Starts services, in their order, and keeps them running; they come after those that were
    /// started before.
    public func startServices(_ specifications: [ServiceSpecification]) throws(SystemCallError) {
        for place in services.group.add(specifications, at: .now) {
            let pipe = try DescriptorPair.pipe()
            try Descriptors.setNonBlocking(pipe.first.raw)
            let writing = try pipe.second.duplicate().release()
            services.outputs.append(
                .init(reading: pipe.takeFirst().release(), writing: writing))
            services.checks.append(.init())
            startRelay(place)
        }
        perform(services.group.handle(.tick, at: .now))
    }

    /// Runs the loop until every service is up.
    ///
    /// - Returns: why a required one is not; nil when all are, or are given up.
    public func awaitServices() throws(Interruption) -> String? {
        services.areAwaited = true
        defer { services.areAwaited = false }
        while !services.group.isSettled, services.failure == nil {
            try turn(until: Instant(nanoseconds: .max))
        }
        return services.failure
    }

    func perform(_ actions: [ServiceGroup.Action]) {
        for action in actions {
            switch action {
            case .spawn(let place): spawnService(place)
            case .kill(let place): killService(place)
            case .note(let place, let text): log.info("service \(name(place)): \(text)")
            case .warn(let place, let text): log.warning("service \(name(place)): \(text)")
            case .giveUp(let place, let text): giveUp(place, text)
            }
        }
    }

    func name(_ place: Int) -> String {
        services.group.services[place].specification.name
    }

    private func giveUp(_ place: Int, _ reason: String) {
        // One reason is enough, and the first is the cause of others.
        guard services.failure == nil else { return }
        let message = "service \(name(place)): \(reason)"
        services.failure = message
        tellRelay(place, OutputRelay.repeatLast)
        guard !services.areAwaited else { return }
        log.error("\(message): the container ends")
        perform(shutdown.handle(.over(Self.unavailable), situation, at: .now))
    }

    /// A service that must be there is not (sysexits.h, `EX_UNAVAILABLE`).
    private static let unavailable: CInt = 69

    // MARK: Processes

    private func spawnService(_ place: Int) {
        do throws(SystemCallError) {
            let process = try spawnProcess(place)
            perform(services.group.handle(.spawned(place, process: process), at: .now))
            keepState()
        } catch {
            endCheck(place)
            perform(services.group.handle(.notSpawned(place, reason: "\(error)"), at: .now))
        }
    }

    private func spawnProcess(_ place: Int) throws(SystemCallError) -> CInt {
        let specification = services.group.services[place].specification
        let output = services.outputs[place].writing
        endCheck(place)
        switch specification.readiness {
        case .descriptor:
            let pipe = try DescriptorPair.pipe()
            let request = specification.spawnRequest(
                output: output, notification: pipe.second.raw)
            let process = try Processes.spawn(request)
            let reading = pipe.takeFirst().release()
            services.checks[place].descriptor = reading
            try Descriptors.setNonBlocking(reading)
            try poll.add(reading, for: .readable, token: checkToken(place))
            return process
        case .port:
            services.checks[place].due = .now
        case .none, .exit: break
        }
        return try Processes.spawn(specification.spawnRequest(output: output, notification: nil))
    }

    func serviceEnded(_ place: Int, _ process: CInt, _ status: ExitStatus) {
        endCheck(place)
        tellRelay(place, OutputRelay.flush)
        if shutdown.isStopping {
            perform(services.group.handle(.ended(place, status), at: .now))
            services.remaining[place] = process
            return lookAfterServices(at: .now)
        }
        let actions = services.group.handle(.ended(place, status), at: .now)
        let state = services.group.services[place].state
        // One that is done may leave whom it likes; what any other has left in its group would be in
        // its successor's way. The number is not given to another process so soon: numbers go round.
        if state != .done { try? send(.kill, to: -process) }
        switch state {
        case .starting, .pausing: killRemains(of: place, process)
        default: break
        }
        perform(actions)
        perform(shutdown.handle(.serviceEnded(place), situation, at: .now))
    }

    /// Kills what left the service's process group before it ended.
    private func killRemains(of place: Int, _ process: CInt) {
        guard let owner = services.group.services[place].specification.user else { return }
        let user = ServiceRemains.ownUser(
            of: place, among: services.group.services.map(\.specification.user),
            besides: [facts.cage.agentUser, facts.resolver.user, Self.relayUser])
        var own = reporters
        own.formUnion([policyReading?.process, comeback.examination?.process].compactMap { $0 })
        var killed: Set<CInt> = []
        // What is started meanwhile is found in the next round; who starts faster than that is held
        // by its limit of processes.
        for _ in 0..<Self.killRounds {
            let found = Set(
                ServiceRemains.select(
                    Processes.all(), session: process, user: user, apartFrom: own)
            ).subtracting(killed)
            guard !found.isEmpty else { return }
            for one in found { Processes.signal(one, of: owner, [.kill]) }
            killed.formUnion(found)
        }
    }

    private static let killRounds = 4

    /// Whether signals have stopped or continued services.
    func lookForStops() {
        for place in services.group.services.indices {
            let process = services.group.services[place].process
            guard process > 0, let isStopped = Processes.changedStop(of: process) else { continue }
            perform(
                services.group.handle(isStopped ? .stopped(place) : .continued(place), at: .now))
        }
    }

    /// A service that is asked to end is over when its process group is: its workers may have more to do
    /// than the process that told them to end.
    func lookAfterServices(at now: Instant) {
        for (place, group) in services.remaining where Processes.isGroupEmpty(group) {
            services.remaining[place] = nil
            perform(shutdown.handle(.serviceEnded(place), situation, at: now))
        }
    }

    /// Signals the service's process group, which it leads once it is confined; the service alone
    /// before that.
    func signalService(_ place: Int, _ signals: [Signal]) {
        let process = services.group.services[place].process
        let group = process > 0 ? process : services.remaining[place] ?? 0
        guard group > 0 else { return }
        for signal in signals {
            do throws(SystemCallError) {
                try send(signal, to: -group)
            } catch {
                if process > 0 { try? send(signal, to: process) }
            }
        }
    }

    func killService(_ place: Int) { signalService(place, [.kill]) }

    /// What is due of the services.
    func tendServices(at now: Instant) {
        for place in services.checks.indices
        where services.checks[place].due.map({ $0 <= now }) ?? false {
            lookAgain(place)
        }
        for place in services.outputs.indices
        where services.outputs[place].due.map({ $0 <= now }) ?? false {
            startRelay(place)
        }
        guard let due = services.group.nextDeadline, due <= now, !shutdown.isStopping else {
            return
        }
        perform(services.group.handle(.tick, at: now))
    }

    // MARK: Output

    func startRelay(_ place: Int) {
        services.outputs[place].due = nil
        services.outputs[place].started = .now
        do throws(SystemCallError) {
            services.outputs[place].relay = try Processes.spawn(
                OutputRelay.spawnRequest(
                    name: name(place), form: configuration.log.form,
                    user: Self.relayUser, executable: System.ownExecutable,
                    input: services.outputs[place].reading))
        } catch {
            services.outputs[place].relay = 0
            services.outputs[place].due = .now + Self.relayPause
            if faultLines.admit(at: .now) {
                log.error("cannot relay the output of service \(name(place)): \(error)")
            }
        }
    }

    /// Between two relays of a service that do not stay.
    private static let relayPause: Milliseconds = 1_000

    /// The uid of relays, which nobody else has.
    public static let relayUser: UInt32 = 64054

    /// - Returns: whether `process` was a relay.
    func relayEnded(_ process: CInt, _ status: ExitStatus) -> Bool {
        guard let place = services.outputs.firstIndex(where: { $0.relay == process }) else {
            return false
        }
        services.outputs[place].relay = 0
        if services.outputs[place].writing >= 0 {
            if faultLines.admit(at: .now) {
                log.warning("the relay of service \(name(place)) \(status): starting it again")
            }
            let started = services.outputs[place].started ?? Instant(nanoseconds: 0)
            if Instant.now.since(started) > Self.relayPause {
                startRelay(place)
            } else {
                services.outputs[place].due = started + Self.relayPause
            }
        }
        return true
    }

    private func tellRelay(_ place: Int, _ signal: Signal) {
        let relay = services.outputs[place].relay
        if relay > 0 { try? send(signal, to: relay) }
    }

    /// Relays end when the last writer of their pipe has.
    func closeServiceOutput() {
        for place in services.outputs.indices where services.outputs[place].writing >= 0 {
            let writing = services.outputs[place].writing
            services.outputs[place].writing = -1
            services.outputs[place].due = nil
            retire(writing)
        }
    }

    // MARK: Facts

    func noteServices() {
        facts.services = services.group.services.map { service in
            ServiceFacts(
                name: service.specification.name, state: service.state.rawValue,
                process: service.process, restarts: service.lifecycle.restarts,
                since: service.since.nanoseconds, isRequired: service.specification.isRequired)
        }
    }
}
