public import Linux
public import SystemPackage

/// Where the kernel shows what a controller counts and limits, of version 1 or 2 (cgroups(7)).
public struct ControlGroup: Equatable, Sendable {
    public let version: Int
    /// The group's directory; the top of the mount where the group itself is not shown below it.
    public let directories: [FilePath]

    /// The group of a process for `controller`.
    ///
    /// A runtime may mount the container's group alone, or give it a namespace of groups, or show
    /// it the whole machine's: the mount's root says which (proc_pid_mountinfo(5)).
    ///
    /// - Parameter membership: the process's /proc/PID/cgroup.
    /// - Returns: nil where no such controller is mounted.
    public init?(of controller: String, membership: String, mounts: MountTable) {
        var found: (version: Int, mount: Mount)?
        for mount in mounts.mounts {
            if mount.fileSystem == "cgroup", mount.fileSystemOptions.contains(controller) {
                found = (1, mount)
            } else if mount.fileSystem == "cgroup2", found?.version != 1 {
                found = (2, mount)
            }
        }
        guard let (version, mount) = found else { return nil }
        self.version = version
        var directories = [mount.path]
        for line in membership.split(separator: "\n") {
            let fields = line.split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isMeant =
                version == 2
                ? line.hasPrefix("0::") : fields[1].split(separator: ",").contains(controller[...])
            if isMeant, let path = Self.path(fields[2], below: mount.root) {
                directories.insert(FilePath(mount.path.string + path), at: 0)
            }
        }
        self.directories = directories
    }

    /// The rest of `path` where it is below `root`; nil where it is not, or leaves its namespace.
    private static func path(_ path: Substring, below root: String) -> Substring? {
        guard !path.hasPrefix("/..") else { return nil }
        let root = root == "/" ? "" : root
        guard path.hasPrefix(root) else { return nil }
        let rest = path.dropFirst(root.count)
        return rest.hasPrefix("/") && rest != "/" ? rest : nil
    }

    /// What one of the group's files says; nil where it is not there.
    private func text(_ file: String) -> String? {
        for directory in directories {
            if let text = try? Files.text(directory.appending(file), limit: 1 << 16) {
                return text
            }
        }
        return nil
    }

    /// What a group uses of something, and what it may.
    public struct Use: Equatable, Sendable {
        public let used: UInt64
        /// Nil where no limit is in force.
        public let limit: UInt64?

        public init(used: UInt64, limit: UInt64?) { (self.used, self.limit) = (used, limit) }
    }

    /// Octets of memory, the files on a tmpfs included; without pages of files that the kernel has
    /// not needed for long and drops first, as `docker stats` counts.
    public var memory: Use? {
        let isFirst = version == 1
        guard
            let use = text(isFirst ? "memory.usage_in_bytes" : "memory.current")
                .flatMap(MemoryLimit.parse)
        else { return nil }
        let statistics = text("memory.stat") ?? ""
        let idle = Self.value(
            of: isFirst ? "total_inactive_file" : "inactive_file", in: statistics)
        let limits = [
            text(isFirst ? "memory.limit_in_bytes" : "memory.max").flatMap(MemoryLimit.parse),
            // Groups above may allow less.
            Self.value(of: "hierarchical_memory_limit", in: statistics),
        ]
        return Use(
            used: UInt64(max(0, use - (idle ?? 0))),
            limit: limits.compactMap { $0 }.min().map { UInt64($0) })
    }

    /// Processes and their threads.
    public var processes: Use? {
        guard let count = text("pids.current").flatMap(MemoryLimit.parse) else { return nil }
        return Use(
            used: UInt64(count),
            limit: text("pids.max").flatMap(MemoryLimit.parse).map { UInt64($0) })
    }

    /// Thousandths of a processor that the group may use at most; nil where no limit is in force.
    ///
    /// - SeeAlso: the kernel's Documentation/scheduler/sched-bwc.rst
    public var processorLimit: UInt64? {
        let quota: Int
        let period: Int
        if version == 1 {
            guard let first = text("cpu.cfs_quota_us").flatMap(MemoryLimit.parse),
                let second = text("cpu.cfs_period_us").flatMap(MemoryLimit.parse)
            else { return nil }
            (quota, period) = (first, second)
        } else {
            // `max 100000`, or microseconds of each period and the period.
            let fields = (text("cpu.max") ?? "").split { $0 == " " || $0 == "\n" }
            guard fields.count == 2, let first = MemoryLimit.parse(String(fields[0])),
                let second = MemoryLimit.parse(String(fields[1]))
            else { return nil }
            (quota, period) = (first, second)
        }
        guard period > 0, quota < 1 << 50 else { return nil }
        return UInt64(quota * 1000 / period)
    }

    /// Milliseconds of processors that the group has used; of version 1 the group of `cpuacct`.
    public var processorTime: UInt64? {
        if version == 1 {
            return text("cpuacct.usage").flatMap { $0.split(separator: "\n").first }
                .flatMap { UInt64($0) }.map { $0 / 1_000_000 }
        }
        return Self.value(of: "usage_usec", in: text("cpu.stat") ?? "").map { UInt64($0) / 1000 }
    }

    /// A line `key value` of memory.stat.
    static func value(of key: String, in statistics: String) -> Int? {
        for line in statistics.split(separator: "\n") where line.hasPrefix(key) {
            let rest = line.dropFirst(key.count)
            if rest.hasPrefix(" ") { return MemoryLimit.parse(String(rest.dropFirst())) }
        }
        return nil
    }
}
