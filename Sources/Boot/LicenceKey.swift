import Linux
import Profile
import Secrets
import SystemPackage

/// The key of a licence, found well-formed; whether it is valid the server says.
struct LicenceKey {
    let value: String
    /// The files that were read, which the agent must not see.
    let files: [FilePath]

    private static let lengths = 8...256
    private static let marks = Set("-._~+/=:".utf8)

    /// - Parameter read: the contents of a file.
    /// - Throws: `BootFailure` with the code that the profile has for it, and never a value.
    init(
        _ licence: AgentProfile.Licence, in environment: [String: String],
        reading read: (FilePath) throws(SystemCallError) -> [UInt8]
    ) throws(BootFailure) {
        let name = licence.key
        func failure(_ sentence: String) -> BootFailure {
            BootFailure(code: CInt(licence.exitCode), [sentence])
        }
        let secrets: SecretSet
        do throws(BootFailure) {
            secrets = try SecretSet(
                [AgentProfile.SecretRequirement(optional: name)], in: environment, reading: read)
        } catch {
            throw BootFailure(
                code: CInt(licence.exitCode),
                error.messages.map {
                    "licence: the key cannot be used: \($0): copy it again, or mount the file"
                })
        }
        guard let value = secrets.values[name] else {
            throw failure(
                "licence: the key \(name) is not set: pass it with `docker run -e \(name)`, or mount it at \(SecretSet.directory)/\(name)"
            )
        }
        let isPlain = value.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
                || (0x61...0x7a).contains($0) || Self.marks.contains($0)
        }
        guard isPlain, Self.lengths.contains(value.utf8.count) else {
            throw failure(
                "licence: the key \(name) is malformed: copy it again, 8 to 256 letters, digits and -._~+/=:"
            )
        }
        (self.value, files) = (value, secrets.files)
    }
}
