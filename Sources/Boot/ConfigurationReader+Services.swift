import Confinement
import Linux
import Profile
import Supervision
import SystemPackage

/// The services of a profile become specifications, and times of ending become graces.
extension ConfigurationReader {
    mutating func readServices(_ profile: AgentProfile, agent: Account?, resolver: Account?)
        -> [ServiceSpecification]
    {
        var accounts: [Account] = []
        for service in profile.services {
            guard let account = account(service.user) else {
                mistakes.append(
                    "service \(service.name): user \(service.user) is not in /etc/passwd: add it to the image, or name another"
                )
                continue
            }
            // Root's files are PID 1's, and the resolver's uid may ask any DNS server.
            if account.user == 0 || account.group == 0 {
                mistakes.append(
                    "service \(service.name): user \(service.user) has uid \(account.user) and gid \(account.group): a service must have neither 0: name another"
                )
            } else if account.user == resolver?.user || account.group == resolver?.group
                || account.user == Supervisor.relayUser || account.user == MetricsServer.user
                || account.user == LeaseService.user
            {
                mistakes.append(
                    "service \(service.name): user \(service.user) shares uid or gid with codetainer's own services: give it its own"
                )
            }
            accounts.append(account)
            // Two of a name would be one in reports.
            if service.name == MetricsServer.name, profile.metrics.port != nil {
                mistakes.append(
                    "service \(service.name): that is what codetainer's own is called, which the metrics' port starts: give it another name"
                )
            }
        }
        guard accounts.count == profile.services.count else { return [] }
        return zip(profile.services, accounts).map { service, account in
            let after = service.after.compactMap { name in
                profile.services.firstIndex { $0.name == name }
            }
            return ServiceSpecification(
                name: service.name, command: service.command,
                cage: Self.cage(service, account).options,
                environment: environment(service, account),
                readiness: Self.readiness(service.readiness),
                readyWithin: Milliseconds(service.readyWithin),
                heartbeat: service.heartbeat.map { Milliseconds($0) },
                restart: Self.restart(service.restart), stopSignal: Self.signal(service.stopSignal),
                stopGrace: Milliseconds(service.stopGrace), isRequired: service.isRequired,
                after: after)
        }
    }

    private static func cage(_ service: AgentProfile.Service, _ account: Account) -> Cage {
        var kept: UInt32 = 3
        if case .descriptor(let number) = service.readiness { kept = UInt32(number + 1) }
        var cage = Cage(
            identity: .init(user: account.user, group: account.group),
            filter: filter(service.seccomp),
            limits: [
                .init(.processes, UInt64(service.limits.processes)),
                .init(.openFiles, UInt64(service.limits.openFiles)),
            ], keptDescriptors: kept, newSession: true, directory: service.directory)
        // Before PID 1 and the resolver, after the agent.
        cage.outOfMemoryScore = 500
        var reach = Reach()
        reach.isScoped = true
        if let writable = service.writable {
            reach.writable = writable
            // What it starts it may have the kernel end before itself.
            reach.usable = AgentReach.usable + ["/proc"]
        }
        if LandlockSupport.current.number > 0 { cage.reach = reach }
        cage.environment = .callers
        cage.isQuiet = true
        return cage
    }

    /// As much of an environment as a program expects, and what the profile says.
    private func environment(_ service: AgentProfile.Service, _ account: Account) -> [String] {
        var variables = [
            "PATH": environment["PATH"]
                ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": environment["LANG"] ?? "C.UTF-8", "HOME": account.home.string,
            "USER": account.name, "LOGNAME": account.name,
        ]
        for name in service.environment.passed { variables[name] = environment[name] }
        for variable in service.environment.set { variables[variable.name] = variable.value }
        return variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    private static func filter(_ filter: AgentProfile.Seccomp) -> SystemCallFilter {
        switch filter {
        case .agent: .agent
        case .service: .service
        case .none: .none
        }
    }

    private static func readiness(_ readiness: AgentProfile.Readiness)
        -> ServiceSpecification.Readiness
    {
        switch readiness {
        case .none: .none
        case .descriptor(let number): .descriptor(CInt(number))
        case .port(let port): .port(UInt16(port))
        case .exit: .exit
        }
    }

    private static func restart(_ restart: AgentProfile.Restart) -> ServiceSpecification.Restart {
        switch restart {
        case .never: .never
        case .onFailure: .onFailure
        case .always: .always
        }
    }

    private static func signal(_ signal: AgentProfile.StopSignal) -> Signal {
        switch signal {
        case .terminate: .terminate
        case .interrupt: .interrupt
        case .quit: .quit
        case .hangUp: .hangUp
        case .user1: .user1
        case .user2: .user2
        case .windowChange: .windowChange
        }
    }

    /// `CODETAINER_STOP_TIMEOUT`: how long ending may take in all.
    mutating func overrideShutdown(_ profile: inout AgentProfile) {
        guard let text = environment["CODETAINER_STOP_TIMEOUT"], !text.isEmpty else { return }
        let bounds = AgentProfile.Shutdown.bounds
        guard let time = Duration.milliseconds(text), bounds.contains(time) else {
            mistakes.append(
                "CODETAINER_STOP_TIMEOUT \"\(text)\" must be a time from 1s to 10m: \(Duration.form)"
            )
            return
        }
        profile.shutdown.total = time
    }

    static func grace(_ shutdown: AgentProfile.Shutdown) -> Shutdown.Grace {
        Shutdown.Grace(
            total: Milliseconds(shutdown.total), agent: shutdown.agent.map { Milliseconds($0) })
    }
}
