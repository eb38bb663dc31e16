import Control
import Filesystem
import Linux
import SystemPackage

/// What the container uses of what its runtime limits, as the kernel counts it now.
struct LimitInspection {
    let table: MountTable
    /// Seconds since the container started.
    let age: UInt64

    var limits: [StatusReport.Limit] {
        let membership = (try? Files.text("/proc/self/cgroup", limit: 1 << 16)) ?? ""
        func group(_ controller: String) -> ControlGroup? {
            ControlGroup(of: controller, membership: membership, mounts: table)
        }
        let memory = group("memory")?.memory.map {
            StatusReport.Limit(
                name: StatusReport.Limit.memory, used: $0.used, limit: $0.limit)
        }
        let processes = group("pids")?.processes.map {
            StatusReport.Limit(
                name: StatusReport.Limit.processes, used: $0.used, limit: $0.limit)
        }
        return [memory, processors(group("cpu"), group("cpuacct")), processes].compactMap { $0 }
            + table.writableTemporary.compactMap(Self.use)
    }

    /// What is used is the mean since the container started.
    private func processors(_ group: ControlGroup?, _ accounts: ControlGroup?)
        -> StatusReport.Limit?
    {
        guard let group, let time = (group.version == 1 ? accounts : group)?.processorTime
        else { return nil }
        return .init(
            name: StatusReport.Limit.processors, used: time / max(1, age),
            limit: group.processorLimit)
    }

    /// One without a limit does not say what it holds.
    private static func use(of path: FilePath) -> StatusReport.Limit? {
        guard let space = try? FileSystemSpace(of: path), space.total > 0 else { return nil }
        return .init(
            name: StatusReport.Limit.tmpfs, path: path.string, used: space.used,
            limit: space.total)
    }
}

extension MountTable {
    /// Where a tmpfs is mounted, whole and to be written. What runtimes mask with one is read-only;
    /// where they mount control groups, it holds nothing but directories.
    var writableTemporary: [FilePath] {
        var paths: [FilePath] = []
        for mount in mounts {
            let isMeant =
                mount.fileSystem == "tmpfs" && mount.root == "/" && !mount.isReadOnly
                && !mount.path.starts(with: "/sys")
            // Another mount at the same place hides it.
            if isMeant, self.mount(at: mount.path) == mount, !paths.contains(mount.path) {
                paths.append(mount.path)
            }
        }
        return paths
    }
}
