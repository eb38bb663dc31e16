import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Filesystem

@Suite struct ControlGroupTests {
    /// Lines of mountinfo, as runtimes make them.
    private static func mounts(_ lines: String...) -> MountTable {
        MountTable(parsing: lines.joined(separator: "\n"))
    }

    private static let first = mounts(
        "91 90 0:46 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
        "95 91 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory",
        "99 91 0:36 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct")
    private static let machine = mounts(
        "95 91 0:32 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory",
        "96 91 0:33 / /sys/fs/cgroup/unified ro - cgroup2 cgroup rw")
    private static let second = mounts("95 91 0:32 / /sys/fs/cgroup ro - cgroup2 cgroup rw")
    private static let membership = """
        9:name=systemd:/docker/other
        4:memory:/docker/abc
        3:cpu,cpuacct:/docker/abc
        0::/docker/abc
        """

    @Test(
        arguments: [
            // The group alone is mounted.
            ("memory", membership, first, 1, ["/sys/fs/cgroup/memory"]),
            ("cpuacct", membership, first, 1, ["/sys/fs/cgroup/cpu"]),
            // The machine's tree is.
            (
                "memory", membership, machine, 1,
                ["/sys/fs/cgroup/memory/docker/abc", "/sys/fs/cgroup/memory"]
            ),
            // A namespace of groups, of the older kind and of the newer.
            ("memory", "4:memory:/", machine, 1, ["/sys/fs/cgroup/memory"]),
            ("memory", "0::/", second, 2, ["/sys/fs/cgroup"]),
            ("memory", "0::/../other", second, 2, ["/sys/fs/cgroup"]),
            ("memory", "0::/pod/abc", second, 2, ["/sys/fs/cgroup/pod/abc", "/sys/fs/cgroup"]),
            // A group of another's that begins alike.
            ("memory", "4:memory:/docker/abcd", first, 1, ["/sys/fs/cgroup/memory"]),
            ("memory", "no group", second, 2, ["/sys/fs/cgroup"]),
        ] as [(String, String, MountTable, Int, [FilePath])])
    func isFound(
        controller: String, membership: String, mounts: MountTable, version: Int,
        directories: [FilePath]
    ) {
        let group = ControlGroup(of: controller, membership: membership, mounts: mounts)
        #expect(group?.version == version)
        #expect(group?.directories == directories)
    }

    @Test func withoutControllerThereIsNone() {
        #expect(ControlGroup(of: "pids", membership: Self.membership, mounts: Self.first) == nil)
        #expect(ControlGroup(of: "pids", membership: "", mounts: MountTable(parsing: "")) == nil)
    }

    /// A directory with these files, as a group of either version.
    private func use<Result>(
        _ files: [String: String], version: Int, _ read: (ControlGroup) -> Result
    ) throws -> Result {
        let scratch = try Scratch()
        for (name, text) in files { try scratch.write(text, to: name) }
        let kind = version == 1 ? "cgroup cgroup rw,memory,pids" : "cgroup2 cgroup rw"
        let mounts = Self.mounts("95 91 0:32 / \(scratch.path) ro - \(kind)")
        let group = try #require(
            ControlGroup(of: "memory", membership: "4:memory:/\n0::/", mounts: mounts))
        return withExtendedLifetime(scratch) { read(group) }
    }

    @Test(
        arguments: [
            (
                1,
                [
                    "memory.usage_in_bytes": "1000\n", "memory.limit_in_bytes": "4096\n",
                    "memory.stat": "cache 5\ninactive_file 7\ntotal_inactive_file 300\n",
                ], ControlGroup.Use(used: 700, limit: 4096)
            ),
            (
                1,
                [
                    "memory.usage_in_bytes": "1000\n",
                    "memory.limit_in_bytes": "9223372036854771712\n",
                    "memory.stat": "hierarchical_memory_limit 2048\n",
                ], .init(used: 1000, limit: 2048)
            ),
            (
                2,
                [
                    "memory.current": "1000\n", "memory.max": "4096\n",
                    "memory.stat": "anon 1\ninactive_file 1200\n",
                ], .init(used: 0, limit: 4096)
            ),
            (
                2, ["memory.current": "1000\n", "memory.max": "max\n"],
                .init(used: 1000, limit: nil)
            ),
            (2, ["memory.max": "4096\n"], nil),
        ] as [(Int, [String: String], ControlGroup.Use?)])
    func memory(version: Int, files: [String: String], expected: ControlGroup.Use?) throws {
        #expect(try use(files, version: version) { $0.memory } == expected)
    }

    @Test(
        arguments: [
            (["pids.current": "12\n", "pids.max": "100\n"], .init(used: 12, limit: 100)),
            (["pids.current": "12\n", "pids.max": "max\n"], .init(used: 12, limit: nil)),
            (["pids.current": "12\n"], .init(used: 12, limit: nil)),
            (["pids.max": "100\n"], nil),
        ] as [([String: String], ControlGroup.Use?)])
    func processes(files: [String: String], expected: ControlGroup.Use?) throws {
        for version in 1...2 {
            #expect(try use(files, version: version) { $0.processes } == expected)
        }
    }

    /// Thousandths of a processor; no quota is -1 of version 1 and `max` of version 2.
    @Test(
        arguments: [
            (1, ["cpu.cfs_quota_us": "200000\n", "cpu.cfs_period_us": "100000\n"], 2000),
            (1, ["cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n"], 500),
            (1, ["cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"], nil),
            (1, ["cpu.cfs_quota_us": "200000\n", "cpu.cfs_period_us": "0\n"], nil),
            (1, [:], nil), (2, ["cpu.max": "150000 100000\n"], 1500),
            (2, ["cpu.max": "max 100000\n"], nil), (2, ["cpu.max": "150000\n"], nil),
            (2, [:], nil),
        ] as [(Int, [String: String], UInt64?)])
    func processors(version: Int, files: [String: String], expected: UInt64?) throws {
        #expect(try use(files, version: version) { $0.processorLimit } == expected)
    }

    @Test(
        arguments: [
            (1, ["cpuacct.usage": "1500000000\n"], 1500), (1, [:], nil),
            (2, ["cpu.stat": "usage_usec 1500000\nuser_usec 5\n"], 1500), (2, [:], nil),
        ] as [(Int, [String: String], UInt64?)])
    func processorTime(version: Int, files: [String: String], expected: UInt64?) throws {
        #expect(try use(files, version: version) { $0.processorTime } == expected)
    }
}
