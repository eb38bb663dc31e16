import CLinux
import Glibc
public import SystemPackage

/// A mount as /proc/self/mountinfo shows it (proc_pid_mountinfo(5)).
public struct Mount: Hashable, Sendable {
    public let path: FilePath
    /// What of the file system is mounted here; `/` is all of it.
    public let root: String
    /// Options of this mount: `ro`, `nosuid`, `nodev`, …
    public let options: Set<String>
    public let fileSystem: String
    /// Options of the file system: `size=524288k`, `hidepid=invisible`, …
    public let fileSystemOptions: Set<String>

    public var isReadOnly: Bool {
        options.contains("ro") || fileSystemOptions.contains("ro")
    }

    init?(line: Substring) {
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
            return nil
        }
        root = Self.unescaped(fields[3])
        path = FilePath(Self.unescaped(fields[4]))
        options = Set(fields[5].split(separator: ",").map(String.init))
        fileSystem = String(fields[dash + 1])
        fileSystemOptions = Set(fields[dash + 3].split(separator: ",").map(String.init))
    }

    /// Space, tab, newline and backslash are written as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = ArraySlice(field.utf8)
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ 48...55 ~= $0 }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The mounts of a process's namespace, in the order they were made.
public struct MountTable: Sendable {
    public let mounts: [Mount]

    public init(parsing text: String) {
        mounts = text.split(separator: "\n").compactMap(Mount.init(line:))
    }

    public static func current() throws(SystemCallError) -> MountTable {
        MountTable(parsing: try Files.text("/proc/self/mountinfo"))
    }

    /// The topmost mount at exactly `path`.
    public func mount(at path: FilePath) -> Mount? {
        mounts.last { $0.path == path }
    }
}

/// Options of a mount that this program sets (mount(2), "mountflags").
public struct MountOptions: OptionSet, Hashable, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }

    public static let readOnly = MountOptions(rawValue: 1)
    public static let noSetID = MountOptions(rawValue: 2)
    public static let noDevices = MountOptions(rawValue: 4)
    public static let noExecution = MountOptions(rawValue: 8)
    public static let noSymlinkFollow = MountOptions(rawValue: 256)
    public static let remount = MountOptions(rawValue: 32)
    public static let bind = MountOptions(rawValue: 4096)
    public static let recursive = MountOptions(rawValue: 16384)

    /// The options that a remount must repeat, or it would clear them.
    public init(keeping options: Set<String>) {
        let names: [(String, UInt)] = [
            ("ro", 1), ("nosuid", 2), ("nodev", 4), ("noexec", 8), ("noatime", 1024),
            ("nodiratime", 2048), ("relatime", 1 << 21), ("nosymfollow", 256),
        ]
        rawValue = names.reduce(0) { options.contains($1.0) ? $0 | $1.1 : $0 }
    }
}

/// mount(2) and umount2(2).
public enum Mounting {
    /// Mounts a file system of `type`; `data` is what mount(8) gives after `-o`.
    public static func mount(
        _ source: String, at path: FilePath, type: String, options: MountOptions, data: String = ""
    ) throws(SystemCallError) {
        let result = unsafe Glibc.mount(source, path.string, type, options.rawValue, data)
        try checked(result, "mount", "\(type) on \(path.string)")
    }

    /// Shows `source`, a file or directory, at `path` as well.
    public static func bind(_ source: FilePath, at path: FilePath) throws(SystemCallError) {
        let result = unsafe Glibc.mount(
            source.string, path.string, nil, MountOptions.bind.rawValue, nil)
        try checked(result, "mount", "\(source.string) on \(path.string)")
    }

    /// A copy of the mount at `path`, without those below it, that is mounted nowhere
    /// (open_tree(2), since Linux 5.2).
    public static func copy(at path: FilePath) throws(SystemCallError) -> OwnedDescriptor {
        unsafe OwnedDescriptor(
            adopting: try checked(codetainer_copy_mount(path.string), "open_tree", path.string))
    }

    /// Mounts what `copy(at:)` made (move_mount(2)).
    public static func attach(_ mount: borrowing OwnedDescriptor, at path: FilePath)
        throws(SystemCallError)
    {
        try checked(
            unsafe codetainer_attach_mount(mount.raw, path.string), "move_mount", path.string)
    }

    /// Makes one mount read-only, keeping its other options; the file system stays as it is.
    public static func makeReadOnly(_ mount: Mount) throws(SystemCallError) {
        try remount(mount, adding: .readOnly, "\(mount.path.string) read-only")
    }

    /// Adds nosuid and nodev to one mount, keeping its other options.
    public static func restrict(_ mount: Mount) throws(SystemCallError) {
        try remount(mount, adding: [.noSetID, .noDevices], "\(mount.path.string) nosuid,nodev")
    }

    private static func remount(_ mount: Mount, adding added: MountOptions, _ subject: String)
        throws(SystemCallError)
    {
        let options: MountOptions = [
            .remount, .bind, added, MountOptions(keeping: mount.options),
        ]
        let result = unsafe Glibc.mount(nil, mount.path.string, nil, options.rawValue, nil)
        try checked(result, "mount", subject)
    }

    /// Changes the options of a mounted file system.
    public static func reconfigure(_ mount: Mount, data: String) throws(SystemCallError) {
        let options: MountOptions = [.remount, MountOptions(keeping: mount.options)]
        let result = unsafe Glibc.mount(nil, mount.path.string, nil, options.rawValue, data)
        try checked(result, "mount", "\(mount.path.string) with \(data)")
    }

    public static func unmount(_ path: FilePath) throws(SystemCallError) {
        try checked(unsafe umount2(path.string, CInt(2)), "umount2", path.string)
    }
}
