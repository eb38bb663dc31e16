import Control
import Egress
import Linux
import Logging
import Policy
import Secrets
import SystemPackage

/// Passing the state of PID 1 on to its next program image.
extension Supervisor {
    /// How long the next program image waits for requests that have begun, the runner's first line
    /// among them: a connection that has not finished its line is not handed over.
    private static let settlingTime: Milliseconds = 250

    /// Becomes `codetainer supervise`, with the state in a sealed memory file and nothing in the
    /// environment; returns only by throwing.
    public func becomeSupervisor() throws(SystemCallError) -> Never {
        settle(atMost: Self.settlingTime)
        // Who is stopping meanwhile, asked to or not, goes on with that as it is.
        if stopRequest != nil || shutdown.isStopping { loop() }
        guard let handover = handover(), handover.grants != nil else {
            throw SystemCallError(
                "execve", "supervise: the resolver is not running", .noChildProcess)
        }
        comeback.isReady = true
        try keepStateOrThrow()
        try Continuation.passOn()
    }

    /// The state that the next program image of PID 1 goes on from.
    public func handover() -> Handover? {
        guard let resolver, control != nil, let listener = control?.listener.raw else { return nil }
        countCredentials()
        noteServices()
        facts.egress.refusedGrants = grantKeeper?.refused ?? 0
        facts.egress.evictedGrants = grantKeeper?.evicted ?? 0
        let credentials = zip(broker.credentials, comeback.credentialFiles).map {
            credential, file in
            Handover.CredentialState(
                host: credential.host, username: credential.username, served: credential.served,
                file: file)
        }
        var handover = Handover(
            facts: facts, resolver: resolver, resolverLifecycle: resolverLifecycle.restarts,
            grants: grantKeeper?.channel ?? nil, controlListener: listener,
            runnerConnection: runnerConnection, endsWithAgent: configuration.endsWithAgent,
            terms: configuration.terms,
            log: configuration.log, lostLines: LogOutput.shared.lost, credentials: credentials,
            policy: policy, sources: sources, grace: configuration.grace, services: serviceStates)
        handover.work.ending = shutdown.isStopping ? shutdown : nil
        handover.work.synchroniser = synchroniser
        handover.work.isReloading =
            readsPolicyAgain || policyReading.map { $0.connection == nil } ?? false
        handover.work.runnerHandle = comeback.runnerHandle
        handover.work.upgradeConnection = comeback.upgradeConnection
        handover.work.trapLimit = configuration.trapLimit
        handover.metricsChannel = metricsChannel
        handover.leaseChannel = lease.channel
        return handover
    }

    /// Takes the state over.
    ///
    /// - Parameter version: of this program, for whoever asked for it.
    public func resume(
        _ handover: Handover, allowlist: Allowlist, netfilter: consuming NetfilterSocket,
        version: String
    ) throws(SystemCallError) {
        facts = handover.facts
        LogOutput.shared.lost = handover.lostLines
        var credentials: [CredentialBroker.Credential] = []
        for credential in handover.credentials {
            credentials.append(
                CredentialBroker.Credential(
                    host: credential.host, username: credential.username,
                    secret: try Secret(contentsOf: credential.file), served: credential.served))
        }
        comeback.credentialFiles = handover.credentials.map(\.file)
        takeOver(credentials)
        resolver = handover.resolver
        resolverLifecycle = ServiceLifecycle(
            restarts: handover.resolverLifecycle, pauses: .resolver)
        keepGrants(of: allowlist, handover.policy, with: netfilter)
        grantKeeper?.goOn(
            refused: facts.egress.refusedGrants, evicted: facts.egress.evictedGrants)
        grantKeeper?.recall()
        sources = handover.sources
        try serveControl(on: OwnedDescriptor(adopting: handover.controlListener))
        if let grants = handover.grants { try adoptGrants(grants) }
        if let connection = handover.runnerConnection {
            try poll.add(connection, for: .readable, token: Token.runner)
            runnerConnection = connection
        }
        try resume(handover.services)
        if let channel = handover.metricsChannel {
            try serveMetrics(on: OwnedDescriptor(adopting: channel))
        }
        if let channel = handover.leaseChannel {
            try hearLease(on: OwnedDescriptor(adopting: channel))
        }
        comeback.runnerHandle = handover.work.runnerHandle
        comeback.isReady = true
        try keepStateOrThrow()
        for descriptor in handover.descriptors {
            try Descriptors.setInheritable(descriptor, false)
        }
        try unblockSignals()
        // Before anything that has ended meanwhile is a reason of its own.
        if let ending = handover.work.ending {
            shutdown = ending
            synchroniser = handover.work.synchroniser
            perform(shutdown.leftToDo)
        }
        // Children that ended during the exec left no event behind. Only now: an agent among them ends
        // the container, and with that the resolver, whose descriptors are closed then.
        reap()
        takeUp(handover.work, version: version)
    }

    /// Finishes what the earlier program image was at.
    private func takeUp(_ work: Handover.WorkInHand, version: String) {
        if let connection = work.upgradeConnection {
            facts.comeback.upgrades &+= 1
            log.info("this is codetainer \(version) now")
            reply(ControlReply.upgraded(to: version), to: connection)
            // The parser of what comes from the network is of the new program, too.
            if let path = try? System.executablePath(), path.hasPrefix("/"),
                !path.hasSuffix(" (deleted)")
            {
                resolver?.executable = path
            }
            replaceResolver()
        }
        let process = facts.resolver.process
        if process > 0, !Processes.isChild(process) {
            // It was reaped, and nothing was done about it any more.
            resolverEnded(.exited(0))
        } else if process > 0, (grantKeeper?.channel ?? nil) == nil {
            // Nobody hears it, or it goes by rules that are no longer in force.
            try? send(.kill, to: process)
        } else if process == 0, resolverLifecycle.due == nil {
            resolverLifecycle.failed(at: .now)
        } else {
            liveness.heartbeat.started(at: .now)
        }
        takeUpServices()
        takeUpLease()
        takeUpEnd()
        if let server = facts.session?.server, server > 0, !Processes.isChild(server) {
            sessionEnded(.exited(0))
        } else if !shutdown.isStopping, configuration.endsWithAgent,
            let code = facts.session?.exitCode
        {
            let end = configuration.terms.exitCode(for: code)
            perform(shutdown.handle(.over(end), situation, at: .now))
        }
        if work.isReloading { reloadPolicy(nil) }
    }

    /// What ended, and of which nothing was done any more, is told to the end that is under way.
    private func takeUpEnd() {
        guard shutdown.isStopping else { return }
        if let code = facts.session?.exitCode {
            let end = configuration.terms.exitCode(for: code)
            perform(shutdown.handle(.agentEnded(end), situation, at: .now))
        }
        if let process = synchroniser, !Processes.isChild(process) { synchroniserEnded() }
    }
}
