import Glibc
public import SystemPackage

/// How large a mounted file system is and how much of it is taken, in octets (statvfs(3)).
public struct FileSystemSpace: Equatable, Sendable {
    public let used: UInt64
    /// 0 for a tmpfs without a limit: the kernel then says nothing of what it holds either.
    public let total: UInt64

    /// Of the file system at `path`, which needs no permission but to reach it. May wait for ever
    /// for a file system that somebody else serves.
    public init(of path: FilePath) throws(SystemCallError) {
        var space = statvfs()
        try checked(unsafe statvfs(path.string, &space), "statvfs", path.string)
        let unit = UInt64(space.f_frsize)
        total = UInt64(space.f_blocks) &* unit
        used = total &- UInt64(space.f_bfree) &* unit
    }
}
