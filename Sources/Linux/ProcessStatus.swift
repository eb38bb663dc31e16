import SystemPackage

/// What /proc/PID/status says about a process's identity and confinement (proc_pid_status(5)).
public struct ProcessStatus: Equatable, Sendable {
    public let name: String
    /// Whether a signal has stopped it (SIGSTOP and the like; no debugger).
    public let isStopped: Bool
    public let parent: CInt
    /// The process that leads its session; 0 where that is not seen from here.
    public let session: CInt
    /// Real, effective, saved and file-system ids.
    public let users: [UInt32]
    public let groups: [UInt32]
    public let effective: Capabilities
    public let permitted: Capabilities
    public let bounding: Capabilities
    public let ambient: Capabilities
    public let noNewPrivileges: Bool
    /// Number of seccomp filters that a system call passes.
    public let filters: Int
    private let ignoredSignals: UInt64
    private let caughtSignals: UInt64

    public init?(parsing text: String) {
        var fields: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...].drop(while: \.isWhitespace)
        }
        func numbers(_ key: Substring) -> [UInt32] {
            (fields[key] ?? "").split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) }
        }
        func mask(_ key: Substring) -> UInt64? { fields[key].flatMap { UInt64($0, radix: 16) } }
        guard let name = fields["Name"], let effective = mask("CapEff"),
            let permitted = mask("CapPrm"), let bounding = mask("CapBnd"),
            numbers("Uid").count == 4, numbers("Gid").count == 4
        else { return nil }
        self.name = String(name)
        isStopped = fields["State"]?.first == "T"
        parent = CInt(truncatingIfNeeded: numbers("PPid").first ?? 0)
        session = CInt(truncatingIfNeeded: numbers("NSsid").first ?? 0)
        users = numbers("Uid")
        groups = numbers("Gid")
        self.effective = Capabilities(rawValue: effective)
        self.permitted = Capabilities(rawValue: permitted)
        self.bounding = Capabilities(rawValue: bounding)
        ambient = Capabilities(rawValue: mask("CapAmb") ?? 0)
        noNewPrivileges = numbers("NoNewPrivs") == [1]
        filters =
            numbers("Seccomp_filters").first.map(Int.init) ?? (numbers("Seccomp") == [2] ? 1 : 0)
        ignoredSignals = mask("SigIgn") ?? 0
        caughtSignals = mask("SigCgt") ?? 0
    }

    /// The status of a process; nil when there is none, or it is hidden.
    public static func of(_ process: CInt) -> ProcessStatus? {
        (try? Files.text(FilePath("/proc/\(process)/status"))).flatMap {
            ProcessStatus(parsing: $0)
        }
    }

    public func ignores(_ signal: Signal) -> Bool {
        ignoredSignals & 1 << UInt64(signal.number - 1) != 0
    }

    /// An interactive shell ignores SIGTERM, and obeys SIGHUP; it keeps the terminal's stop from itself
    /// as well, which other programs that ignore SIGTERM do not.
    public var isInteractiveShell: Bool { ignores(.terminate) && ignores(.terminalStop) }

    /// Whether it has a handler of its own for the signal.
    public func catches(_ signal: Signal) -> Bool {
        caughtSignals & 1 << UInt64(signal.number - 1) != 0
    }
}
