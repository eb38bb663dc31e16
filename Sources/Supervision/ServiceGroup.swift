public import Linux

/// The services of the profile and what is to be done with them next. Pure: events and times come
/// in, actions come out.
///
/// A service starts when all that it comes `after` are up; it is up when it is ready, and a service
/// that need not be there also when it has been given up.
public struct ServiceGroup: Equatable, Sendable {
    public enum State: UInt8, Sendable {
        /// For those that it comes after.
        case waiting
        /// It runs and is not ready.
        case starting
        case ready
        /// It has ended and will be started again.
        case pausing
        /// It has ended and stays so: a one-shot that is done, or one that is not to be restarted.
        case done
        /// It could not stay up and was given up, or did not come up in time.
        case failed
        /// It is being stopped, with the container.
        case stopping
    }

    /// Why its process was killed.
    enum Cause: UInt8, Sendable {
        /// It was not ready in time.
        case late
        /// It has not shown for too long that it works.
        case silent
        /// A signal has stopped it for too long.
        case stopped
    }

    /// A service that a signal has stopped works no more than one that has ended.
    static let longestStop: Milliseconds = 10_000

    /// PID 1 looks this late at most, or it has not been running itself, as when the container was
    /// paused: then services have had no time either.
    static let tolerance = Heartbeat.tolerance

    public struct Service: Equatable, Sendable {
        public let specification: ServiceSpecification
        public internal(set) var state = State.waiting
        /// 0 while it does not run.
        public internal(set) var process: CInt = 0
        public internal(set) var lifecycle: ServiceLifecycle
        /// When it was started, or has ended.
        public internal(set) var since: Instant
        /// Until when it must be ready; nil when it is, or does not run.
        public internal(set) var readyBy: Instant?
        /// Until when it must have shown again that it works; nil when it need not.
        public internal(set) var beatBy: Instant?
        /// Since when a signal has stopped it.
        var stoppedSince: Instant?
        var cause: Cause?
        /// Whether it has been ready once; boot then waits for it no longer, whatever it does next.
        var hasBeenUp = false

        /// Whether what comes after it may start.
        var isUp: Bool {
            switch state {
            case .ready: true
            case .done: true
            case .failed: !specification.isRequired
            default: false
            }
        }

        /// Whether it is what it must be.
        var isHealthy: Bool { isUp || !specification.isRequired }

        /// Whether boot need not wait for it any longer.
        var isSettled: Bool { hasBeenUp || state == .failed || state == .done }
    }

    public enum Event: Equatable, Sendable {
        case spawned(Int, process: CInt)
        case notSpawned(Int, reason: String)
        case ready(Int)
        /// It has shown that it works.
        case beat(Int)
        /// A signal has stopped its process, or continued it.
        case stopped(Int)
        case continued(Int)
        case ended(Int, ExitStatus)
        /// Time has passed.
        case tick
    }

    public enum Action: Equatable, Sendable {
        case spawn(Int)
        case kill(Int)
        /// Says something of the service in the log.
        case note(Int, String)
        case warn(Int, String)
        /// A required service cannot stay up: the container ends.
        case giveUp(Int, String)
    }

    public internal(set) var services: [Service]

    public init(_ specifications: [ServiceSpecification], at now: Instant) {
        services = []
        add(specifications, at: now)
    }

    /// Adds services, whose `after` counts among themselves.
    ///
    /// - Returns: their places.
    @discardableResult
    public mutating func add(_ specifications: [ServiceSpecification], at now: Instant) -> Range<
        Int
    > {
        let first = services.count
        services += specifications.map { specification in
            var specification = specification
            specification.after = specification.after.map { $0 + first }
            return Service(
                specification: specification,
                lifecycle: ServiceLifecycle(
                    pauses: specification.isRequired ? .requiredService : .service),
                since: now)
        }
        return first..<services.count
    }

    /// Whether boot may go on.
    public var isSettled: Bool { services.allSatisfy(\.isSettled) }

    /// Whether everything that must be there is.
    public var isHealthy: Bool {
        services.allSatisfy(\.isHealthy)
    }

    public func place(of process: CInt) -> Int? {
        process > 0 ? services.firstIndex { $0.process == process } : nil
    }

    public var nextDeadline: Instant? {
        services.flatMap {
            [
                $0.lifecycle.due, $0.readyBy, $0.beatBy,
                $0.stoppedSince.map { $0 + Self.longestStop },
            ]
        }.compactMap { $0 }.min()
    }

    /// Services that run, last started first: each wave ends before the next one is stopped, and no
    /// service ends before those that come after it.
    public var stopWaves: [[Int]] {
        var depth = [Int](repeating: -1, count: services.count)
        // Each round settles at least one service: the profile has no circles.
        for _ in services.indices {
            for (index, service) in services.enumerated() where depth[index] < 0 {
                let below = service.specification.after.map { depth[$0] }
                if !below.contains(-1) { depth[index] = (below.max() ?? -1) + 1 }
            }
        }
        return (0..<services.count).reversed()
            .map { level in
                services.indices.filter { depth[$0] == level && services[$0].process > 0 }
            }.filter { !$0.isEmpty }
    }

    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .spawned(let index, let process):
            actions += started(index, process, at: now)
        case .notSpawned(let index, let reason):
            actions += failed(index, "cannot be started: \(reason)", at: now)
        case .ready(let index):
            guard services[index].state == .starting else { break }
            services[index].state = .ready
            services[index].hasBeenUp = true
            services[index].readyBy = nil
            services[index].beatBy = services[index].specification.heartbeat.map { now + $0 }
            let time = now.since(services[index].since).decimal
            actions.append(.note(index, "ready after \(time) ms"))
        case .beat(let index):
            guard services[index].beatBy != nil else { break }
            services[index].beatBy = services[index].specification.heartbeat.map { now + $0 }
        case .stopped(let index):
            let isJudged = services[index].process > 0 && services[index].cause == nil
            if isJudged, services[index].state != .stopping { services[index].stoppedSince = now }
        case .continued(let index): services[index].stoppedSince = nil
        case .ended(let index, let status):
            actions += ended(index, status, at: now)
        case .tick:
            for index in services.indices {
                actions += late(index, at: now) + hung(index, at: now)
            }
        }
        return actions + startDue(at: now)
    }

    /// Nothing is started any more.
    public mutating func stop() {
        for index in services.indices {
            services[index].state = .stopping
            services[index].readyBy = nil
            services[index].beatBy = nil
            services[index].stoppedSince = nil
            services[index].lifecycle.cancel()
        }
    }

    private mutating func startDue(at now: Instant) -> [Action] {
        var actions: [Action] = []
        for index in services.indices {
            let service = services[index]
            switch service.state {
            case .waiting where service.specification.after.allSatisfy { services[$0].isUp }:
                actions.append(.spawn(index))
            case .pausing where service.lifecycle.due.map { $0 <= now } ?? false:
                services[index].lifecycle.restarted()
                actions.append(.spawn(index))
            default: continue
            }
            // Until it is known whether it could be started, so that it is asked for once.
            services[index].state = .starting
        }
        return actions
    }

    private mutating func started(_ index: Int, _ process: CInt, at now: Instant) -> [Action] {
        services[index].process = process
        services[index].since = now
        services[index].cause = nil
        if services[index].specification.readiness == .none {
            services[index].state = .ready
            services[index].hasBeenUp = true
            return []
        }
        services[index].state = .starting
        // The time goes on while it fails and is started again; one that has been up has it anew.
        services[index].readyBy =
            services[index].readyBy ?? now + services[index].specification.readyWithin
        return []
    }

    private mutating func late(_ index: Int, at now: Instant) -> [Action] {
        guard let due = services[index].readyBy, due <= now else { return [] }
        services[index].readyBy = nil
        guard services[index].process > 0 else { return tooLate(index) }
        return kill(index, .late)
    }

    /// Of a service that shows no more that it works.
    private mutating func hung(_ index: Int, at now: Instant) -> [Action] {
        if let due = services[index].beatBy, due <= now {
            guard now.since(due) > Self.tolerance else { return kill(index, .silent) }
            services[index].beatBy = services[index].specification.heartbeat.map { now + $0 }
        }
        if let since = services[index].stoppedSince, since + Self.longestStop <= now {
            guard now.since(since + Self.longestStop) > Self.tolerance else {
                return kill(index, .stopped)
            }
            services[index].stoppedSince = now
        }
        return []
    }

    private mutating func kill(_ index: Int, _ cause: Cause) -> [Action] {
        services[index].cause = cause
        services[index].beatBy = nil
        services[index].stoppedSince = nil
        return [.kill(index)]
    }

    /// It had its time, and another start would make boot wait as long again.
    private mutating func tooLate(_ index: Int) -> [Action] {
        services[index].state = .failed
        services[index].lifecycle.cancel()
        return giveUp(index, reason(index, .late))
    }

    private func reason(_ index: Int, _ cause: Cause) -> String {
        let specification = services[index].specification
        switch cause {
        case .late:
            let time = specification.readyWithin.decimal
            return "not ready within \(time) ms (\(specification.readiness.text))"
        case .silent:
            let time = (specification.heartbeat ?? 0).decimal
            return "no heartbeat within \(time) ms (\(specification.readiness.text))"
        case .stopped: return "stopped by a signal for \(Self.longestStop.decimal) ms"
        }
    }

    private mutating func ended(_ index: Int, _ status: ExitStatus, at now: Instant) -> [Action] {
        let specification = services[index].specification
        let cause = services[index].cause
        let time = now.since(services[index].since).decimal
        services[index].process = 0
        services[index].since = now
        services[index].beatBy = nil
        services[index].stoppedSince = nil
        guard services[index].state != .stopping else { return [] }
        if services[index].hasBeenUp { services[index].readyBy = nil }
        if let cause {
            // Boot does not wait for one that has been up: its slow restart is a failure like an end.
            return cause == .late && !services[index].hasBeenUp
                ? tooLate(index)
                : failed(index, reason(index, cause), wasUp: cause != .late, at: now)
        }
        if specification.readiness == .exit, status.isSuccess {
            services[index].state = .done
            services[index].readyBy = nil
            return [.note(index, "done after \(time) ms")]
        }
        switch specification.restart {
        case .always: return failed(index, "\(status)", at: now)
        case .onFailure where !status.isSuccess: return failed(index, "\(status)", at: now)
        case .never, .onFailure:
            // Not up and not to be started: what is required is not there.
            let isFailure = specification.isRequired || !status.isSuccess
            services[index].readyBy = nil
            services[index].state = isFailure ? .failed : .done
            let text = "\(status), and is not started again"
            return isFailure ? giveUp(index, text) : [.note(index, text)]
        }
    }

    private mutating func failed(
        _ index: Int, _ reason: String, wasUp: Bool = true, at now: Instant
    ) -> [Action] {
        services[index].process = 0
        guard services[index].state != .stopping else { return [] }
        guard services[index].specification.restart != .never else {
            services[index].state = .failed
            services[index].readyBy = nil
            return giveUp(index, reason)
        }
        guard services[index].lifecycle.failed(at: now, wasUp: wasUp) else {
            services[index].state = .failed
            services[index].readyBy = nil
            let series = services[index].lifecycle.series
            return giveUp(index, "\(reason): \(series) failures in a row: it cannot stay up")
        }
        services[index].state = .pausing
        let pause = services[index].lifecycle.due.map { $0.since(now).decimal } ?? "0"
        return [.warn(index, "\(reason): starting it again in \(pause) ms")]
    }

    private func giveUp(_ index: Int, _ reason: String) -> [Action] {
        services[index].specification.isRequired
            ? [.giveUp(index, reason)] : [.warn(index, "\(reason): going on without it")]
    }
}

extension ServiceSpecification.Readiness {
    /// What is waited for, for people.
    var text: String {
        switch self {
        case .none: "running"
        case .descriptor(let number): "a newline on descriptor \(number)"
        case .port(let port): "connections on port \(port)"
        case .exit: "its end with code 0"
        }
    }
}
