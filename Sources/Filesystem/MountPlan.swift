public import Linux
public import SystemPackage

/// What has to be changed about the mounts, decided from what is there.
///
/// What the runtime already provides is accepted when it is there and as strict; the privilege to
/// mount is needed only for the rest.
public struct MountPlan: Sendable {
    /// The mounts at the time of planning.
    public let table: MountTable
    /// Whether mount(2) may be called at all (CAP_SYS_ADMIN).
    public let canMount: Bool

    public init(table: MountTable, canMount: Bool) {
        (self.table, self.canMount) = (table, canMount)
    }

    /// Steps that give every path of `required` a writable file system without set-id programs
    /// and devices, and keep such programs out of `volumes`.
    ///
    /// - Parameter volumes: paths where a volume may be mounted that stays as it is.
    public func writablePaths(_ required: [TmpfsRequirement], volumes: [FilePath] = [])
        throws(MountPlanError) -> [MountStep]
    {
        var steps: [MountStep] = []
        // What is mounted over a path hides all that was mounted below it.
        for requirement in required.sorted(by: { $0.path.depth < $1.path.depth }) {
            guard let mount = table.mount(at: requirement.path) else {
                guard canMount else { throw Self.cannotMount(requirement) }
                let below = topmostMounts.filter { $0.path.starts(with: requirement.path) }
                steps.append(.tmpfs(requirement, keeping: below))
                continue
            }
            if mount.isReadOnly {
                throw MountPlanError(
                    description:
                        "\(mount.path) is mounted read-only: remove that mount, or make it writable"
                )
            }
            // First, because it sets the options of the mount anew.
            if canMount, Self.isUnlimited(mount) { steps.append(.limit(mount, requirement)) }
            steps += try restricting(mount)
        }
        for volume in volumes {
            if let mount = table.mount(at: volume) { steps += try restricting(mount) }
        }
        // What is mounted below a path that is kept is as writable, and gets the same.
        let paths = required.map(\.path).filter { table.mount(at: $0) != nil } + volumes
        for mount in topmostMounts
        where canMount && !mount.options.isSuperset(of: ["nosuid", "nodev"])
            && paths.contains(where: { mount.path != $0 && mount.path.starts(with: $0) })
        {
            steps.append(.restrict(mount))
        }
        return steps
    }

    /// Paths of `required` whose tmpfs the runtime made without a size, and nobody can give one.
    public func unlimited(_ required: [TmpfsRequirement]) -> [FilePath] {
        required.map(\.path).filter { path in
            !canMount && table.mount(at: path).map(Self.isUnlimited) ?? false
        }
    }

    /// Without a size a tmpfs takes half of the machine's memory (tmpfs(5)).
    private static func isUnlimited(_ mount: Mount) -> Bool {
        mount.fileSystem == "tmpfs"
            && !mount.fileSystemOptions.contains { $0.hasPrefix("size=") }
    }

    private func restricting(_ mount: Mount) throws(MountPlanError) -> [MountStep] {
        if mount.options.isSuperset(of: ["nosuid", "nodev"]) { return [] }
        guard canMount else {
            throw MountPlanError(
                description:
                    "\(mount.path) is mounted without nosuid,nodev and the container lacks CAP_SYS_ADMIN: mount it with them, or add `--cap-add SYS_ADMIN`"
            )
        }
        return [.restrict(mount)]
    }

    /// Steps that make everything read-only but `writable` and what lies below it, and the
    /// kernel's own file systems.
    public func hardening(writable: [FilePath]) throws(MountPlanError) -> [MountStep] {
        var steps: [MountStep] = []
        for mount in topmostMounts where !mount.isReadOnly {
            let isKept = writable.contains { mount.path.starts(with: $0) }
            if isKept || mount.path.starts(with: "/dev") || mount.path.starts(with: "/proc") {
                continue
            }
            guard canMount else {
                // What the runtime mounts itself stays writable for root only, which the agent
                // never is.
                if Self.runtimeFiles.contains(mount.path) || mount.path.starts(with: "/sys") {
                    continue
                }
                // Docker's --read-only is about the root alone.
                let remedy =
                    mount.path == "/" ? "run it with `--read-only`" : "mount it read-only (`:ro`)"
                throw MountPlanError(
                    description:
                        "\(mount.path) is writable and the container lacks CAP_SYS_ADMIN: \(remedy), or add `--cap-add SYS_ADMIN`"
                )
            }
            steps.append(.readOnly(mount))
        }
        if canMount, let proc = table.mount(at: "/proc"), !Self.hidesProcesses(proc) {
            steps.append(.hideProcesses(proc))
        }
        // Docker masks it but with --privileged: keyrings belong to uids, which containers share.
        if canMount, table.mount(at: "/proc") != nil, table.mount(at: Self.keys) == nil {
            steps.append(.mask(Self.keys))
        }
        return steps
    }

    /// Steps that take secrets out of sight: every mount at or below `directory`, and of each file
    /// of `files` the mount that holds it. A file of a mount that is needed is covered instead.
    ///
    /// - Parameter writable: paths that the agent needs.
    public func hiding(
        _ files: [FilePath], below directory: FilePath, keeping writable: [FilePath]
    ) -> [MountStep] {
        var covered: [FilePath] = []
        // All at one path go, and what is below goes first.
        var detached = table.mounts.filter { $0.path.starts(with: directory) }.map(\.path)
        for file in files where !detached.contains(where: { file.starts(with: $0) }) {
            let holder = table.mounts.filter { file.starts(with: $0.path) }
                .max { $0.path.components.count < $1.path.components.count }?.path
            let kernels: [FilePath] = ["/dev", "/proc", "/sys"]
            guard let holder, holder != "/", !kernels.contains(where: holder.starts(with:)),
                !writable.contains(where: { $0.starts(with: holder) })
            else {
                covered.append(file)
                continue
            }
            detached += table.mounts.filter { $0.path == holder }.map(\.path)
        }
        return detached.reversed().map { .detach($0) } + covered.map { .cover($0) }
    }

    /// Whether a process file system shows an unprivileged user only its own processes
    /// (proc(5), "hidepid").
    public static func hidesProcesses(_ proc: Mount) -> Bool {
        !proc.fileSystemOptions.isDisjoint(with: ["hidepid=2", "hidepid=invisible"])
    }

    /// The keys that the reader's uid has, in every container and on the host (keyrings(7)).
    static let keys: FilePath = "/proc/keys"

    /// Files that Docker mounts into every container.
    public static let runtimeFiles: Set<FilePath> = [
        "/etc/resolv.conf", "/etc/hosts", "/etc/hostname",
    ]

    /// A mount below another at the same path cannot be reached by path.
    var topmostMounts: [Mount] {
        var seen: Set<FilePath> = []
        return table.mounts.reversed().filter { seen.insert($0.path).inserted }.reversed()
    }

    private static func cannotMount(_ requirement: TmpfsRequirement) -> MountPlanError {
        MountPlanError(
            description:
                "\(requirement.path) needs a tmpfs and the container lacks CAP_SYS_ADMIN: add `--tmpfs \(requirement.path):size=\(requirement.size >> 20)m,nosuid,nodev`, or `--cap-add SYS_ADMIN`"
        )
    }
}

extension FilePath {
    fileprivate var depth: Int { components.count }
}
