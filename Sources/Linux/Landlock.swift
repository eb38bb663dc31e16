import CLinux
import Glibc
import SystemPackage

/// Rights over files and directories (landlock(7), "Filesystem actions").
public struct FileRights: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let execute = FileRights(rawValue: 1 << 0)
    public static let writeFile = FileRights(rawValue: 1 << 1)
    public static let readFile = FileRights(rawValue: 1 << 2)
    public static let readDirectory = FileRights(rawValue: 1 << 3)
    public static let removeDirectory = FileRights(rawValue: 1 << 4)
    public static let removeFile = FileRights(rawValue: 1 << 5)
    public static let makeCharacterDevice = FileRights(rawValue: 1 << 6)
    public static let makeDirectory = FileRights(rawValue: 1 << 7)
    public static let makeFile = FileRights(rawValue: 1 << 8)
    public static let makeSocket = FileRights(rawValue: 1 << 9)
    public static let makePipe = FileRights(rawValue: 1 << 10)
    public static let makeBlockDevice = FileRights(rawValue: 1 << 11)
    public static let makeLink = FileRights(rawValue: 1 << 12)
    /// Link and rename between directories; ABI 2. Without it the kernel refuses all of them.
    public static let refer = FileRights(rawValue: 1 << 13)
    /// ABI 3.
    public static let truncate = FileRights(rawValue: 1 << 14)
    /// ioctl(2) of a device that is opened from now on; ABI 5.
    public static let deviceControl = FileRights(rawValue: 1 << 15)
}

/// Rights over TCP ports (landlock(7), "Network flags"); ABI 4.
public struct PortRights: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let bind = PortRights(rawValue: 1 << 0)
    public static let connect = PortRights(rawValue: 1 << 1)
}

/// What cannot be reached outside the ruleset's own processes (landlock(7), "Scope flags"); ABI 6.
public struct LandlockScopes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let abstractSockets = LandlockScopes(rawValue: 1 << 0)
    public static let signals = LandlockScopes(rawValue: 1 << 1)
}

/// Rights that a process takes from itself and all it starts; what it keeps are the rules.
///
/// - SeeAlso: landlock(7)
public struct LandlockRuleset: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// The version of Landlock's interface.
    ///
    /// - Throws: `SystemCallError`, `ENOSYS` when the kernel was built without, `EOPNOTSUPP` when
    ///   it was booted without.
    public static func version() throws(SystemCallError) -> Int {
        Int(try checked(codetainer_landlock_version(), "landlock_create_ruleset"))
    }

    /// A ruleset that governs these rights, all of which the kernel must know.
    public init(files: FileRights, ports: PortRights, scopes: LandlockScopes)
        throws(SystemCallError)
    {
        descriptor = OwnedDescriptor(
            adopting: try checked(
                codetainer_landlock_create(files.rawValue, ports.rawValue, scopes.rawValue),
                "landlock_create_ruleset"))
    }

    /// Keeps `rights` over `path` and, where it is a directory, all below it.
    public func allow(_ rights: FileRights, beneath path: String) throws(SystemCallError) {
        let fileRights: FileRights = [
            .execute, .writeFile, .readFile, .truncate, .deviceControl,
        ]
        let file = OwnedDescriptor(
            adopting: try checked(
                unsafe codetainer_open(path, Self.pathOnly, 0), "open", path))
        var status = stat()
        try checked(unsafe fstat(file.raw, &status), "fstat", path)
        // A right over directories is EINVAL for a file.
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        let applicable = isDirectory ? rights : rights.intersection(fileRights)
        try checked(
            codetainer_landlock_allow_beneath(descriptor.raw, file.raw, applicable.rawValue),
            "landlock_add_rule", path)
    }

    public func allow(_ rights: PortRights, port: UInt16) throws(SystemCallError) {
        try checked(
            codetainer_landlock_allow_port(descriptor.raw, port, rights.rawValue),
            "landlock_add_rule", "port \(port)")
    }

    /// Puts it on the calling process, which must have one thread and no-new-privileges.
    public consuming func enforce() throws(SystemCallError) {
        try checked(codetainer_landlock_enforce(descriptor.raw), "landlock_restrict_self")
    }

    /// `O_PATH`
    private static let pathOnly: CInt = 0o10_000_000
}
