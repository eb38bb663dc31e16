import Linux
import SystemPackage

extension MountStep {
    /// Carries the step out.
    public func apply() throws(SystemCallError) {
        switch self {
        case .tmpfs(let requirement, let kept): try Self.mount(requirement, keeping: kept)
        case .restrict(let mount): try Mounting.restrict(mount)
        case .limit(let mount, let requirement):
            try Mounting.reconfigure(mount, data: Self.limits(requirement))
        case .readOnly(let mount): try Mounting.makeReadOnly(mount)
        case .holdReadOnly(let path):
            try Mounting.bind(path, at: path)
            guard let mount = try MountTable.current().mount(at: path) else {
                throw SystemCallError("mount", path.string, .noSuchFileOrDirectory)
            }
            try Mounting.makeReadOnly(mount)
        case .hideProcesses(let proc): try Mounting.reconfigure(proc, data: "hidepid=2")
        case .mask(let path):
            // A kernel without keyrings has no such file.
            guard try FileStatus(of: path) != nil else { return }
            try Mounting.bind("/dev/null", at: path)
        case .detach(let path): try Mounting.unmount(path)
        case .cover(let path): try Mounting.bind("/dev/null", at: path)
        }
    }

    private static func mount(_ requirement: TmpfsRequirement, keeping kept: [Mount])
        throws(SystemCallError)
    {
        // The copies are mounted nowhere yet, and the originals go, so that none stays hidden below.
        var copies: [CInt] = []
        for mount in kept { copies.append(try Mounting.copy(at: mount.path).release()) }
        for mount in kept.reversed() { try Mounting.unmount(mount.path) }
        _ = try Directory.making(requirement.path, ownership: .root(mode: 0o755))
        let ownership = requirement.ownership
        try Mounting.mount(
            "tmpfs", at: requirement.path, type: "tmpfs", options: [.noSetID, .noDevices],
            data:
                "\(limits(requirement)),mode=\(String(ownership.mode, radix: 8)),uid=\(ownership.user),gid=\(ownership.group)"
        )
        for (mount, copy) in zip(kept, copies) {
            let copy = OwnedDescriptor(adopting: copy)
            try makePlace(for: copy, at: mount.path, ownership)
            try Mounting.attach(copy, at: mount.path)
            try Mounting.restrict(mount)
        }
    }

    /// An empty file takes no room but an inode: there are as many as half pages.
    private static func limits(_ requirement: TmpfsRequirement) -> String {
        "size=\(requirement.size),nr_inodes=\(requirement.size >> 11)"
    }

    /// Makes the file or directory that `mount` is put over, where it is not there yet.
    private static func makePlace(
        for mount: borrowing OwnedDescriptor, at path: FilePath, _ ownership: Ownership
    ) throws(SystemCallError) {
        var parent = path
        guard try FileStatus(of: path) == nil, let name = parent.lastComponent?.string,
            parent.removeLastComponent()
        else { return }
        let directory = try Directory.making(parent, ownership: ownership)
        if try Files.isDirectory(mount.raw) {
            try directory.makeDirectory(name, ownership: ownership)
        } else {
            try directory.write([], to: name, ownership: ownership)
        }
    }
}
