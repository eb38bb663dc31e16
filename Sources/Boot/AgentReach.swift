import Confinement
import Linux
import Profile
import Session
import SystemPackage

/// What of the container's files the agent's cage leaves in reach; permissions and read-only
/// mounts say most of it once before, for every process.
struct AgentReach {
    /// Nil where the kernel has no Landlock at all.
    let reach: Reach?
    /// What of it is held, for people; empty when it is off.
    let description: String
    /// Layers that `status` shows as off, each with its reason.
    let missing: [(layer: String, reason: String)]

    init(_ configuration: BootConfiguration, support: LandlockSupport = .current) {
        let wanted = Self.wanted(configuration)
        let plan = LandlockPlan(wanted, version: support.number)
        var missing = plan.gaps.map { (layer: "landlock-\($0.part)", reason: $0.reason) }
        if configuration.profile.agent.allowsUserNamespaces {
            missing.append(
                (
                    "landlock-files",
                    "allow-user-namespaces is set: the kernel lets no sandbox mount whose files are held"
                ))
        }
        if case .absent(let reason) = support { missing = [("landlock", reason)] }
        self.missing = missing
        reach = plan.isEmpty ? nil : wanted
        let parts = [
            plan.files.isEmpty ? nil : "files",
            plan.scopes.isEmpty ? nil : "signals, abstract sockets",
        ].compactMap { $0 }
        description =
            plan.isEmpty
            ? "" : "version \(support.number) holds \(parts.joined(separator: ", ")), tracing"
    }

    /// What a program opens for writing beside files: the harmless devices, and terminals.
    private static let devices = [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
        "/dev/ptmx", "/dev/pts",
    ]

    /// Those that are there. Not /proc: whoever may write its own oom_score_adj there outlives PID 1
    /// when memory runs out. /proc/self/fd leads to what is open, and is judged by that.
    static var usable: [String] { devices.filter(exists) }

    /// Files of /run/codetainer that the agent's tools read; besides them it has the control socket.
    private static let ownFiles = ["gitconfig", "remotes"]

    /// - Parameter configuration: whose `tmpfs` and `writable` are what the agent may write.
    private static func wanted(_ configuration: BootConfiguration) -> Reach {
        var reach = Reach()
        reach.isScoped = true
        // The kernel refuses every mount to a process whose files are held, in its own namespace too.
        guard !configuration.profile.agent.allowsUserNamespaces else { return reach }
        let writable =
            configuration.writablePaths.map(\.string)
            + [
                SessionPlan.socketDirectory(user: configuration.agent.user), "/dev/shm",
                "/dev/mqueue",
            ]
        reach.writable = writable.filter(exists)
        reach.usable = usable + (configuration.profile.agent.isService ? ["/proc"] : [])
        reach.readable = readable
        return reach
    }

    /// Everything but /run/codetainer; a rule can only add, so all that is beside it is named.
    private static var readable: [String] {
        let run = BootSequence.Paths.run
        let beside = children(of: "/").filter { $0 != "/run" } + children(of: "/run")
        return beside.filter { $0 != run.string }
            + ownFiles.map { run.appending($0).string }.filter(exists)
    }

    private static func children(of directory: FilePath) -> [String] {
        let names = (try? Files.names(in: directory)) ?? []
        return names.map { directory.appending($0).string }.sorted().filter(isThere)
    }

    private static func exists(_ path: String) -> Bool {
        (try? FileStatus(of: FilePath(path))).flatMap { $0 } != nil
    }

    /// A link is where it leads to, which is named by itself.
    private static func isThere(_ path: String) -> Bool {
        (try? FileStatus(of: FilePath(path))).flatMap { $0 }.map { $0.kind != .link } ?? false
    }
}
