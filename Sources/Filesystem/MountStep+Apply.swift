import Linux
import SystemPackage

extension MountStep {
    /// Carries the step out.
    public func apply() throws(SystemCallError) {
        switch self {
        case .tmpfs(let requirement):
            _ = try Directory.making(requirement.path, ownership: .root(mode: 0o755))
            let ownership = requirement.ownership
            try Mounting.mount(
                "tmpfs", at: requirement.path, type: "tmpfs", options: [.noSetID, .noDevices],
                data:
                    "size=\(requirement.size),mode=\(String(ownership.mode, radix: 8)),uid=\(ownership.user),gid=\(ownership.group)"
            )
        case .restrict(let mount): try Mounting.restrict(mount)
        case .readOnly(let mount): try Mounting.makeReadOnly(mount)
        case .hideProcesses(let proc): try Mounting.reconfigure(proc, data: "hidepid=2")
        case .mask(let path):
            // A kernel without keyrings has no such file.
            guard try FileStatus(of: path) != nil else { return }
            try Mounting.bind("/dev/null", at: path)
        }
    }
}
