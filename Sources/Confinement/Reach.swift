public import Linux
import SystemPackage

/// What of files, TCP ports and other processes a cage leaves in reach (landlock(7)).
///
/// It narrows what permissions allow and never widens it. A process in reach of nothing else still
/// has what it opened before, pipes, memory files and connected sockets.
public struct Reach: Equatable, Sendable {
    /// Beneath these anything may be changed, made and removed; nil leaves writing as it is.
    public var writable: [String]?
    /// Files and devices, or directories of them, that may be opened for writing, cut and
    /// controlled (ioctl(2)); nothing is made there. They count only where `writable` does.
    public var usable: [String] = []
    /// Beneath these files may be read, which executing them takes too; nil leaves reading as it
    /// is. What may be changed may be
    /// read.
    public var readable: [String]?
    /// Beneath these programs may be executed; nil leaves executing as it is.
    public var executable: [String]?
    /// TCP ports that connect(2) may name; nil leaves them as they are.
    public var connectable: [UInt16]?
    /// TCP ports that bind(2) may name; nil leaves them as they are.
    public var bindable: [UInt16]?
    /// No signal and no abstract UNIX socket reaches a process outside.
    public var isScoped = false

    public init() {}

    /// As little as there is: no file, no port but `ports` to connect to, no other process.
    public static func nothing(butPorts ports: [UInt16]) -> Reach {
        var reach = Reach()
        (reach.writable, reach.readable, reach.executable) = ([], [], [])
        (reach.connectable, reach.bindable, reach.isScoped) = (ports, [], true)
        return reach
    }
}

/// A `Reach` as one version of the kernel's interface can put it on.
public struct LandlockPlan: Equatable, Sendable {
    public struct FileRule: Equatable, Sendable {
        public let path: String
        public let rights: FileRights
    }

    public struct PortRule: Equatable, Sendable {
        public let port: UInt16
        public let rights: PortRights
    }

    public struct Gap: Equatable, Sendable {
        /// `files`, `truncation`, `devices`, `ports` or `scope`.
        public let part: String
        public let reason: String
    }

    public internal(set) var files: FileRights = []
    public internal(set) var ports: PortRights = []
    public internal(set) var scopes: LandlockScopes = []
    public internal(set) var fileRules: [FileRule] = []
    public internal(set) var portRules: [PortRule] = []
    /// What this kernel cannot do of it.
    public internal(set) var gaps: [Gap] = []

    /// Whether anything is governed at all.
    public var isEmpty: Bool { files.isEmpty && ports.isEmpty && scopes.isEmpty }

    /// - Parameter version: that of Landlock's interface; 0 for a kernel without.
    public init(_ reach: Reach, version: Int) {
        if version >= 2 {
            planFiles(reach, version)
        } else if reach.writable != nil || reach.readable != nil || reach.executable != nil {
            lack("files", 2, version, because: "before it no file can be moved between directories")
        }
        if reach.connectable != nil || reach.bindable != nil {
            version >= 4 ? planPorts(reach) : lack("ports", 4, version)
        }
        if reach.isScoped {
            if version >= 6 {
                scopes = [.abstractSockets, .signals]
            } else {
                lack("scope", 6, version, because: "signals and abstract sockets reach outside")
            }
        }
    }

    private static let making: FileRights = [
        .makeDirectory, .makeFile, .makeSocket, .makePipe, .makeLink, .removeDirectory,
        .removeFile, .refer,
    ]
    /// Devices are governed, and no rule allows them.
    private static let devices: FileRights = [.makeCharacterDevice, .makeBlockDevice]

    private mutating func planFiles(_ reach: Reach, _ version: Int) {
        var using: FileRights = [.writeFile]
        if version >= 3 { using.insert(.truncate) }
        if version >= 5 { using.insert(.deviceControl) }
        var writing = using.union(Self.making)
        writing.remove(.deviceControl)
        if reach.writable != nil { files.formUnion(using.union(writing).union(Self.devices)) }
        if reach.readable != nil { files.insert(.readFile) }
        if reach.executable != nil { files.insert(.execute) }
        allow(reach.writable ?? [], writing.union(.readFile))
        allow(reach.writable == nil ? [] : reach.usable, using.union(.readFile))
        allow(reach.readable ?? [], .readFile)
        allow(reach.executable ?? [], .execute)
        if reach.writable != nil, version < 3 {
            lack(
                "truncation", 3, version,
                because: "files that may be written by permission can be cut")
        }
        if reach.writable != nil, version < 5 {
            lack("devices", 5, version, because: "devices that may be opened can be controlled")
        }
    }

    private mutating func lack(
        _ part: String, _ needed: Int, _ version: Int, because reason: String? = nil
    ) {
        let has = "Landlock's version is \(version), and version \(needed) is needed"
        gaps.append(Gap(part: part, reason: has + (reason.map { ": \($0)" } ?? "")))
    }

    private mutating func allow(_ paths: [String], _ rights: FileRights) {
        let rights = rights.intersection(files)
        for path in paths where !rights.isEmpty {
            fileRules.append(FileRule(path: path, rights: rights))
        }
    }

    private mutating func planPorts(_ reach: Reach) {
        if reach.connectable != nil { ports.insert(.connect) }
        if reach.bindable != nil { ports.insert(.bind) }
        portRules =
            (reach.connectable ?? []).map { PortRule(port: $0, rights: .connect) }
            + (reach.bindable ?? []).map { PortRule(port: $0, rights: .bind) }
    }

    /// Puts it on the calling process; no-new-privileges must be set.
    public func enforce() throws(SystemCallError) {
        guard !isEmpty else { return }
        let ruleset = try LandlockRuleset(files: files, ports: ports, scopes: scopes)
        for rule in fileRules { try ruleset.allow(rule.rights, beneath: rule.path) }
        for rule in portRules { try ruleset.allow(rule.rights, port: rule.port) }
        try ruleset.enforce()
    }
}

/// What the running kernel has of Landlock.
public enum LandlockSupport: Equatable, Sendable {
    case version(Int)
    /// With the reason.
    case absent(String)

    public static var current: LandlockSupport {
        do throws(SystemCallError) {
            return .version(try LandlockRuleset.version())
        } catch {
            switch error.cause {
            case .noFunction: return .absent("this kernel was built without Landlock")
            case .notSupportedOnSocket: return .absent("this kernel was booted without Landlock")
            case .notPermitted: return .absent("the container's runtime forbids Landlock")
            default: return .absent("\(error)")
            }
        }
    }

    /// 0 when absent.
    public var number: Int { if case .version(let number) = self { number } else { 0 } }
}
