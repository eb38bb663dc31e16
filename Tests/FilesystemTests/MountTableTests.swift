import Linux
import SystemPackage
import Testing

@Suite struct MountTableTests {
    @Test func readsAMount() throws {
        let table = MountTable(parsing: MountInfo.docker)
        #expect(table.mounts.count == 14)
        let proc = try #require(table.mount(at: "/proc"))
        #expect(proc.root == "/" && proc.fileSystem == "proc")
        #expect(proc.options == ["rw", "nosuid", "nodev", "noexec", "relatime"])
        #expect(proc.fileSystemOptions == ["rw"])
        #expect(!proc.isReadOnly)
        // Without optional fields, and with; read-only as a mount, and as a file system.
        #expect(table.mount(at: "/")?.fileSystem == "overlay")
        #expect(table.mount(at: "/sys/fs/cgroup")?.isReadOnly == true)
        #expect(table.mount(at: "/proc/acpi")?.isReadOnly == true)
        #expect(table.mount(at: "/pro") == nil)
    }

    @Test func theLastMountAtAPathIsOnTop() {
        let table = MountTable(
            parsing: MountInfo.volume(at: "/a", options: "rw")
                + MountInfo.volume(at: "/a", options: "ro"))
        #expect(table.mounts.count == 2)
        #expect(table.mount(at: "/a")?.isReadOnly == true)
    }

    /// Three octal digits stand for a space, tab, line feed and backslash.
    @Test(arguments: [
        ("/a\\040b", "/a b"), ("/a\\011b", "/a\tb"), ("/a\\012b", "/a\nb"), ("/a\\134b", "/a\\b"),
        ("/a\\134040", "/a\\040"), ("/a\\04", "/a\\04"), ("/a\\", "/a\\"), ("/a\\999", "/a\\999"),
        ("/a\\777", "/a\\777"), ("/\\303\\251", "/é"), ("/é", "/é"),
    ])
    func unescapes(written: String, path: String) {
        let table = MountTable(parsing: MountInfo.volume(at: written))
        #expect(table.mounts.map(\.path.string) == [path])
    }

    @Test(arguments: [
        "", "650 600 0:60 / / rw,relatime", "650 600 0:60 / / rw - overlay",
        "650 600 0:60 / / - overlay overlay rw", "nonsense",
    ])
    func passesOver(line: String) {
        #expect(MountTable(parsing: line + "\n").mounts.isEmpty)
    }

    @Test func remountsKeepTheirOptions() {
        #expect(MountOptions(keeping: ["rw", "relatime"]).rawValue == 1 << 21)
        #expect(
            MountOptions(keeping: ["ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime"])
                .rawValue == 1 | 2 | 4 | 8 | 1024 | 2048)
        #expect(MountOptions(keeping: ["nosymfollow"]) == .noSymlinkFollow)
    }
}
