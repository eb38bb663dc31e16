import CLinux
import Glibc
public import SystemPackage

/// An open directory in which files are put by name, so that nobody can move the path meanwhile.
///
/// No link is followed on the way to it (openat2(2), `RESOLVE_NO_SYMLINKS`) or in it: boot puts
/// root's files into directories that an agent of an earlier run may have filled with links.
public struct Directory: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let path: FilePath

    /// Opens the directory at an absolute path.
    public init(_ path: FilePath) throws(SystemCallError) {
        descriptor = unsafe OwnedDescriptor(
            adopting: try checked(
                codetainer_open_without_links(AT_FDCWD, path.string, O_RDONLY | O_DIRECTORY),
                "openat2", path.string))
        self.path = path
    }

    /// Opens the directory at `path`; it and what is missing above it are made with `ownership`,
    /// but what is there stays as it is.
    public static func making(_ path: FilePath, ownership: Ownership) throws(SystemCallError)
        -> Directory
    {
        if try FileStatus(of: path) == nil {
            var parent = path
            guard let name = parent.lastComponent?.string, parent.removeLastComponent() else {
                throw SystemCallError("mkdir", path.string, .invalidArgument)
            }
            try making(parent, ownership: ownership).makeDirectory(name, ownership: ownership)
        }
        return try Directory(path)
    }

    /// Makes the directory `name`, or gives the one that is there the ownership.
    public func makeDirectory(_ name: String, ownership: Ownership) throws(SystemCallError) {
        if unsafe mkdirat(descriptor.raw, name, 0o700) != 0 {
            let cause = Errno.current
            guard cause == .fileExists else { throw SystemCallError("mkdir", inside(name), cause) }
        }
        let made = unsafe OwnedDescriptor(
            adopting: try checked(
                codetainer_open_without_links(descriptor.raw, name, O_RDONLY | O_DIRECTORY),
                "openat2", inside(name)))
        try own(made, ownership, inside(name))
    }

    /// Makes or replaces the file `name`: written beside it, then renamed over it.
    public func write(_ bytes: [UInt8], to name: String, ownership: Ownership)
        throws(SystemCallError)
    {
        let beside = ".\(name).new"
        _ = unsafe unlinkat(descriptor.raw, beside, 0)
        let file = unsafe OwnedDescriptor(
            adopting: try checked(
                codetainer_openat(
                    descriptor.raw, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600),
                "open", inside(beside)))
        try file.writeAll(bytes)
        try own(file, ownership, inside(name))
        try checked(
            unsafe renameat(descriptor.raw, beside, descriptor.raw, name), "rename", inside(name))
    }

    /// Makes or replaces the symbolic link `name`.
    public func link(_ name: String, to target: FilePath, ownership: Ownership)
        throws(SystemCallError)
    {
        _ = unsafe unlinkat(descriptor.raw, name, 0)
        try checked(
            unsafe symlinkat(target.string, descriptor.raw, name), "symlink", inside(name))
        var status = stat()
        try checked(
            unsafe fstatat(descriptor.raw, name, &status, AT_SYMLINK_NOFOLLOW), "lstat",
            inside(name))
        if status.st_uid != ownership.user || status.st_gid != ownership.group {
            try checked(
                unsafe fchownat(
                    descriptor.raw, name, ownership.user, ownership.group, AT_SYMLINK_NOFOLLOW),
                "chown", inside(name))
        }
    }

    /// Keeps root's files in the agent's directory where root put them: the directory becomes
    /// root's with the sticky bit, and `group` may do in it what its owner could, but rename or
    /// remove what is its own alone (inode(7), "S_ISVTX").
    ///
    /// A directory of anybody else but `user` only gets the bit where others may write.
    public func share(fromUser user: UInt32, group: UInt32) throws(SystemCallError) {
        var status = stat()
        try checked(unsafe fstat(descriptor.raw, &status), "fstat", path.string)
        var mode = status.st_mode & 0o7777
        if status.st_uid == user {
            // Root without CAP_FOWNER changes the mode of its own only.
            try checked(fchown(descriptor.raw, 0, group), "fchown", path.string)
            mode |= (mode & 0o700) >> 3
        }
        guard mode & 0o022 != 0, mode & 0o1000 == 0 else { return }
        try checked(fchmod(descriptor.raw, mode | 0o1000), "fchmod", path.string)
    }

    private func inside(_ name: String) -> String { path.appending(name).string }

    private func own(_ file: borrowing OwnedDescriptor, _ ownership: Ownership, _ subject: String)
        throws(SystemCallError)
    {
        var status = stat()
        try checked(unsafe fstat(file.raw, &status), "fstat", subject)
        // The mode first: only the owner may change it, and we may be about to give the file away.
        if status.st_mode & 0o7777 != ownership.mode {
            try checked(fchmod(file.raw, ownership.mode), "fchmod", subject)
        }
        if status.st_uid != ownership.user || status.st_gid != ownership.group {
            try checked(fchown(file.raw, ownership.user, ownership.group), "fchown", subject)
        }
    }
}
