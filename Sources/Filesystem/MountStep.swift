public import Linux
public import SystemPackage

/// A file system in memory that a writable path needs.
public struct TmpfsRequirement: Equatable, Sendable {
    public let path: FilePath
    /// Octets.
    public let size: Int
    public let ownership: Ownership

    public init(path: FilePath, size: Int, ownership: Ownership) {
        (self.path, self.size, self.ownership) = (path, size, ownership)
    }
}

/// One change to the mount tree. A plan of them is made first and compared by tests.
public enum MountStep: Equatable, Sendable {
    /// A tmpfs with nosuid and nodev. What was mounted below its path is mounted there again,
    /// with nosuid and nodev as well.
    case tmpfs(TmpfsRequirement, keeping: [Mount] = [])
    /// A mount goes, for good.
    case detach(FilePath)
    /// A file shows as empty.
    case cover(FilePath)
    /// A mount that the runtime or the operator made is kept, with nosuid and nodev added.
    case restrict(Mount)
    /// A tmpfs of the runtime's gets the size that is asked for.
    case limit(Mount, TmpfsRequirement)
    case readOnly(Mount)
    /// A file or directory of a writable mount becomes a mount of its own that is read-only.
    case holdReadOnly(FilePath)
    /// An unprivileged user sees its own processes only (proc(5), "hidepid").
    case hideProcesses(Mount)
    /// A file of the kernel's reads as empty, as container runtimes have it by default.
    case mask(FilePath)
}

/// A mount that is needed and can be neither made nor found.
public struct MountPlanError: Error, Equatable, CustomStringConvertible {
    public let description: String
}
