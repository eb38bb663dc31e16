import Filesystem
import Linux
import Profile
import Supervision
import SystemPackage

extension BootSequence {
    /// Longest file that a secret is read from, in octets.
    private static let longestSecret = 64 << 10

    /// Takes the secrets out of the environment and out of their files, and both out of sight.
    func takeSecrets(_ configuration: BootConfiguration) throws(BootFailure) -> SecretSet {
        let profile = configuration.profile
        let requirements = profile.secrets + (profile.telemetry?.secrets ?? [])
        // All else that was handed over is the agent's.
        let others =
            profile.environment.takesSecrets
            ? SecretFolder.others(
                SecretFolder.names, besides: profile.secretNames, in: container
            ) { try? Files.resolved($0) } : []
        let secrets = try SecretSet(requirements, in: container, others: others) {
            file throws(SystemCallError) in
            try Files.read(file, limit: Self.longestSecret)
        }
        if let licence = profile.licence {
            licenceKey = try LicenceKey(licence, in: container) { file throws(SystemCallError) in
                try Files.read(file, limit: Self.longestSecret)
            }
        }
        if let licenceKey { Secrecy.shared.hide(licenceKey.value) }
        for value in secrets.values.values { Secrecy.shared.hide(value) }
        for value in secrets.others.values { Secrecy.shared.hide(value) }
        wipeEnvironment()
        let read = secrets.files + (licenceKey?.files ?? [])
        let files = configuration.removesSecrets ? remove(read) : read
        // Without a profile nobody says what is a secret of ours: the image's are its program's.
        if configuration.isOwnProfile { return secrets }
        do throws(SystemCallError) {
            try hide(files, configuration)
        } catch {
            throw Self.mountFailure(error)
        }
        try proveHidden(files, configuration)
        return secrets
    }

    /// Deletes the files of /run/secrets that were read: whoever handed them over needs them no more.
    /// Returns those that are still there.
    private func remove(_ files: [FilePath]) -> [FilePath] {
        files.filter { file in
            guard file.starts(with: SecretSet.directory) else { return true }
            do throws(SystemCallError) {
                try Files.delete(file)
                return false
            } catch {
                warn(
                    "\(file) stays: \(error): mount the folder writable, or leave out CODETAINER_SECRETS"
                )
                return true
            }
        }
    }

    private func hide(_ files: [FilePath], _ configuration: BootConfiguration)
        throws(SystemCallError)
    {
        guard canMount else { return }
        var paths: [FilePath] = []
        for file in files { paths.append(try Files.resolved(file)) }
        let plan = MountPlan(table: try MountTable.current(), canMount: canMount)
        let steps = plan.hiding(
            paths, below: SecretSet.directory, keeping: configuration.writablePaths)
        for step in steps { try step.apply() }
    }

    /// Tries to read, as the agent would, what it must not: the files that were read, and whatever
    /// is still mounted where secrets are. A file that root alone may read needs no mount hidden.
    private func proveHidden(_ files: [FilePath], _ configuration: BootConfiguration)
        throws(BootFailure)
    {
        let agent = configuration.agent
        let mounts = try attempting("read the mounts") { () throws(SystemCallError) in
            try MountTable.current().mounts.map(\.path).filter {
                $0.starts(with: SecretSet.directory)
            }
        }
        for path in files + mounts {
            let isReadable = try attempting("try to read \(path) as the agent") {
                () throws(SystemCallError) in
                try Privileges.actingOnFiles(user: agent.user, group: agent.group) {
                    () throws(SystemCallError) in
                    Files.hasContents(path)
                }
            }
            guard !isReadable else {
                throw BootFailure(
                    .configuration,
                    "\(path) stays readable for the agent and the container lacks CAP_SYS_ADMIN to unmount it: make it root's, mode 0400 (a directory 0700), or add `--cap-add SYS_ADMIN`"
                )
            }
        }
    }
}

extension BootConfiguration {
    /// Paths that the profile has writable for the agent.
    var writablePaths: [FilePath] {
        profile.tmpfs.map { FilePath($0.path) } + profile.writable.map { FilePath($0) }
    }
}
