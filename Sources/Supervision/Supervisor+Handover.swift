import Control
import Egress
import Linux
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
        guard let handover = try handover() else {
            throw SystemCallError(
                "execve", "supervise: the resolver is not running", .noChildProcess)
        }
        var writer = RecordWriter()
        handover.write(to: &writer)
        let state = try MemoryFile.sealed("state", holding: writer.octets)
        for descriptor in handover.descriptors + [state.raw] {
            try Descriptors.setInheritable(descriptor, true)
        }
        try Processes.become(
            System.ownExecutable, ["codetainer", "supervise", "\(state.raw)"], environment: [])
    }

    /// The state that the next program image of PID 1 resumes from.
    public func handover() throws(SystemCallError) -> Handover? {
        guard let resolver, let grants = grantKeeper?.channel ?? nil, control != nil,
            let listener = control?.listener.raw
        else { return nil }
        var credentials: [Handover.CredentialState] = []
        for credential in broker.credentials {
            let file = try credential.secret.withBytes { bytes throws(SystemCallError) in
                try MemoryFile.sealed("credential", holding: bytes)
            }
            credentials.append(
                .init(
                    host: credential.host, username: credential.username,
                    served: credential.served, file: file.release()))
        }
        countCredentials()
        noteServices()
        return Handover(
            facts: facts, resolver: resolver, resolverLifecycle: resolverLifecycle.restarts,
            grants: grants, controlListener: listener,
            runnerConnection: runnerConnection, endsWithAgent: configuration.endsWithAgent,
            log: configuration.log, lostLines: LogOutput.shared.lost, credentials: credentials,
            policy: policy, sources: sources, grace: configuration.grace, services: serviceStates)
    }

    /// Takes the state over.
    public func resume(
        _ handover: Handover, allowlist: Allowlist, netfilter: consuming NetfilterSocket
    ) throws(SystemCallError) {
        facts = handover.facts
        LogOutput.shared.lost = handover.lostLines
        var credentials: [CredentialBroker.Credential] = []
        for credential in handover.credentials {
            let file = OwnedDescriptor(adopting: credential.file)
            credentials.append(
                CredentialBroker.Credential(
                    host: credential.host, username: credential.username,
                    secret: try Secret(contentsOf: file.raw), served: credential.served))
        }
        offer(credentials)
        resolver = handover.resolver
        resolverLifecycle = ServiceLifecycle(
            restarts: handover.resolverLifecycle, pauses: .resolver)
        keepGrants(of: allowlist, with: netfilter)
        grantKeeper?.recall()
        policy = handover.policy
        sources = handover.sources
        try serveControl(on: OwnedDescriptor(adopting: handover.controlListener))
        try adoptGrants(OwnedDescriptor(adopting: handover.grants))
        if let connection = handover.runnerConnection {
            try poll.add(connection, for: .readable, token: Token.runner)
            runnerConnection = connection
        }
        try resume(handover.services)
        // Children that ended during the exec left no event behind.
        reap()
    }
}
