import Control
import Policy
import Profile
import Supervision

extension BootSequence {
    /// Opens the way for the agent's telemetry where all of it is set, and says so where some is.
    ///
    /// After the secrets, as one of them may be a file; before the lockdown, which writes its rule.
    func prepareTelemetry(_ configuration: inout BootConfiguration, _ secrets: SecretSet)
        throws(BootFailure)
    {
        guard let settings = configuration.profile.telemetry else { return }
        do throws(Telemetry.Absence) {
            let telemetry = try Telemetry(
                settings, secrets: secrets.values, container: container)
            if let header = telemetry.variables[Telemetry.headers] { Secrecy.shared.hide(header) }
            try configuration.add(telemetry)
            supervisor.sources = configuration.sources
            supervisor.facts.egress.rules = UInt32(configuration.allowlist.rules.count)
            note("telemetry: to \(telemetry.endpoint.rule)")
        } catch {
            switch error {
            case .notWanted: break
            case .incomplete(let names):
                warn(
                    "telemetry is off: \(names.joined(separator: " and ")) is not set: set it as well, or none of the three"
                )
            case .invalid(let line): throw BootFailure(.configuration, line)
            }
        }
    }
}

extension BootConfiguration {
    /// Adds the rule of `telemetry`, where a reload of the policy finds it again.
    mutating func add(_ telemetry: Telemetry) throws(Telemetry.Absence) {
        sources.extra += " " + telemetry.endpoint.rule
        do throws(PolicySources.Unusable) {
            allowlist = try sources.read()
        } catch {
            throw .invalid(error.messages.joined(separator: "\n"))
        }
        self.telemetry = telemetry
    }
}
