import Control
import Linux
import Logging
import Resolver

/// What watches PID 1's own loop, and the resolver's.
struct Liveness {
    var watchdog = Watchdog()
    var heartbeat = Heartbeat()
    /// Lines about stalls, which a slow machine has many of.
    var lines = Allowance(burst: 10, every: 30_000)
}

extension Watchdog.Reading {
    static var current: Self {
        let usage = ProcessorUse.current
        return Self(
            now: .now, sinceBoot: .sinceBoot, processor: usage.time, waits: usage.waits)
    }
}

extension Supervisor.Token {
    /// What an event is about, for whoever wonders what took so long.
    static func name(of token: UInt64) -> StaticString {
        switch token {
        case signals: "signals and children"
        case grants: "grants"
        case listener: "new connections"
        case runner: "the agent's runner"
        case awaited: "what boot waits for"
        default: "a request"
        }
    }
}

extension Supervisor {
    /// A wait of the loop has ended.
    func noteWait(due: Instant?, wasInterrupted: Bool) {
        let now = Instant.now
        if !wasInterrupted, liveness.watchdog.isFresh(at: now) {
            liveness.watchdog.handled(at: now)
        } else {
            liveness.watchdog.awake(at: .current, due: due, wasInterrupted: wasInterrupted)
        }
    }

    /// Something of the round has been handled: logged and counted if it took too long.
    func watch(_ event: StaticString) {
        let now = Instant.now
        guard liveness.watchdog.isLate(at: now) else { return liveness.watchdog.handled(at: now) }
        for stall in liveness.watchdog.stalls(event.description, at: .current) {
            facts.comeback.stalls &+= 1
            facts.comeback.lastStall = stall.description
            if liveness.lines.admit(at: now) { log.warning("\(stall)") }
        }
    }

    func checkHeartbeat(at now: Instant) {
        guard let due = liveness.heartbeat.due, due <= now else { return }
        let process = facts.resolver.process
        guard process > 0, let file = resolver?.statistics,
            let statistics = try? ResolverStatistics(mapping: file, writable: false)
        else { return liveness.heartbeat.stopped() }
        switch liveness.heartbeat.check(statistics.value(of: .heartbeats), at: now) {
        case .none: return
        case .ask: grantKeeper?.askForHeartbeat()
        case .replace:
            log.warning(
                "the resolver's loop has not turned for \(Heartbeat.patience.nanoseconds / 1_000_000_000) s: ending it"
            )
            try? send(.kill, to: process)
        }
    }

    // MARK: What `codetainer health` is told

    /// Why the container does not work; none when it does.
    var ailments: [String] {
        if let stage = facts.boot.current { return ["stage \(stage) is running"] }
        var ailments: [String] = []
        if facts.resolver.process == 0 { ailments.append("the resolver is not running") }
        if let session = facts.session, session.server == 0 {
            switch session.kind {
            case .tmux: ailments.append("the session's tmux server is gone")
            case .runner: ailments.append("the agent's runner is gone")
            case .agent:
                ailments.append("the agent has ended with code \(session.exitCode ?? 0)")
            }
        }
        for service in services.group.services where !service.isHealthy {
            ailments.append("service \(service.specification.name) is \(service.state)")
        }
        if let ailment = leaseAilment { ailments.append(ailment) }
        if shutdown.isStopping { ailments.append("the container is stopping") }
        return ailments
    }

    /// What does not hold in a container that works all the same, as it was asked to.
    private var remarks: [String] {
        facts.egress.audits
            ? ["CODETAINER_EGRESS=audit: everything passes and is only recorded"] : []
    }

    var verdict: String {
        if facts.boot.current != nil { return "BOOTING" }
        return ailments.isEmpty && remarks.isEmpty ? "LOCKED" : "DEGRADED"
    }

    var health: String {
        ControlReply.health(
            verdict: verdict, ailments: ailments, remarks: remarks, port: facts.healthPort)
    }
}
