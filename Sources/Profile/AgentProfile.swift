/// What an agent image is: who runs, what it needs, what it may reach. Read from a TOML file.
public struct AgentProfile: Equatable, Sendable {
    public var name: String
    /// The account of the image's /etc/passwd that the agent runs as.
    public var user: String
    public var agent: Agent
    public var secrets: [SecretRequirement] = []
    /// Variables of the container that are checked before the agent gets them.
    public var settings: [Setting] = []
    public var environment = Environment()
    public var tmpfs: [Tmpfs] = []
    /// Paths of volumes that stay writable; those elsewhere become read-only.
    public var writable: [String] = []
    /// Trees of the vendor's that must be root's alone and that nobody may change.
    public var sealed: [String] = []
    public var links: [Link] = []
    public var files: [File] = []
    public var egress = Egress()
    public var workspace = Workspace()
    public var health = Health()
    public var metrics = Metrics()
    /// Steps before the agent, then programs beside it, in the order of the file.
    public var services: [Service] = []
    public var shutdown = Shutdown()
    /// Where the agent may report what it does; nil where its profile has no such thing.
    public var telemetry: Telemetry?
    public var expectations = Expectations()
    /// Under what licence it may run; nil where it needs none.
    public var licence: Licence?

    /// Every variable that a secret comes in: those of [[secret]], the telemetry's and the licence's key.
    public var secretNames: [String] {
        secrets.map(\.name) + (telemetry.map { [$0.instance, $0.token] } ?? [])
            + (licence.map { [$0.key] } ?? [])
    }

    public struct Agent: Equatable, Sendable {
        /// The program and its arguments.
        public var command: [String]
        /// Whether `CLAUDE_PROMPT` is appended as the last argument.
        public var takesPrompt = false
        /// The name of the tmux session; a headless agent's in reports.
        public var session: String
        /// Whether it runs without tmux, on the container's own input, output and terminal.
        public var isHeadless = false
        /// Whether it runs what others ask for in processes of their own, which the kernel is to end
        /// before it when memory runs out.
        public var isService = false
        public var onExit = ExitPolicy.keep
        /// Whether it may make user namespaces, for sandboxes of its own.
        public var allowsUserNamespaces = false
    }

    /// What happens when the agent ends by itself.
    public enum ExitPolicy: String, CaseIterable, Sendable {
        /// The container and its shell stay; the agent may be started again from its pane.
        case keep
        /// The container ends with the agent's code.
        case end
        /// The agent is started again, with a growing pause.
        case restart
    }

    /// A value that must not be seen by anybody but those named here.
    public struct SecretRequirement: Equatable, Sendable {
        /// The environment variable it comes in.
        public var name: String
        public var isRequired = true
        /// The variables under which the agent sees it; none when it does not.
        public var exposedAs: [String] = []
        /// Where the credential broker offers it.
        public var credential: Credential?
    }

    public struct Credential: Equatable, Sendable {
        public var host: String
        public var username: String
    }

    public struct Environment: Equatable, Sendable {
        /// Variables of the container that the agent sees as they are.
        public var passed: [String] = []
        /// Whether it sees all of them but codetainer's own, as an image without a profile wants it.
        public var passesAll = false
        /// Whether it sees those of `passed`, and all others that steer nothing of codetainer's.
        public var passesOthers = false
        /// Whether every file of /run/secrets is a secret that it sees.
        public var takesSecrets = false
        /// Variables that the agent sees with these values, sorted by name.
        public var set: [Variable] = []
    }

    public struct Variable: Equatable, Sendable {
        public var name: String
        public var value: String
    }

    public enum Owner: String, CaseIterable, Sendable {
        case root
        case agent
    }

    /// A file system in memory over a writable path.
    public struct Tmpfs: Equatable, Sendable {
        public var path: String
        /// Octets.
        public var size: Int
        public var owner = Owner.agent
        /// Permission bits.
        public var mode: UInt32 = 0o755
    }

    public struct Link: Equatable, Sendable {
        public var path: String
        public var target: String
    }

    /// A file that is put in place at boot.
    public struct File: Equatable, Sendable {
        public enum Contents: Equatable, Sendable {
            case text(String)
            /// A file of the image, or one mounted over it.
            case source(String)
        }

        public var path: String
        public var contents: Contents
        public var owner = Owner.agent
        public var mode: UInt32 = 0o644
        /// Whether boot stops when the source is missing.
        public var isRequired = true
    }

    public struct Egress: Equatable, Sendable {
        /// Allowlist files, read in this order.
        public var allowlists = ["/opt/network/domains.conf"]
        /// Rules besides theirs.
        public var allowed: [String] = []
        /// DNS servers; none means those of the container's /etc/resolv.conf.
        public var upstreams: [String] = []
        /// Ports that may be reached from outside: `8080/tcp`, or the name of a setting that has one.
        public var published: [String] = []
        /// Settings that hold `host:port`, each opened for that host and port alone.
        public var targets: [String] = []
    }

    /// What `codetainer health` looks at besides PID 1.
    public struct Health: Equatable, Sendable {
        /// A TCP port on which the agent accepts connections, through loopback.
        public var port: UInt16?
        /// The setting that has it instead.
        public var portSetting: String?
    }

    /// Where collectors get what `codetainer status --format prometheus` prints.
    public struct Metrics: Equatable, Sendable {
        /// The TCP port of a server beside PID 1, open from outside; none is started without.
        public var port: UInt16?
    }

    public struct Workspace: Equatable, Sendable {
        /// Where the agent works when nothing was cloned.
        public var path = "/workspace"
        /// Where `REPO_URL` is cloned, and the agent works then.
        public var repository = "/workspace/repo"
        /// Whether the parent of a fork becomes the remote `upstream`.
        public var tracksUpstream = false
        /// Whether git asks GitHub by ssh where it is told to, not by https.
        public var usesSSH = false
    }
}
