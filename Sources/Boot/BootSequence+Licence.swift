import Control
import Linux
import Policy
import Profile
import Supervision

extension BootSequence {
    /// Opens the licence server's name to the service that asks it, where a reload finds it again.
    ///
    /// After the telemetry, which reads the policy anew; before the lockdown, which writes the rule.
    func prepareLicence(_ configuration: inout BootConfiguration) throws(BootFailure) {
        guard let licence = configuration.licence else { return }
        let policy = LivePolicy(of: configuration.allowlist, leased: licence.server.rule)
        do throws(AllowlistErrors) {
            configuration.allowlist = try policy.allowlist()
        } catch {
            throw BootFailure(
                .configuration, "licence: its server's name is no rule: \(error): name another")
        }
        configuration.policy = policy
        supervisor.facts.egress.rules = UInt32(configuration.allowlist.rules.count)
        supervisor.facts.lease = Self.facts(licence)
    }

    private static func facts(_ licence: LicenceRequest) -> LeaseFacts {
        var facts = LeaseFacts()
        facts.host = licence.server.hostText
        facts.port = licence.server.port
        facts.isAddress = licence.server.rule == nil
        facts.user = LeaseService.user
        facts.keyName = licence.settings.key
        facts.serverName = licence.settings.server
        facts.heartbeat = licence.heartbeat
        facts.grace = UInt32(licence.settings.grace)
        facts.exitCode = CInt(licence.settings.exitCode)
        return facts
    }

    /// Has the server asked, and waits for its answer: nothing of the vendor's or the agent's runs
    /// without one.
    ///
    /// - Returns: the variables that the agent and the services see.
    func acquireLease(_ configuration: BootConfiguration) throws(BootFailure) -> [String: String] {
        guard let licence = configuration.licence, let key = licenceKey else { return [:] }
        licenceKey = nil
        do {
            var random = KernelRandom()
            let session = Self.hexadecimal(random.next()) + Self.hexadecimal(random.next())
            let contents = Array(key.value.utf8)
            let file = try MemoryFile.secret("licence", holding: contents.span)
            let channel = try UnixSocket.messagePair()
            let settings = LeaseService.Settings(
                url: licence.server.base, port: licence.server.port,
                product: licence.settings.product, authorities: licence.settings.authorities,
                heartbeat: licence.heartbeat, session: session)
            let service = LeaseService.specification(
                settings, channel: try channel.second.duplicate().release(), key: file.release())
            let terms = try supervisor.acquireLease(
                from: service, channel: channel.takeFirst())
            note(
                "licence: \(terms.tier.name), \(terms.sessionsUsed) of \(StatusReport.Lease.text(terms.sessionLimit)) sessions, from \(licence.server.hostText)"
            )
            return leaseVariables
        } catch let refused as Supervisor.LeaseRefused {
            throw BootFailure(code: refused.code, [refused.reason])
        } catch Supervisor.Interruption.stopped(let signal) {
            throw BootFailure(stoppedBy: signal.number)
        } catch {
            throw BootFailure(
                .unavailable, "licence: cannot ask the server: \(error): \(Self.refusalAdvice)")
        }
    }

    /// What the agent and the services may know of it.
    var leaseVariables: [String: String] {
        supervisor.facts.lease.map { StatusReport.Lease($0, at: .now).variables } ?? [:]
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
