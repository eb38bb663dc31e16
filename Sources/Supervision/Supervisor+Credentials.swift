import Control
public import Linux
import Logging
public import Secrets

/// Credentials: offered, handed out, and kept for the next program image of PID 1.
extension Supervisor {
    /// Offers credentials to the agent from now on, and puts each where the next program image of PID 1
    /// finds it.
    public func offer(_ credentials: [CredentialBroker.Credential]) throws(SystemCallError) {
        for credential in credentials {
            let file = try credential.secret.withBytes { bytes throws(SystemCallError) in
                try MemoryFile.secret("credential", holding: bytes)
            }
            comeback.credentialFiles.append(file.release())
        }
        takeOver(credentials)
    }

    func takeOver(_ credentials: [CredentialBroker.Credential]) {
        broker = CredentialBroker(credentials, refused: facts.credentials.refused)
        Secrecy.shared.offered = credentials.map(\.secret)
        countCredentials()
        let layer = "locked-memory"
        facts.cage.missing.removeAll { $0.layer == layer }
        if !credentials.allSatisfy(\.secret.isLocked) {
            let reason =
                "credentials may be swapped out: RLIMIT_MEMLOCK is too low: add `--ulimit memlock=1048576`"
            facts.cage.missing.append(.init(layer: layer, reason: reason))
        }
    }

    /// Brings the broker's counters to where reports and the next program image find them.
    func countCredentials() {
        facts.credentials.hosts = broker.credentials.map {
            .init(name: $0.host, served: $0.served)
        }
        facts.credentials.refused = broker.refused
    }

    func replyCredential(for host: String, to connection: CInt) {
        guard let credential = broker.credential(for: host) else {
            reply(ControlReply.error("no credential for \(host)"), to: connection)
            return
        }
        defer { Descriptors.close(connection) }
        keepState()
        let username = ControlReply.quoted(credential.username)
        do throws(SystemCallError) {
            let answer = try credential.secret.escaped(
                between: "{\"username\":\(username),\"password\":\"", and: "\"}\n")
            // Whoever does not get all of it gets no JSON, and asks again.
            _ = answer.withBytes { Linux.send($0, to: connection) }
        } catch {
            log.error("credential for \(host): \(error)")
        }
    }
}
