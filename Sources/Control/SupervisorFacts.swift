/// What only PID 1 knows, handed to the process that writes a status report.
public struct SupervisorFacts: Equatable, Sendable {
    public var boot = BootFacts()
    public var resolver = ResolverFacts()
    public var session: SessionFacts?
    public var cage = CageFacts()
    public var egress = EgressFacts()
    public var credentials = CredentialFacts()
    public var comeback = ComebackFacts()
    /// The TCP port on which the agent must accept connections to be healthy.
    public var healthPort: UInt16?
    /// The services of the profile.
    public var services: [ServiceFacts] = []
    /// The TCP port of the metrics server; nil where there is none.
    public var metricsPort: UInt16?
    /// The lease of a licensed image; nil in any other.
    public var lease: LeaseFacts?

    public init() {}
}

/// How PID 1 itself has fared.
public struct ComebackFacts: Equatable, Sendable {
    /// How often it trapped in its own code and came back.
    public var traps: UInt32 = 0
    /// What the last one was; empty when there was none.
    public var lastTrap = ""
    /// How often its binary was swapped.
    public var upgrades: UInt32 = 0
    /// Events that kept its loop for more than 250 ms.
    public var stalls: UInt32 = 0
    /// What the last one was; empty when there was none.
    public var lastStall = ""

    public init() {}
}

/// The boot as it went.
public struct BootFacts: Equatable, Sendable {
    public struct Stage: Equatable, Sendable {
        public var name: String
        public var nanoseconds: Int64

        public init(name: String, nanoseconds: Int64) {
            (self.name, self.nanoseconds) = (name, nanoseconds)
        }
    }

    public var profile = ""
    /// Seconds since 1970.
    public var started: Int64 = 0
    public var stages: [Stage] = []
    /// The stage that runs now; nil when boot is over.
    public var current: String?
    public var warnings: [String] = []

    public init() {}
}

public struct ResolverFacts: Equatable, Sendable {
    /// 0 while it is not running.
    public var process: CInt = 0
    public var restarts: UInt32 = 0
    public var user: UInt32 = 0
    /// When it was started, in nanoseconds of the monotonic clock.
    public var since: Int64 = 0
    public var upstreams: [String] = []

    public init() {}
}

public struct ServiceFacts: Equatable, Sendable {
    /// States as PID 1 numbers them.
    public static let states = [
        "waiting", "starting", "ready", "pausing", "done", "failed", "stopping",
    ]

    public var name: String
    public var state: UInt8
    /// 0 while it is not running.
    public var process: CInt
    public var restarts: UInt32
    /// When it was started, or has ended, in nanoseconds of the monotonic clock.
    public var since: Int64
    public var isRequired: Bool

    public init(
        name: String, state: UInt8, process: CInt, restarts: UInt32, since: Int64, isRequired: Bool
    ) {
        (self.name, self.state, self.process) = (name, state, process)
        (self.restarts, self.since, self.isRequired) = (restarts, since, isRequired)
    }
}

public struct SessionFacts: Equatable, Sendable {
    /// What PID 1's child is, from which all of the agent's processes descend.
    public enum Kind: UInt8, Sendable {
        /// A tmux server, with the agent's runner in a pane.
        case tmux
        /// The agent's runner, without tmux.
        case runner
        /// The agent itself.
        case agent
    }

    public var name: String
    public var command: [String]
    public var kind: Kind
    /// PID 1's child; 0 when it has ended.
    public var server: CInt
    /// The process that runs the agent; 0 while there is none.
    public var runner: CInt = 0
    /// The code the agent ended with; nil while it runs.
    public var exitCode: CInt?
    /// When the agent was started last, in nanoseconds of the monotonic clock.
    public var since: Int64

    public init(name: String, command: [String], server: CInt, kind: Kind = .tmux, since: Int64) {
        (self.name, self.command) = (name, command)
        (self.server, self.kind, self.since) = (server, kind, since)
    }
}

/// What the cage should be, to be held against what the kernel says it is.
public struct CageFacts: Equatable, Sendable {
    public var agentUser: UInt32 = 0
    public var agentGroup: UInt32 = 0
    public var agentName = ""
    /// Paths that must be a file system with nosuid and nodev.
    public var writablePaths: [String] = []
    /// Capabilities that PID 1 keeps, as a mask.
    public var keptCapabilities: UInt64 = 0
    /// The agent's cage as options of `codetainer confine`; empty until boot has verified it.
    public var options: [String] = []
    /// What Landlock holds of the agent; empty when it is off.
    public var landlock = ""
    /// Whether the agent may make user namespaces.
    public var allowsUserNamespaces = false
    /// Optional layers that could not be put on, each with its reason.
    public var missing: [Missing] = []

    public struct Missing: Equatable, Sendable {
        public var layer: String
        public var reason: String

        public init(layer: String, reason: String) { (self.layer, self.reason) = (layer, reason) }
    }

    public init() {}
}

public struct EgressFacts: Equatable, Sendable {
    /// Ports that are open from outside: transport number, first and last port.
    public struct Published: Equatable, Sendable {
        public var transport: UInt8
        public var first: UInt16
        public var last: UInt16

        public init(transport: UInt8, first: UInt16, last: UInt16) {
            (self.transport, self.first, self.last) = (transport, first, last)
        }
    }

    public var rules: UInt32 = 0
    public var published: [Published] = []
    /// Whether everything passes, and what the policy denies is only recorded.
    public var audits = false
    /// Grants that the resolver asked for and PID 1 refused.
    public var refusedGrants: UInt64 = 0
    /// Grants that made way for newer ones because a set was full.
    public var evictedGrants: UInt64 = 0

    public init() {}
}

public struct CredentialFacts: Equatable, Sendable {
    public struct Host: Equatable, Sendable {
        public var name: String
        /// Credentials handed out for it.
        public var served: UInt64

        public init(name: String, served: UInt64) { (self.name, self.served) = (name, served) }
    }

    public var hosts: [Host] = []
    /// Questions for a host without a credential.
    public var refused: UInt64 = 0

    public init() {}
}
