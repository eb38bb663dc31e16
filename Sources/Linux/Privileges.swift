import CLinux
import Glibc
import SystemPackage

/// A set of capabilities (capabilities(7)), one bit each.
public struct Capabilities: OptionSet, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    private init(number: Int) { rawValue = 1 << UInt64(number) }

    public static let changeOwner = Capabilities(number: 0)
    public static let overridePermissions = Capabilities(number: 1)
    public static let fileOwner = Capabilities(number: 3)
    public static let kill = Capabilities(number: 5)
    public static let setGroup = Capabilities(number: 6)
    public static let setUser = Capabilities(number: 7)
    public static let setPCap = Capabilities(number: 8)
    public static let bindPrivilegedPort = Capabilities(number: 10)
    public static let networkAdministration = Capabilities(number: 12)
    public static let traceProcesses = Capabilities(number: 19)
    public static let systemAdministration = Capabilities(number: 21)

    /// The names of capabilities(7) by number, without `CAP_`.
    private static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID",
        "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN",
        "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE",
        "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME",
        "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ]

    public var description: String {
        (0..<64).filter { rawValue & 1 << UInt64($0) != 0 }
            .map { $0 < Self.names.count ? "CAP_" + Self.names[$0] : "capability \($0)" }
            .joined(separator: " ")
    }
}

/// What the calling process may do, and giving it up for good.
public enum Privileges {
    public struct CapabilityState: Equatable, Sendable {
        public let effective: Capabilities
        public let permitted: Capabilities
        public let inheritable: Capabilities
    }

    /// capget(2)
    public static func capabilities() throws(SystemCallError) -> CapabilityState {
        var (effective, permitted, inheritable) = (UInt64(0), UInt64(0), UInt64(0))
        try checked(
            unsafe codetainer_capget(&effective, &permitted, &inheritable), "capget")
        return CapabilityState(
            effective: Capabilities(rawValue: effective),
            permitted: Capabilities(rawValue: permitted),
            inheritable: Capabilities(rawValue: inheritable))
    }

    /// Sets effective and permitted to `kept` and inheritable to none (capset(2)).
    public static func keepCapabilities(_ kept: Capabilities) throws(SystemCallError) {
        try checked(codetainer_capset(kept.rawValue, kept.rawValue, 0), "capset")
    }

    /// Empties the inheritable set; the others stay as they are.
    public static func clearInheritableSet() throws(SystemCallError) {
        let state = try capabilities()
        try checked(
            codetainer_capset(state.effective.rawValue, state.permitted.rawValue, 0), "capset")
    }

    /// The highest capability that the kernel knows is the last that `PR_CAPBSET_READ` accepts.
    public static func boundingSet() -> Capabilities {
        var bits: UInt64 = 0
        for number in 0..<64 {
            let result = codetainer_prctl(PR_CAPBSET_READ, UInt(number), 0, 0, 0)
            if result < 0 { break }
            if result == 1 { bits |= 1 << UInt64(number) }
        }
        return Capabilities(rawValue: bits)
    }

    /// Takes everything but `kept` out of the bounding set; needs CAP_SETPCAP for what is in it.
    ///
    /// - SeeAlso: prctl(2), `PR_CAPBSET_DROP`
    public static func limitBoundingSet(to kept: Capabilities) throws(SystemCallError) {
        let excess = boundingSet().subtracting(kept)
        for number in 0..<64 where excess.rawValue & 1 << UInt64(number) != 0 {
            try checked(
                codetainer_prctl(PR_CAPBSET_DROP, UInt(number), 0, 0, 0), "prctl",
                "PR_CAPBSET_DROP \(number)")
        }
    }

    /// Empties the ambient set (prctl(2), `PR_CAP_AMBIENT_CLEAR_ALL`).
    public static func clearAmbientSet() throws(SystemCallError) {
        try checked(codetainer_prctl(47, 4, 0, 0, 0), "prctl", "PR_CAP_AMBIENT_CLEAR_ALL")
    }

    /// Ends root's special treatment for good (capabilities(7), "The securebits flags").
    ///
    /// NOROOT, NO_SETUID_FIXUP stays off so that a change of uid still clears the sets,
    /// KEEP_CAPS off, NO_CAP_AMBIENT_RAISE on; each with its lock.
    public static func lockSecureBits() throws(SystemCallError) {
        let noRoot: UInt = 1 << 0
        let noRootLocked: UInt = 1 << 1
        let noSetUserFixupLocked: UInt = 1 << 3
        let keepCapabilitiesLocked: UInt = 1 << 5
        let noAmbientRaise: UInt = 1 << 6
        let noAmbientRaiseLocked: UInt = 1 << 7
        let bits =
            noRoot | noRootLocked | noSetUserFixupLocked | keepCapabilitiesLocked
            | noAmbientRaise | noAmbientRaiseLocked
        try checked(
            codetainer_prctl(PR_SET_SECUREBITS, bits, 0, 0, 0), "prctl", "PR_SET_SECUREBITS")
    }

    /// The calling process and what it starts can never gain privileges by exec.
    public static func forbidNewPrivileges() throws(SystemCallError) {
        try checked(
            codetainer_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl", "PR_SET_NO_NEW_PRIVS")
    }

    /// Answers every system call with a number above `last` with `ENOSYS` from now on, and
    /// personality(2) with `EPERM` but for 0 (plain Linux) and 0xffffffff (a question); for calls of
    /// another architecture it does nothing (seccomp(2)).
    public static func denyRanges(callsAfter last: UInt32) throws(SystemCallError) {
        try checked(codetainer_deny_ranges(last), "seccomp", "calls after \(last)")
    }

    /// No core dump, and nobody but root attaches or reads /proc/PID (prctl(2),
    /// `PR_SET_DUMPABLE`); the next exec sets it anew.
    public static func forbidDumping() throws(SystemCallError) {
        try checked(codetainer_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl", "PR_SET_DUMPABLE")
    }

    /// Becomes `user` and `group` in all three ids, with no other group.
    public static func become(user: UInt32, group: UInt32) throws(SystemCallError) {
        var groups: [gid_t] = [group]
        try checked(unsafe setgroups(1, &groups), "setgroups", "\(group)")
        try checked(codetainer_setresgid(group), "setresgid", "\(group)")
        try checked(codetainer_setresuid(user), "setresuid", "\(user)")
    }

    /// Becomes `user` in all three ids and nothing else (setresuid(2)).
    public static func become(onlyUser user: UInt32) throws(SystemCallError) {
        try checked(codetainer_setresuid(user), "setresuid", "\(user)")
    }

    /// Does something with files as `user` and `group` would: with their permissions, their
    /// ownership of what is made, and none of root's privileges over files (setfsuid(2)).
    public static func actingOnFiles<Result: ~Copyable>(
        user: UInt32, group: UInt32, _ body: () throws(SystemCallError) -> Result
    ) throws(SystemCallError) -> Result {
        try checked(
            codetainer_set_file_identity(user, group), "setfsuid", "\(user), \(group)")
        // Coming back cannot fail: the real ids are still root's.
        defer { _ = codetainer_set_file_identity(userIDs.user, userIDs.group) }
        return try body()
    }

    private static var userIDs: (user: UInt32, group: UInt32) { (geteuid(), getegid()) }

    /// How willingly the kernel ends the calling process when memory runs out, and what it starts: up
    /// to 1,000 (proc_pid_oom_score_adj(5)).
    public static func outOfMemoryScore() throws(SystemCallError) -> Int32? {
        let text = try Files.text("/proc/self/oom_score_adj", limit: 16)
        return Int32(text.filter { $0 == "-" || $0.isNumber })
    }

    /// Has the kernel end the calling process, and what it starts, before others when memory runs out
    /// (proc_pid_oom_score_adj(5)).
    ///
    /// - Parameter score: of 1000; a higher one stays, and any where /proc may not be written.
    public static func raiseOutOfMemoryScore(to score: UInt32) throws(SystemCallError) {
        guard try outOfMemoryScore() ?? 0 < Int32(score) else { return }
        do throws(SystemCallError) {
            try Files.overwrite(Array("\(score)".utf8), at: "/proc/self/oom_score_adj")
        } catch {
            // Who is in a cage already has what its score may be.
            guard error.cause == .permissionDenied else { throw error }
        }
    }

    /// How willingly the kernel ends a process of `user`'s when memory runs out; what that has started by
    /// now keeps its own score.
    public static func setOutOfMemoryScore(
        of process: CInt, user: UInt32, group: UInt32, to score: UInt32
    ) throws(SystemCallError) {
        try actingOnFiles(user: user, group: group) { () throws(SystemCallError) in
            try Files.overwrite(
                Array("\(score)".utf8), at: FilePath("/proc/\(process)/oom_score_adj"))
        }
    }

    /// Lowers a resource limit, soft and hard (setrlimit(2)); a limit that is lower already stays.
    public static func limit(_ resource: ResourceLimit, to value: UInt64) throws(SystemCallError) {
        var current = rlimit()
        try checked(
            unsafe getrlimit(__rlimit_resource_t(UInt32(resource.rawValue)), &current),
            "getrlimit", "\(resource)")
        let ceiling = min(value, UInt64(current.rlim_max))
        var lowered = rlimit(rlim_cur: rlim_t(ceiling), rlim_max: rlim_t(ceiling))
        try checked(
            unsafe setrlimit(__rlimit_resource_t(UInt32(resource.rawValue)), &lowered),
            "setrlimit", "\(resource) \(value)")
    }
}

/// Resources of setrlimit(2) that a cage limits.
public enum ResourceLimit: CInt, Sendable, CaseIterable {
    case core = 4
    case processes = 6
    case openFiles = 7
    case lockedMemory = 8
    case messageQueues = 12

    /// The name that prlimit(1) and a profile use.
    public var name: String {
        switch self {
        case .core: "core"
        case .processes: "nproc"
        case .openFiles: "nofile"
        case .lockedMemory: "memlock"
        case .messageQueues: "msgqueue"
        }
    }
}

/// unshare(2)
public enum Namespaces {
    /// `CLONE_NEWUSER`
    public static let user: CInt = 0x1000_0000

    public static func unshare(_ flags: CInt) throws(SystemCallError) {
        try checked(codetainer_unshare(flags), "unshare", "\(flags)")
    }
}
