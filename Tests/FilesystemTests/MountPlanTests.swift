import Filesystem
import Linux
import SystemPackage
import Testing

@Suite struct MountPlanTests {
    private static func requirement(_ path: FilePath, size: Int = 512 << 20) -> TmpfsRequirement {
        TmpfsRequirement(path: path, size: size, ownership: .root(mode: 0o755))
    }

    private static let required = [requirement("/run", size: 16 << 20), requirement("/workspace")]

    /// The name of each step with its path, in order.
    private static func shown(_ steps: [MountStep]) -> [String] {
        steps.map { step in
            switch step {
            case .tmpfs(let requirement, let kept):
                "tmpfs \(requirement.path)" + kept.map { " keeping \($0.path)" }.joined()
            case .detach(let path): "detach \(path)"
            case .cover(let path): "cover \(path)"
            case .restrict(let mount): "restrict \(mount.path)"
            case .limit(let mount, let requirement): "limit \(mount.path) \(requirement.size >> 20)"
            case .holdReadOnly(let path): "hold \(path)"
            case .readOnly(let mount): "read-only \(mount.path)"
            case .hideProcesses(let mount): "hide \(mount.path)"
            case .mask(let path): "mask \(path)"
            }
        }
    }

    private static func plan(_ text: String, canMount: Bool) -> MountPlan {
        MountPlan(table: MountTable(parsing: text), canMount: canMount)
    }

    // MARK: Writable paths

    /// What is outside comes first, else in the order of the profile.
    @Test func anOuterPathHidesNoInnerOne() throws {
        let paths: [FilePath] = ["/home/a/b", "/z", "/home/a", "/home/c/d", "/home"]
        let steps = try Self.plan(MountInfo.docker, canMount: true)
            .writablePaths(paths.map { Self.requirement($0) })
        #expect(
            Self.shown(steps) == [
                "tmpfs /z", "tmpfs /home", "tmpfs /home/a", "tmpfs /home/a/b", "tmpfs /home/c/d",
            ])
    }

    /// A container's mounts, whether it has CAP_SYS_ADMIN, and the steps.
    @Test(arguments: [
        (MountInfo.docker, true, ["tmpfs /run", "tmpfs /workspace"]),
        (MountInfo.dockerReadOnlyWithTmpfs, false, []),
        // A size that the runtime left out is the profile's.
        (MountInfo.dockerReadOnlyWithTmpfs, true, ["limit /run 16", "limit /workspace 512"]),
        (
            MountInfo.dockerReadOnlyWithTmpfs.replacing(
                "/workspace rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw",
                "/workspace rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=4194304k"),
            true, ["limit /run 16"]
        ),
        (
            MountInfo.docker + MountInfo.volume(at: "/workspace"), true,
            ["tmpfs /run", "restrict /workspace"]
        ),
        (
            MountInfo.docker + MountInfo.volume(at: "/workspace/deep"), true,
            ["tmpfs /run", "tmpfs /workspace keeping /workspace/deep"]
        ),
        (
            MountInfo.docker + MountInfo.volume(at: "/run/a") + MountInfo.volume(at: "/run/a/b"),
            true, ["tmpfs /run keeping /run/a keeping /run/a/b", "tmpfs /workspace"]
        ),
        (
            MountInfo.docker + MountInfo.volume(at: "/workspace", options: "rw,nosuid,nodev"), true,
            ["tmpfs /run"]
        ),
        // The topmost of several counts.
        (
            MountInfo.docker + MountInfo.volume(at: "/workspace")
                + MountInfo.volume(at: "/workspace", options: "rw,nosuid,nodev,noexec"), true,
            ["tmpfs /run"]
        ),
    ])
    func writablePaths(mounts: String, canMount: Bool, steps: [String]) throws {
        let planned = try Self.plan(mounts, canMount: canMount).writablePaths(Self.required)
        #expect(Self.shown(planned) == steps)
    }

    /// Volumes that stay writable lose set-id programs and devices, where there is a volume.
    @Test(arguments: [
        ("", true, []),
        (MountInfo.volume(at: "/data"), true, ["restrict /data"]),
        (MountInfo.volume(at: "/data/below"), true, ["restrict /data/below"]),
        (MountInfo.volume(at: "/data", options: "rw,nosuid,nodev"), false, []),
        (MountInfo.volume(at: "/other"), true, []),
    ])
    func volumes(mounts: String, canMount: Bool, steps: [String]) throws {
        let plan = Self.plan(MountInfo.docker + mounts, canMount: canMount)
        #expect(Self.shown(try plan.writablePaths([], volumes: ["/data"])) == steps)
    }

    /// Mounts, files with secrets, and what takes both out of sight.
    @Test(
        arguments: [
            ("", [], []),
            // What is mounted where secrets are goes, asked for or not, the deepest first.
            (
                MountInfo.volume(at: "/run/secrets") + MountInfo.volume(at: "/run/secrets/a"),
                ["/run/secrets/a"], ["detach /run/secrets/a", "detach /run/secrets"]
            ),
            (MountInfo.volume(at: "/run/secretsother"), [], []),
            (MountInfo.volume(at: "/mnt/token"), ["/mnt/token"], ["detach /mnt/token"]),
            (MountInfo.volume(at: "/mnt"), ["/mnt/a", "/mnt/b"], ["detach /mnt"]),
            // The topmost goes, and what it covered.
            (
                MountInfo.volume(at: "/mnt") + MountInfo.volume(at: "/mnt"), ["/mnt/a"],
                ["detach /mnt", "detach /mnt"]
            ),
            // What is needed stays, without the file.
            ("", ["/etc/token"], ["cover /etc/token"]),
            ("", ["/dev/shm/token"], ["cover /dev/shm/token"]),
            (MountInfo.volume(at: "/workspace"), ["/workspace/t"], ["cover /workspace/t"]),
            (MountInfo.volume(at: "/srv"), ["/srv/t"], ["cover /srv/t"]),
            (MountInfo.volume(at: "/workspace/t"), ["/workspace/t"], ["detach /workspace/t"]),
        ] as [(String, [FilePath], [String])])
    func hiding(mounts: String, files: [FilePath], steps: [String]) {
        let planned = Self.plan(MountInfo.docker + mounts, canMount: true).hiding(
            files, below: "/run/secrets", keeping: ["/workspace", "/srv/data"])
        #expect(Self.shown(planned) == steps)
    }

    @Test func whatHasNoSizeIsSaid() {
        let plan = Self.plan(MountInfo.dockerReadOnlyWithTmpfs, canMount: false)
        #expect(plan.unlimited(Self.required) == ["/run", "/workspace"])
        let mounts = MountInfo.docker + MountInfo.volume(at: "/workspace")
        #expect(Self.plan(mounts, canMount: false).unlimited(Self.required) == [])
    }

    @Test(arguments: [
        (
            MountInfo.docker, false,
            "/run needs a tmpfs and the container lacks CAP_SYS_ADMIN: add `--tmpfs /run:size=16m,nosuid,nodev`, or `--cap-add SYS_ADMIN`"
        ),
        (
            MountInfo.dockerReadOnlyWithTmpfs + MountInfo.volume(at: "/workspace"), false,
            "/workspace is mounted without nosuid,nodev and the container lacks CAP_SYS_ADMIN: mount it with them, or add `--cap-add SYS_ADMIN`"
        ),
        (
            MountInfo.docker + MountInfo.volume(at: "/workspace", options: "ro,nosuid,nodev"), true,
            "/workspace is mounted read-only: remove that mount, or make it writable"
        ),
    ])
    func writablePathsThatCannotBe(mounts: String, canMount: Bool, message: String) {
        let error = #expect(throws: MountPlanError.self) {
            try Self.plan(mounts, canMount: canMount).writablePaths(Self.required)
        }
        #expect(error?.description == message)
    }

    // MARK: Hardening

    private static let writable: [FilePath] = ["/run", "/workspace"]

    @Test(arguments: [
        (
            MountInfo.docker, true,
            [
                "read-only /", "read-only /etc/resolv.conf", "read-only /etc/hostname",
                "read-only /etc/hosts", "hide /proc", "mask /proc/keys",
            ]
        ),
        // Docker's three files stay writable for root, which the agent never is.
        (MountInfo.dockerReadOnlyWithTmpfs, false, []),
        (
            MountInfo.dockerReadOnlyWithTmpfs, true,
            [
                "read-only /etc/resolv.conf", "read-only /etc/hostname", "read-only /etc/hosts",
                "hide /proc", "mask /proc/keys",
            ]
        ),
        (
            MountInfo.privileged, true,
            [
                "read-only /", "read-only /sys", "read-only /sys/fs/cgroup",
                "read-only /etc/resolv.conf", "read-only /etc/hostname",
                "read-only /etc/hosts", "hide /proc", "mask /proc/keys",
            ]
        ),
        (
            MountInfo.docker + MountInfo.volume(at: "/data"), true,
            [
                "read-only /", "read-only /etc/resolv.conf", "read-only /etc/hostname",
                "read-only /etc/hosts", "read-only /data", "hide /proc", "mask /proc/keys",
            ]
        ),
        // What lies below a writable path stays as it is; a path that only begins like one does not.
        (
            MountInfo.dockerReadOnlyWithTmpfs + MountInfo.volume(at: "/workspace/cache")
                + MountInfo.volume(at: "/workspace2"), true,
            [
                "read-only /etc/resolv.conf", "read-only /etc/hostname", "read-only /etc/hosts",
                "read-only /workspace2", "hide /proc", "mask /proc/keys",
            ]
        ),
        (
            MountInfo.dockerReadOnlyWithTmpfs.replacing(
                "proc proc rw", "proc proc rw,hidepid=invisible")
                + MountInfo.volume(at: "/proc/keys"),
            true,
            ["read-only /etc/resolv.conf", "read-only /etc/hostname", "read-only /etc/hosts"]
        ),
    ])
    func hardening(mounts: String, canMount: Bool, steps: [String]) throws {
        let planned = try Self.plan(mounts, canMount: canMount).hardening(writable: Self.writable)
        #expect(Self.shown(planned) == steps)
    }

    @Test(arguments: [
        (
            MountInfo.docker,
            "/ is writable and the container lacks CAP_SYS_ADMIN: run it with `--read-only`, or add `--cap-add SYS_ADMIN`"
        ),
        (
            MountInfo.dockerReadOnlyWithTmpfs + MountInfo.volume(at: "/data"),
            "/data is writable and the container lacks CAP_SYS_ADMIN: mount it read-only (`:ro`), or add `--cap-add SYS_ADMIN`"
        ),
    ])
    func hardeningThatCannotBe(mounts: String, message: String) {
        let error = #expect(throws: MountPlanError.self) {
            try Self.plan(mounts, canMount: false).hardening(writable: Self.writable)
        }
        #expect(error?.description == message)
    }
}
