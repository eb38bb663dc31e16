import Control
import Egress
import Linux
import Policy
import SystemPackage

/// Passing the state of PID 1 on to its next program image.
extension Supervisor {
    /// Becomes `codetainer supervise`, with the state in a sealed memory file and nothing in the
    /// environment; returns only by throwing.
    public func becomeSupervisor(credentials: [Handover.CredentialState]) throws(SystemCallError)
        -> Never
    {
        guard let handover = handover(credentials: credentials) else {
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
    public func handover(credentials: [Handover.CredentialState]) -> Handover? {
        guard let resolver, let grants = grantKeeper?.channel ?? nil, control != nil,
            let listener = control?.listener.raw
        else { return nil }
        return Handover(
            facts: facts, resolver: resolver, resolverLifecycle: resolverLifecycle.restarts,
            grants: grants, controlListener: listener,
            runnerConnection: runnerConnection, endsWithAgent: configuration.endsWithAgent,
            logsJSON: configuration.logsJSON, credentials: credentials, policy: policy,
            sources: sources)
    }

    /// Takes the state over.
    public func resume(
        _ handover: Handover, allowlist: Allowlist, netfilter: consuming NetfilterSocket
    ) throws(SystemCallError) {
        facts = handover.facts
        try offer(handover.credentials)
        resolver = handover.resolver
        resolverLifecycle = ServiceLifecycle(restarts: handover.resolverLifecycle)
        keepGrants(of: allowlist, with: netfilter)
        policy = handover.policy
        sources = handover.sources
        try serveControl(on: OwnedDescriptor(adopting: handover.controlListener))
        try adoptGrants(OwnedDescriptor(adopting: handover.grants))
        if let connection = handover.runnerConnection {
            try poll.add(connection, for: .readable, token: Token.runner)
            runnerConnection = connection
        }
        // Children that ended during the exec left no event behind.
        reap()
    }
}
