import Control
import Linux
import Logging
import SystemPackage

/// What the end of the container does to processes; when, `Shutdown` decides.
extension Supervisor {
    /// Ends the container with `code`, in order.
    public func end(code: CInt) -> Never {
        perform(shutdown.handle(.over(code), situation, at: .now))
        loop()
    }

    var situation: Shutdown.Situation {
        Shutdown.Situation(
            agentRuns: agentRuns, hasSession: facts.session != nil,
            services: services.group.stopWaves.map { wave in
                wave.map {
                    .init($0, grace: services.group.services[$0].specification.stopGrace)
                }
            })
    }

    func perform(_ actions: [Shutdown.Action]) {
        // Whatever ends from here on ends because it should.
        if shutdown.isStopping { services.group.stop() }
        // A trap on the way goes on with it.
        if !actions.isEmpty { keepState() }
        for action in actions { perform(action) }
    }

    private func perform(_ action: Shutdown.Action) {
        switch action {
        case .stopAgent(let signal, let time):
            // What a program that is no session has started is its own to stop, in its own way.
            let isAlone = isHeadless
            step("\(signal) to the agent\(isAlone ? "" : " and its session"), \(time.text)")
            signalAgent(signal)
            if !isAlone { signalSession([.terminate, .hangUp, .continue], sparesAgent: true) }
        case .endSession(let time):
            step("SIGTERM and SIGHUP to what is left of the session, \(time.text)")
            signalSession([.terminate, .hangUp, .continue])
        case .killSession:
            step("SIGKILL to the session")
            signalSession([.kill])
        case .stopService(let place, let time):
            let specification = services.group.services[place].specification
            step("\(specification.stopSignal) to service \(specification.name), \(time.text)")
            signalService(place, [specification.stopSignal, .continue])
        case .killService(let place):
            step("SIGKILL to service \(services.group.services[place].specification.name)")
            killService(place)
        case .endOthers(let time):
            step("SIGTERM and SIGHUP to all that is left, \(time.text)")
            closeServiceOutput()
            for signal in [Signal.terminate, .hangUp, .continue] {
                Processes.signalEveryone(signal)
            }
        case .killOthers:
            step("SIGKILL to all that is left")
            // Relays are among them, and none is started again.
            closeServiceOutput()
            Processes.signalEveryone(.kill)
        case .sync(let time): synchronise(within: time)
        case .exit(let ending):
            // An agent that did not obey the signal ends with its code all the same.
            let code =
                shutdown.endsAsAgent ? configuration.terms.exitCode(for: ending) : ending
            log.info("ended with code \(code)")
            System.exit(code)
        }
    }

    private func step(_ text: String) { log.info("stopping: \(text)") }

    /// Looks whether those that are waited for are gone: not all are our children, whose ends SIGCHLD
    /// tells.
    func look(at now: Instant) {
        if shutdown.awaitsSession, nextLook <= now {
            let isEmpty = members().isEmpty
            // Among very many processes looking takes time, of which it gets a quarter.
            let taken = Instant.now.since(now)
            nextLook = .now + max(5, Milliseconds(nanoseconds: taken.nanoseconds * 3))
            if isEmpty { perform(shutdown.handle(.sessionEmpty, situation, at: now)) }
        }
        lookAfterServices(at: now)
        if shutdown.awaitsOthers, Processes.isAlone {
            perform(shutdown.handle(.alone, situation, at: now))
        }
        if let deadline = shutdown.deadline, deadline <= now {
            perform(shutdown.handle(.deadline, situation, at: now))
        }
    }

    private func members(sparesAgent: Bool = false) -> [CInt] {
        var apart = Set(services.group.services.map(\.process).filter { $0 > 0 })
        let runner = facts.session?.runner ?? 0
        if sparesAgent, runner > 0 { apart.insert(runner) }
        let members = SessionMembers.select(
            Processes.all(), user: facts.cage.agentUser, apartFrom: apart)
        return sparesAgent ? members.filter { $0 != facts.session?.server } : members
    }

    /// - Parameter sparesAgent: the agent is told by its runner, once, and its terminal stays.
    private func signalSession(_ signals: [Signal], sparesAgent: Bool = false) {
        nextLook = Instant(nanoseconds: 0)
        for process in members(sparesAgent: sparesAgent) {
            Processes.signal(process, of: facts.cage.agentUser, signals)
        }
    }

    /// Has a process of its own write what file systems on disks hold back: that may take longer
    /// than PID 1 waits.
    private func synchronise(within time: Milliseconds) {
        let paths = ((try? MountTable.current())?.mounts ?? []).filter(\.keepsData)
            .map(\.path.string)
        guard !paths.isEmpty else {
            return perform(shutdown.handle(.synced, situation, at: .now))
        }
        step("file systems are synced, \(time.text)")
        do throws(SystemCallError) {
            synchroniser = try Processes.spawn(
                SpawnRequest(System.ownExecutable, ["codetainer", "sync"] + paths))
        } catch {
            log.warning("cannot sync file systems: \(error)")
            perform(shutdown.handle(.synced, situation, at: .now))
        }
    }

    func synchroniserEnded() {
        synchroniser = nil
        perform(shutdown.handle(.synced, situation, at: .now))
    }
}

extension Milliseconds {
    /// As a line of the log says how long something may take.
    fileprivate var text: String { "at most \(nanoseconds / 1_000_000) ms" }
}

extension Mount {
    private static let inMemory: Set<String> = [
        "tmpfs", "ramfs", "proc", "sysfs", "devpts", "devtmpfs", "mqueue", "cgroup", "cgroup2",
    ]

    /// Whether something written here may be on its way to a disk.
    fileprivate var keepsData: Bool { !isReadOnly && !Self.inMemory.contains(fileSystem) }
}
