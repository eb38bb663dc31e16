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
    /// and devices.
    public func writablePaths(_ required: [TmpfsRequirement]) throws(MountPlanError) -> [MountStep]
    {
        var steps: [MountStep] = []
        for requirement in required {
            guard let mount = table.mount(at: requirement.path) else {
                guard canMount else { throw Self.cannotMount(requirement) }
                steps.append(.tmpfs(requirement))
                continue
            }
            if mount.isReadOnly {
                throw MountPlanError(
                    description:
                        "\(mount.path) is mounted read-only: remove that mount, or make it writable"
                )
            }
            if !mount.options.isSuperset(of: ["nosuid", "nodev"]) {
                guard canMount else {
                    throw MountPlanError(
                        description:
                            "\(mount.path) is mounted without nosuid,nodev and the container lacks CAP_SYS_ADMIN: mount it with them, or add `--cap-add SYS_ADMIN`"
                    )
                }
                steps.append(.restrict(mount))
            }
        }
        // What is mounted below a path that is kept is as writable, and gets the same.
        let paths = required.map(\.path).filter { table.mount(at: $0) != nil }
        for mount in topmostMounts
        where canMount && !mount.options.isSuperset(of: ["nosuid", "nodev"])
            && paths.contains(where: { mount.path != $0 && mount.path.starts(with: $0) })
        {
            steps.append(.restrict(mount))
        }
        return steps
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
    private var topmostMounts: [Mount] {
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
