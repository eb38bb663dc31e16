public import Linux
public import SystemPackage

extension MountPlan {
    /// Steps after which nobody can write at or below `paths`.
    ///
    /// - Parameter paths: those that exist, every link followed.
    public func holdingReadOnly(_ paths: [FilePath]) throws(MountPlanError) -> [MountStep] {
        var steps: [MountStep] = []
        for path in paths {
            let inside = topmostMounts.filter { $0.path.starts(with: path) }
            for mount in inside where !mount.isReadOnly {
                try requireMounting("\(mount.path) is mounted writable and must not be")
                steps.append(.readOnly(mount))
            }
            guard !inside.contains(where: { $0.path == path }), let holder = holder(of: path),
                !holder.isReadOnly
            else { continue }
            try requireMounting("\(path) is writable, as all of \(holder.path) is, and must not be")
            steps.append(.holdReadOnly(path))
        }
        return steps
    }

    /// Paths of `paths` at or below which something can be written, as the mounts are.
    public func writable(of paths: [FilePath]) -> [FilePath] {
        paths.filter { path in
            (holder(of: path).map { !$0.isReadOnly } ?? false)
                || topmostMounts.contains { $0.path.starts(with: path) && !$0.isReadOnly }
        }
    }

    /// The mount that `path` is a part of.
    public func holder(of path: FilePath) -> Mount? {
        topmostMounts.filter { path.starts(with: $0.path) }
            .max { $0.path.components.count < $1.path.components.count }
    }

    private func requireMounting(_ fact: String) throws(MountPlanError) {
        guard !canMount else { return }
        throw MountPlanError(
            description: "\(fact): mount it read-only (`:ro`), or add `--cap-add SYS_ADMIN`")
    }
}
