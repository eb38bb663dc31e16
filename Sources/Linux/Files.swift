import CLinux
import Glibc
public import SystemPackage

/// Owner and permission bits of a file to be made.
public struct Ownership: Hashable, Sendable {
    public let user: UInt32
    public let group: UInt32
    public let mode: UInt32

    public init(user: UInt32, group: UInt32, mode: UInt32) {
        (self.user, self.group, self.mode) = (user, group, mode)
    }

    public static func root(mode: UInt32) -> Ownership { Ownership(user: 0, group: 0, mode: mode) }
}

/// What is at a path, links not followed (lstat(2)).
public struct FileStatus: Sendable {
    public enum Kind: Sendable { case regular, directory, link, other }

    public let kind: Kind
    public let user: UInt32
    public let group: UInt32
    /// Permission bits with set-id and sticky bits.
    public let mode: UInt32
    public let byteCount: Int
    public let device: UInt64

    /// Nil when nothing is there.
    public init?(of path: FilePath) throws(SystemCallError) {
        var status = stat()
        if unsafe lstat(path.string, &status) != 0 {
            let cause = Errno.current
            if cause == .noSuchFileOrDirectory || cause == .notDirectory { return nil }
            throw SystemCallError("lstat", path.string, cause)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        user = status.st_uid
        group = status.st_gid
        mode = status.st_mode & 0o7777
        byteCount = Int(status.st_size)
        device = UInt64(status.st_dev)
    }
}

/// Whole files, as boot and the operator's commands need them; never on PID 1's event loop.
public enum Files {
    /// Everything in the file at `path`.
    ///
    /// - Parameter limit: a longer file is an error (`EFBIG`); 16 MiB unless told.
    public static func read(_ path: FilePath, limit: Int = 16 << 20) throws(SystemCallError)
        -> [UInt8]
    {
        let file = unsafe OwnedDescriptor(
            adopting: try checked(codetainer_open(path.string, O_RDONLY, 0), "open", path.string))
        return try read(file, subject: path.string, limit: limit)
    }

    /// Everything that is left to read in `file`.
    public static func read(
        _ file: borrowing OwnedDescriptor, subject: String, limit: Int = 16 << 20
    ) throws(SystemCallError) -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while let count = try file.read(into: &chunk), count > 0 {
            contents += chunk.prefix(count)
            guard contents.count <= limit else {
                throw SystemCallError("read", subject, .fileTooLarge)
            }
        }
        return contents
    }

    /// The first `count` octets of the file at `path`, or all of a shorter one.
    public static func beginning(of path: FilePath, _ count: Int) throws(SystemCallError)
        -> [UInt8]
    {
        let file = unsafe OwnedDescriptor(
            adopting: try checked(codetainer_open(path.string, O_RDONLY, 0), "open", path.string))
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(count, 16384))
        while contents.count < count, let read = try file.read(into: &chunk), read > 0 {
            contents += chunk.prefix(min(read, count - contents.count))
        }
        return contents
    }

    /// The file as text; octets that are not UTF-8 are replaced.
    public static func text(_ path: FilePath, limit: Int = 16 << 20) throws(SystemCallError)
        -> String
    {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    /// Overwrites the file at `path` in place, which a bind mount over it needs.
    public static func overwrite(_ bytes: [UInt8], at path: FilePath) throws(SystemCallError) {
        let file = unsafe OwnedDescriptor(
            adopting: try checked(
                codetainer_open(path.string, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0), "open",
                path.string))
        try file.writeAll(bytes)
    }

    /// Where a symbolic link leads (readlink(2)).
    public static func target(of link: FilePath) throws(SystemCallError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = try checked(
            unsafe readlink(link.string, &buffer, buffer.count), "readlink", link.string)
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// A file that is appended to, made with `mode` where it is not there yet.
    public static func appending(to path: FilePath, mode: UInt32) throws(SystemCallError)
        -> OwnedDescriptor
    {
        unsafe OwnedDescriptor(
            adopting: try checked(
                codetainer_open(path.string, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, mode),
                "open", path.string))
    }

    /// Whether an open file is a directory.
    public static func isDirectory(_ file: CInt) throws(SystemCallError) -> Bool {
        var status = stat()
        try checked(unsafe fstat(file, &status), "fstat", "descriptor \(file)")
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// The path of what `path` leads to, every link followed (proc_pid_fd(5)).
    public static func resolved(_ path: FilePath) throws(SystemCallError) -> FilePath {
        let file = unsafe OwnedDescriptor(
            adopting: try checked(
                codetainer_open(path.string, CODETAINER_O_PATH, 0), "open", path.string))
        return FilePath(try target(of: FilePath("/proc/self/fd/\(file.raw)")))
    }

    /// Whether anything can be read here: an octet of a file, or the names of a directory.
    public static func hasContents(_ path: FilePath) -> Bool {
        let raw = unsafe codetainer_open(path.string, O_RDONLY | O_NONBLOCK, 0)
        guard raw >= 0 else { return false }
        let file = OwnedDescriptor(adopting: raw)
        var octet: [UInt8] = [0]
        do throws(SystemCallError) {
            return try file.read(into: &octet) ?? 0 > 0
        } catch {
            return error.cause == .isDirectory
        }
    }

    /// Names in a directory, without `.` and `..`, sorted.
    public static func names(in path: FilePath) throws(SystemCallError) -> [String] {
        guard let directory = unsafe opendir(path.string) else {
            let cause = Errno.current
            throw SystemCallError("opendir", path.string, cause)
        }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(
                    cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes what the file system at `path` holds back (syncfs(2)). Root without CAP_DAC_OVERRIDE
    /// opens what is its owner's alone as the owner.
    public static func synchronise(_ path: FilePath) throws(SystemCallError) {
        let owner = try FileStatus(of: path)
        let file = try Privileges.actingOnFiles(user: owner?.user ?? 0, group: owner?.group ?? 0) {
            () throws(SystemCallError) in
            unsafe OwnedDescriptor(
                adopting: try checked(
                    codetainer_open(path.string, O_RDONLY | O_NONBLOCK, 0), "open", path.string))
        }
        try checked(codetainer_syncfs(file.raw), "syncfs", path.string)
    }

    public static func remove(_ path: FilePath) { _ = unsafe unlink(path.string) }

    /// Removes a name that must be there (unlink(2)).
    public static func delete(_ path: FilePath) throws(SystemCallError) {
        try checked(unsafe unlink(path.string), "unlink", path.string)
    }

    /// Makes somebody the owner of what is at `path`, which may be a link (lchown(2)).
    public static func give(_ path: FilePath, toUser user: UInt32, group: UInt32)
        throws(SystemCallError)
    {
        try checked(unsafe lchown(path.string, user, group), "lchown", path.string)
    }
}
