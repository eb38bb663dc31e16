import Profile
import Secrets
import Supervision

/// The secrets of a boot, taken from the environment and found good.
struct SecretSet {
    /// Values by the name of their variable. They live until boot's closing exec wipes all memory.
    private let values: [String: String]
    private let requirements: [AgentProfile.SecretRequirement]

    /// - Throws: `BootFailure` that names every secret that is wrong, and never a value.
    init(_ requirements: [AgentProfile.SecretRequirement], in environment: [String: String])
        throws(BootFailure)
    {
        var values: [String: String] = [:]
        var sentences: [String] = []
        for requirement in requirements {
            let value = environment[requirement.name]
            switch SecretDefect.find(in: value) {
            case nil: values[requirement.name] = value
            case .notSet? where !requirement.isRequired: continue
            // `docker run -e NAME` without a value on the host passes an empty one.
            case .empty? where !requirement.isRequired: continue
            case let defect?: sentences.append(defect.sentence(for: requirement.name))
            }
        }
        guard sentences.isEmpty else { throw BootFailure(.configuration, sentences) }
        self.values = values
        self.requirements = requirements
    }

    /// The variables that the agent gets, with their values.
    var exposed: [String: String] {
        var variables: [String: String] = [:]
        for requirement in requirements {
            guard let value = values[requirement.name] else { continue }
            for name in requirement.exposedAs { variables[name] = value }
        }
        return variables
    }

    /// What the credential broker offers.
    var credentials: [Handover.CredentialState] {
        requirements.compactMap { requirement in
            guard let credential = requirement.credential, let value = values[requirement.name]
            else { return nil }
            return Handover.CredentialState(
                host: credential.host, username: credential.username, secret: Array(value.utf8))
        }
    }
}
