import Control
import Linux
import Logging

/// The resolver: started, restarted, and heard on its grant channel.
extension Supervisor {
    func spawnResolver() throws(SystemCallError) {
        guard let resolver else { return }
        let channel = try PipeChannelPair()
        facts.resolver.process = try Processes.spawn(
            resolver.spawnRequest(grants: channel.second))
        facts.resolver.since = Instant.now.nanoseconds
        try adoptGrants(channel.releaseFirst())
        liveness.heartbeat.started(at: .now)
        keepState()
    }

    func adoptGrants(_ channel: PipeChannel) throws(SystemCallError) {
        closeGrants()
        do throws(SystemCallError) {
            try poll.add(channel.incoming, for: .readable, token: Token.grants)
        } catch {
            channel.close()
            throw error
        }
        grantKeeper?.serve(channel)
    }

    /// Nothing is granted over the channel any more. No state that a trap comes back to names it when
    /// it is closed: its number may be another file's next.
    func closeGrants() {
        guard let channel = grantKeeper?.takeChannel() else { return }
        retire(channel.incoming)
        Descriptors.close(channel.outgoing)
    }

    func resolverEnded(_ status: ExitStatus) {
        facts.resolver.process = 0
        liveness.heartbeat.stopped()
        closeGrants()
        guard !shutdown.isStopping else { return }
        if isReplacingResolver {
            (isReplacingResolver, resolverKill) = (false, nil)
            return startReplacement()
        }
        if faultLines.admit(at: .now) {
            log.warning("the resolver \(status): starting it again")
        }
        resolverLifecycle.failed(at: .now)
    }

    /// Nobody but root can stop it, and while it is stopped nothing is answered: another takes its
    /// place, and takes what waits in the sockets.
    func replaceStoppedResolver() {
        let process = facts.resolver.process
        guard process > 0, Processes.wasStopped(process) else { return }
        if faultLines.admit(at: .now) {
            log.warning("the resolver was stopped by a signal: ending it")
        }
        try? send(.kill, to: process)
    }

    func restartResolver() {
        do throws(SystemCallError) {
            try spawnResolver()
            resolverLifecycle.restarted()
        } catch {
            if faultLines.admit(at: .now) {
                log.error(
                    "cannot start the resolver: \(error): see what limits the container was given")
            }
            resolverLifecycle.failed(at: .now)
        }
        facts.resolver.restarts = resolverLifecycle.restarts
    }

    /// Starts the resolver anew, as it is but for its program: it finishes what it has in flight, and
    /// other questions wait in its sockets meanwhile.
    func replaceResolver() {
        guard facts.resolver.process > 0 else { return }
        isReplacingResolver = true
        try? send(.terminate, to: facts.resolver.process)
    }

    private func startReplacement() {
        do throws(SystemCallError) {
            try spawnResolver()
        } catch {
            log.error(
                "cannot start the resolver: \(error): see what limits the container was given")
            resolverLifecycle.failed(at: .now)
        }
    }

    func receiveGrants() {
        guard grantKeeper?.receive() != true else { return }
        // The resolver is gone or has closed its end: what it asked for stays closed, and the
        // process, if there is one left, has no reason to live.
        closeGrants()
        let process = facts.resolver.process
        if process > 0 { try? send(.kill, to: process) }
    }
}
