import Linux
import SystemPackage

extension MountStep {
    /// Carries the step out.
    public func apply() throws(SystemCallError) {
        switch self {
        case .tmpfs(let requirement, let kept): try Self.mount(requirement, keeping: kept)
        case .restrict(let mount): try Mounting.restrict(mount)
        case .readOnly(let mount): try Mounting.makeReadOnly(mount)
        case .hideProcesses(let proc): try Mounting.reconfigure(proc, data: "hidepid=2")
        case .detach(let path): try Mounting.unmount(path)
        case .cover(let path): try Mounting.bind("/dev/null", at: path)
        }
    }

    private static func mount(_ requirement: TmpfsRequirement, keeping kept: [Mount])
        throws(SystemCallError)
    {
        // The tmpfs hides what is below its path, but not from who has it open.
        var places: [CInt] = []
        defer { for place in places { Descriptors.close(place) } }
        for mount in kept { places.append(try Files.place(mount.path).release()) }
        _ = try Directory.making(requirement.path, ownership: .root(mode: 0o755))
        let ownership = requirement.ownership
        // An empty file takes no room but an inode: as many as there are half pages.
        let inodes = requirement.size >> 11
        try Mounting.mount(
            "tmpfs", at: requirement.path, type: "tmpfs", options: [.noSetID, .noDevices],
            data:
                "size=\(requirement.size),nr_inodes=\(inodes),mode=\(String(ownership.mode, radix: 8)),uid=\(ownership.user),gid=\(ownership.group)"
        )
        for (mount, place) in zip(kept, places) {
            let source = FilePath("/proc/self/fd/\(place)")
            var parent = mount.path
            guard let name = parent.lastComponent?.string, parent.removeLastComponent() else {
                continue
            }
            let directory = try Directory.making(parent, ownership: ownership)
            if try Files.isDirectory(place) {
                try directory.makeDirectory(name, ownership: ownership)
            } else {
                try directory.write([], to: name, ownership: ownership)
            }
            try Mounting.bind(source, at: mount.path)
            try Mounting.restrict(mount)
        }
    }
}
