import Linux
import Profile
import SystemPackage

/// Secrets that no profile names: every file of /run/secrets, for the variable of its name. What is
/// in a file is the value, but for one line's end.
struct SecretFolder {
    private(set) var values: [String: String] = [:]
    private(set) var files: [FilePath] = []
    private(set) var sentences: [String] = []

    init(_ names: [String], reading read: (FilePath) throws(SystemCallError) -> [UInt8]) {
        for name in names {
            let file = SecretSet.directory.appending(name)
            if let defect = Self.defect(of: name) {
                sentences.append("secret \(name) \(defect)")
                continue
            }
            do throws(SystemCallError) {
                var octets = try read(file)
                files.append(file)
                if octets.last == 0x0a { octets.removeLast() }
                guard !octets.contains(0), let value = String(validating: octets, as: UTF8.self)
                else {
                    sentences.append(
                        "secret \(name) is not UTF-8 without NUL, which a variable holds: give it encoded, in base64 perhaps"
                    )
                    continue
                }
                values[name] = value
            } catch {
                sentences.append(
                    "secret \(name): cannot \(error): make the file root's, or add `--cap-add DAC_OVERRIDE`"
                )
            }
        }
    }

    /// The names in /run/secrets, but hidden ones: Kubernetes keeps its own there.
    static var names: [String] {
        let names = (try? Files.names(in: SecretSet.directory)) ?? []
        return names.filter { name in
            // A service account's token is a directory.
            let status = try? FileStatus(of: SecretSet.directory.appending(name))
            return !name.hasPrefix(".") && (status.flatMap { $0 })?.kind != .directory
        }
    }

    /// Those of `names` that are nobody's yet: neither a secret of the profile's, nor the file that holds
    /// one, whatever it is called.
    ///
    /// - Parameters:
    ///   - taken: the variables of the profile's secrets.
    ///   - resolved: a path without links; nil for one that leads nowhere.
    static func others(
        _ names: [String], besides taken: [String], in environment: [String: String],
        resolved: (FilePath) -> FilePath?
    ) -> [String] {
        let files = taken.compactMap { environment["\($0)_FILE"] }.filter { !$0.isEmpty }
        let holders = Set(files.compactMap { resolved(FilePath($0)) })
        return names.filter { name in
            !taken.contains(name)
                && resolved(SecretSet.directory.appending(name)).map { !holders.contains($0) }
                    ?? true
        }
    }

    private static let steering: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "LANG", "PWD", "OLDPWD",
        "SHLVL", "HOSTNAME", "IFS", "ENV", "BASH_ENV", "XDG_RUNTIME_DIR", "TMUX", "TMUX_TMPDIR",
    ]

    /// Why no secret can be called so; nil when one can.
    static func defect(of name: String) -> String? {
        guard isVariableName(name) else {
            return "is not the name of a variable: use letters, digits and _"
        }
        let prefixes = ["CODETAINER_", "LD_", "SWIFT_", "GLIBC_", "MALLOC_"]
        guard !steering.contains(name), !prefixes.contains(where: name.hasPrefix) else {
            return "would steer programs: give it another name"
        }
        return nil
    }
}
