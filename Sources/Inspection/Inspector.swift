import Control
import Egress
import Linux
import Policy
import Resolver
import SystemPackage

/// Writes the status report from the kernel's own state: the packet filter's dump, the mounts, the
/// processes' status. What PID 1 remembers is used only for what the kernel cannot know.
public struct Inspector {
    private let facts: SupervisorFacts
    private let version: String
    private let resolverReading: ResolverReading
    private let exceptions: ExceptionReading
    private let mounts: MountTable
    private let table: TableReading

    /// Denied names, and refused destinations, that a report shows at most: the latest, and those
    /// that came most often.
    private static let shownRefusals = (latest: 20, most: 10)

    /// What could be read of the packet filter.
    private enum TableReading {
        case present(TableState, [LiveGrant])
        case unreadable(String)
    }

    /// - Parameters:
    ///   - statistics: the resolver's shared counters, where there is a resolver.
    ///   - policy: the file with its policy.
    public init(facts: SupervisorFacts, version: String, statistics file: CInt?, policy: CInt?) {
        self.facts = facts
        self.version = version
        resolverReading = ResolverReading(statistics: file, isAudit: facts.egress.audits)
        exceptions = ExceptionReading(policy: policy)
        mounts = (try? MountTable.current()) ?? MountTable(parsing: "")
        table = Self.readTable()
    }

    private static func readTable() -> TableReading {
        do throws(NetlinkError) {
            var netfilter = try NetfilterSocket()
            guard let state = try netfilter.table() else {
                return .unreadable("the table inet codetainer is not there")
            }
            return .present(state, try netfilter.grants())
        } catch {
            return .unreadable("\(error)")
        }
    }

    /// - Parameter isComplete: with all that is remembered of what was denied.
    public func report(isComplete: Bool = false) -> StatusReport {
        let boot = facts.boot
        return StatusReport(
            version: version,
            boot: .init(
                profile: boot.profile, started: boot.started,
                stages: boot.stages.map {
                    .init(name: $0.name, milliseconds: Double($0.nanoseconds / 1000) / 1000)
                },
                current: boot.current, warnings: boot.warnings),
            layers: layers, resolver: resolver, egress: egress(isComplete), session: session,
            credentials: .init(
                hosts: facts.credentials.hosts.map { .init(name: $0.name, served: $0.served) },
                refused: facts.credentials.refused),
            supervisor: supervisor, cage: facts.cage.options, isAudit: facts.egress.audits,
            services: services,
            limits: LimitInspection(
                table: mounts,
                age: UInt64(max(0, wallClockSeconds() - facts.boot.started))
            ).limits,
            lease: facts.lease.map { .init($0, at: .now) })
    }

    // MARK: Layers

    private var layers: [StatusReport.Layer] {
        var layers = [lockdown, resolverCage]
        let inspection = MountInspection(table: mounts, facts: facts.cage)
        layers += [
            inspection.readOnlyRoot, inspection.writablePaths, inspection.resolverFile,
            inspection.hiddenProcesses,
        ]
        layers.append(supervisorCapabilities)
        layers += agentLayers
        // A layer that boot could not put on is off, whatever it looks like now.
        return layers.map { layer in
            guard let missing = facts.cage.missing.first(where: { $0.layer == layer.name }) else {
                return layer
            }
            return .init(
                name: layer.name, state: .off, reason: missing.reason, required: layer.required)
        }
            + facts.cage.missing.filter { missing in !layers.contains { $0.name == missing.layer } }
            .map { .init(name: $0.layer, state: .off, reason: $0.reason, required: false) }
    }

    private var lockdown: StatusReport.Layer {
        let name = "lockdown"
        switch table {
        case .unreadable(let reason): return .init(name: name, state: .off, reason: reason)
        case .present(let state, _):
            guard !facts.egress.audits else {
                return .init(
                    name: name, state: .off,
                    reason: "CODETAINER_EGRESS=audit: EVERYTHING PASSES and is only recorded")
            }
            let differences = state.differences(from: EgressPlan(facts: facts).ruleset)
            guard differences.isEmpty else {
                return .init(name: name, state: .off, reason: differences.joined(separator: ", "))
            }
            return .init(
                name: name, state: .on,
                reason: "\(state.chains.count) chains, \(state.ruleCount) rules, policy drop")
        }
    }

    private var resolverCage: StatusReport.Layer {
        let name = "resolver"
        guard facts.resolver.process > 0,
            let status = ProcessStatus.of(facts.resolver.process)
        else { return .init(name: name, state: .off, reason: "it is not running") }
        let user = facts.resolver.user
        if let defect = status.defect(user: user) {
            return .init(name: name, state: .off, reason: defect)
        }
        return .init(
            name: name, state: .on,
            reason: "uid \(user), no capability, an allow-list of system calls, no new privileges")
    }

    private var supervisorCapabilities: StatusReport.Layer {
        let name = "supervisor"
        guard let status = ProcessStatus.of(1) else {
            return .init(name: name, state: .off, reason: "/proc/1/status cannot be read")
        }
        let kept = Capabilities(rawValue: facts.cage.keptCapabilities)
        let excess = status.permitted.union(status.bounding).subtracting(kept)
        if !excess.isEmpty {
            return .init(name: name, state: .off, reason: "PID 1 still has \(excess)")
        }
        return .init(name: name, state: .on, reason: "PID 1 keeps \(kept)")
    }

    /// The agent's layers, read from the process that all of the agent's processes descend from.
    private var agentLayers: [StatusReport.Layer] {
        let server = facts.session?.server ?? 0
        guard server > 0, let status = ProcessStatus.of(server) else {
            let reason = facts.session == nil ? "no session yet" : "the agent has ended"
            return [.init(name: "agent", state: .off, reason: reason, required: false)]
        }
        let user = facts.cage.agentUser
        let inherited = ProcessStatus.of(1)?.filters ?? 0
        func layer(_ name: String, _ isOn: Bool, _ on: String, _ off: String) -> StatusReport.Layer
        {
            .init(name: name, state: isOn ? .on : .off, reason: isOn ? on : off)
        }
        return [
            layer(
                "identity", status.users.allSatisfy { $0 == user } && !status.groups.contains(0),
                "uid \(user) \(facts.cage.agentName)",
                "uids \(status.users) and gids \(status.groups)"),
            layer(
                "capabilities", status.permitted.isEmpty && status.ambient.isEmpty,
                "none", "it has \(status.permitted.union(status.ambient))"),
            layer(
                "bounding-set", status.bounding.isEmpty, "empty", "it holds \(status.bounding)"),
            layer(
                "no-new-privileges", status.noNewPrivileges, "set-id programs gain nothing",
                "not set"),
            layer(
                "seccomp", status.filters > inherited,
                facts.cage.allowsUserNamespaces
                    ? "filter agent-userns: the agent may make namespaces" : "filter agent",
                "no filter of ours"),
            .init(
                name: "landlock", state: facts.cage.landlock.isEmpty ? .off : .on,
                reason: facts.cage.landlock.isEmpty ? "not put on" : facts.cage.landlock,
                required: false),
        ]
    }

    // MARK: Services

    private var resolver: StatusReport.Resolver {
        .init(
            pid: facts.resolver.process, restarts: facts.resolver.restarts,
            upstreams: facts.resolver.upstreams,
            queries: resolverReading.queries, answered: resolverReading.answered,
            denied: resolverReading.denied)
    }

    private var services: [StatusReport.Service] {
        let now = Instant.now.nanoseconds
        func seconds(_ since: Int64) -> Int64 { max(0, now - since) / 1_000_000_000 }
        let runs = facts.resolver.process > 0
        let resolver = StatusReport.Service(
            name: "resolver", state: runs ? "ready" : "pausing", pid: facts.resolver.process,
            restarts: facts.resolver.restarts, seconds: seconds(facts.resolver.since), ready: runs,
            required: true)
        return [resolver]
            + facts.services.map { service in
                let states = ServiceFacts.states
                let state =
                    states.indices.contains(Int(service.state))
                    ? states[Int(service.state)] : "unknown"
                return .init(
                    name: service.name, state: state, pid: service.process,
                    restarts: service.restarts, seconds: seconds(service.since),
                    ready: state == "ready" || state == "done", required: service.isRequired)
            }
    }

    private func egress(_ isComplete: Bool) -> StatusReport.Egress {
        var refusedPackets: UInt64 = 0
        var uncopiedPackets: UInt64 = 0
        var grants: [StatusReport.Grant] = []
        if case .present(let state, let live) = table {
            refusedPackets = state.refusedPackets
            uncopiedPackets = state.uncopiedPackets
            grants = live.map(reported)
        }
        let refused = Self.shown(resolverReading.refused.map(\.count), isComplete)
        let denied = Self.shown(resolverReading.deniedNames.map(\.count), isComplete)
        return .init(
            rules: facts.egress.rules, refusedPackets: refusedPackets,
            refusedGrants: facts.egress.refusedGrants,
            evictedGrants: facts.egress.evictedGrants, grants: grants,
            refused: refused.map { reported(resolverReading.refused[$0]) },
            denied: denied.map {
                let name = resolverReading.deniedNames[$0]
                return .init(
                    name: name.name, count: name.count, time: Self.wallClock(name.last),
                    isPrivate: resolverReading.privateNames.contains(name.name),
                    exception: exceptions.forbidding(name.name))
            },
            moreRefused: resolverReading.refused.count - refused.count,
            moreDenied: resolverReading.deniedNames.count - denied.count,
            lostRefused: resolverReading.lost.destinations, lostDenied: resolverReading.lost.names,
            uncopiedPackets: uncopiedPackets)
    }

    /// The places of those to show, where the latest is first.
    private static func shown(_ counts: [UInt64], _ isComplete: Bool) -> [Int] {
        guard !isComplete else { return Array(counts.indices) }
        let latest = min(counts.count, shownRefusals.latest)
        let others = Ranking.descending(Array(counts.dropFirst(latest)))
        return Array(0..<latest) + others.prefix(shownRefusals.most).map { latest + $0 }
    }

    private func reported(_ grant: LiveGrant) -> StatusReport.Grant {
        let destination = grant.destination
        // The kernel keeps the rule beside the element; the resolver remembers the very name.
        let name = resolverReading.name(of: destination.address, at: .now)
        return .init(
            name: name ?? grant.name, address: "\(destination.address)",
            protocol: "\(destination.transport)", port: destination.port,
            seconds: UInt64(grant.secondsLeft))
    }

    private func reported(_ refused: ResolverStatistics.RefusedDestination)
        -> StatusReport.RefusedConnection
    {
        let transport = Transport(rawValue: refused.protocolNumber)?.description
        let name = resolverReading.name(of: refused.address, at: refused.last)
        return .init(
            name: name, address: "\(refused.address)",
            protocol: transport ?? "protocol \(refused.protocolNumber)", port: refused.port,
            user: refused.user, count: refused.count, time: Self.wallClock(refused.last),
            exception: name.flatMap(exceptions.forbidding))
    }

    private static func wallClock(_ moment: Instant) -> Int64 {
        wallClockSeconds() - Instant.now.since(moment).nanoseconds / 1_000_000_000
    }

    private var supervisor: StatusReport.Supervisor {
        let comeback = facts.comeback
        return .init(
            traps: comeback.traps, lastTrap: comeback.traps == 0 ? nil : comeback.lastTrap,
            upgrades: comeback.upgrades, stalls: comeback.stalls,
            lastStall: comeback.stalls == 0 ? nil : comeback.lastStall)
    }

    private var session: StatusReport.Session? {
        guard let session = facts.session else { return nil }
        let isOver = session.exitCode != nil
        let state: StatusReport.Session.State =
            session.server == 0 && !(session.kind == .agent && isOver)
            ? .gone : isOver ? .ended : .running
        let time = Instant.now.nanoseconds - session.since
        return .init(
            name: session.name, state: state, command: session.command, pid: session.server,
            exitCode: session.exitCode, user: facts.cage.agentUser, group: facts.cage.agentGroup,
            isHeadless: session.kind != .tmux,
            seconds: state == .running ? max(0, time) / 1_000_000_000 : nil)
    }
}

extension ProcessStatus {
    /// Why a confined service is not confined; nil when it is.
    fileprivate func defect(user: UInt32) -> String? {
        if users.contains(where: { $0 != user }) { return "it runs as uid \(users)" }
        if !permitted.isEmpty { return "it has \(permitted)" }
        if !bounding.isEmpty { return "its bounding set holds \(bounding)" }
        if !noNewPrivileges { return "no-new-privileges is not set" }
        if filters == 0 { return "it has no seccomp filter" }
        return nil
    }
}
