import Linux
import Profile
import Secrets
import SystemPackage

/// The secrets of a boot, from the environment or from files, found good.
struct SecretSet {
    /// Where Docker and Kubernetes mount secrets, each under its name.
    static let directory: FilePath = "/run/secrets"

    /// Values by name. They live until boot's closing exec wipes all memory.
    private(set) var values: [String: String] = [:]
    private let requirements: [AgentProfile.SecretRequirement]
    /// The files that were read, which the agent must not see.
    private(set) var files: [FilePath] = []
    /// Those of /run/secrets that the profile does not name, which the agent sees as they are called.
    private(set) var others: [String: String] = [:]

    /// Takes `NAME` from the environment, or from the file that `NAME_FILE` names, or else from
    /// `/run/secrets/NAME` where that exists.
    ///
    /// - Parameters:
    ///   - names: those in /run/secrets that are secrets, too, whoever names them.
    ///   - read: the contents of a file.
    /// - Throws: `BootFailure` that names every secret that is wrong, and never a value.
    init(
        _ requirements: [AgentProfile.SecretRequirement], in environment: [String: String],
        others names: [String] = [],
        reading read: (FilePath) throws(SystemCallError) -> [UInt8]
    ) throws(BootFailure) {
        self.requirements = requirements
        var sentences: [String] = []
        for requirement in requirements {
            let name = requirement.name
            let value: String?
            do throws(Unreadable) {
                value = try self.value(of: name, environment, read)
            } catch {
                sentences.append(error.sentence)
                continue
            }
            switch SecretDefect.find(in: value) {
            case nil: values[name] = value
            case .notSet? where !requirement.isRequired: continue
            // `docker run -e NAME` without a value on the host passes an empty one.
            case .empty? where !requirement.isRequired: continue
            case let defect?: sentences.append(defect.sentence(for: name))
            }
        }
        let named = Set(requirements.map(\.name))
        let folder = SecretFolder(names.filter { !named.contains($0) }, reading: read)
        others = folder.values
        files += folder.files
        sentences += folder.sentences
        guard sentences.isEmpty else { throw BootFailure(.configuration, sentences) }
    }

    private struct Unreadable: Error {
        let sentence: String
    }

    private mutating func value(
        of name: String, _ environment: [String: String],
        _ read: (FilePath) throws(SystemCallError) -> [UInt8]
    ) throws(Unreadable) -> String? {
        let given = environment[name]
        let named = environment["\(name)_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        if let named {
            guard given?.isEmpty ?? true else {
                throw Unreadable(
                    sentence:
                        "secret \(name) is given twice: unset either \(name) or \(name)_FILE")
            }
            guard named.hasPrefix("/") else {
                throw Unreadable(
                    sentence: "\(name)_FILE \"\(named)\" must be an absolute path in the container")
            }
        } else if given?.isEmpty == false {
            return given
        }
        let file = named.map { FilePath($0) } ?? Self.directory.appending(name)
        do throws(SystemCallError) {
            var octets = try read(file)
            files.append(file)
            // A line's end is the editor's, not the secret's.
            if octets.last == 0x0a { octets.removeLast() }
            if octets.last == 0x0d { octets.removeLast() }
            return String(decoding: octets, as: UTF8.self)
        } catch {
            if named == nil, error.cause == .noSuchFileOrDirectory { return given }
            if error.cause == .permissionDenied {
                throw Unreadable(
                    sentence:
                        "secret \(name): cannot \(error): make the file root's, or add `--cap-add DAC_OVERRIDE`"
                )
            }
            throw Unreadable(
                sentence: "secret \(name): cannot \(error): mount the file, or set \(name)_FILE")
        }
    }

    /// The variables that the agent gets, with their values.
    var exposed: [String: String] {
        var variables = others
        for requirement in requirements {
            guard let value = values[requirement.name] else { continue }
            for name in requirement.exposedAs { variables[name] = value }
        }
        return variables
    }

    /// What the credential broker offers.
    func credentials() throws(SystemCallError) -> [CredentialBroker.Credential] {
        var credentials: [CredentialBroker.Credential] = []
        for requirement in requirements {
            guard let credential = requirement.credential, let value = values[requirement.name]
            else { continue }
            credentials.append(
                CredentialBroker.Credential(
                    host: credential.host, username: credential.username,
                    secret: try Secret(Array(value.utf8))))
        }
        return credentials
    }
}
