/// The report behind `codetainer status`, as its JSON has it.
public struct StatusReport: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, Sendable {
        /// Boot is over and every required layer is on.
        case locked = "LOCKED"
        /// Boot is over and something that must hold does not.
        case degraded = "DEGRADED"
        case booting = "BOOTING"

        /// The exit code of `codetainer status`.
        public var exitCode: CInt { self == .locked ? 0 : 1 }
    }

    public struct Boot: Codable, Equatable, Sendable {
        public struct Stage: Codable, Equatable, Sendable {
            public let name: String
            public let milliseconds: Double

            public init(name: String, milliseconds: Double) {
                (self.name, self.milliseconds) = (name, milliseconds)
            }
        }

        public let profile: String
        /// Seconds since 1970.
        public let started: Int64
        public let stages: [Stage]
        /// The stage that runs now; absent when boot is over.
        public let current: String?
        public let warnings: [String]

        public init(
            profile: String, started: Int64, stages: [Stage], current: String?, warnings: [String]
        ) {
            (self.profile, self.started, self.stages) = (profile, started, stages)
            (self.current, self.warnings) = (current, warnings)
        }
    }

    public struct Layer: Codable, Equatable, Sendable {
        public enum State: String, Codable, Sendable {
            case on
            case off
        }

        public let name: String
        public let state: State
        /// What was seen, or why the layer is off.
        public let reason: String
        /// Whether the verdict depends on it.
        public let required: Bool

        public init(name: String, state: State, reason: String, required: Bool = true) {
            (self.name, self.state) = (name, state)
            (self.reason, self.required) = (reason, required)
        }
    }

    public struct Resolver: Codable, Equatable, Sendable {
        /// 0 while it is not running.
        public let pid: CInt
        public let restarts: UInt32
        public let upstreams: [String]
        public let queries: UInt64
        public let answered: UInt64
        public let denied: UInt64

        public init(
            pid: CInt, restarts: UInt32, upstreams: [String], queries: UInt64, answered: UInt64,
            denied: UInt64
        ) {
            (self.pid, self.restarts, self.upstreams) = (pid, restarts, upstreams)
            (self.queries, self.answered, self.denied) = (queries, answered, denied)
        }
    }

    /// A program that PID 1 keeps running: the resolver, and the services of the profile.
    public struct Service: Codable, Equatable, Sendable {
        public let name: String
        /// `waiting`, `starting`, `ready`, `pausing`, `done`, `failed` or `stopping`.
        public let state: String
        /// 0 while it is not running.
        public let pid: CInt
        public let restarts: UInt32
        /// Seconds since it was started, or has ended.
        public let seconds: Int64
        public let ready: Bool
        public let required: Bool

        public init(
            name: String, state: String, pid: CInt, restarts: UInt32, seconds: Int64, ready: Bool,
            required: Bool
        ) {
            (self.name, self.state, self.pid) = (name, state, pid)
            (self.restarts, self.seconds) = (restarts, seconds)
            (self.ready, self.required) = (ready, required)
        }
    }

    public struct Grant: Codable, Equatable, Sendable {
        public let name: String
        public let address: String
        public let `protocol`: String
        public let port: UInt16
        /// Until the address closes again, unless it is answered once more.
        public let seconds: UInt64

        public init(
            name: String, address: String, protocol: String, port: UInt16, seconds: UInt64
        ) {
            (self.name, self.address, self.protocol) = (name, address, `protocol`)
            (self.port, self.seconds) = (port, seconds)
        }
    }

    public struct RefusedConnection: Codable, Equatable, Sendable {
        /// The name that gave the address, where one did.
        public let name: String?
        public let address: String
        public let `protocol`: String
        public let port: UInt16
        public let user: UInt32?
        public let count: UInt64
        /// Seconds since 1970, of the last one.
        public let time: Int64
        /// The exception of the allowlist that the name is under, and where that was written.
        public let exception: String?

        public init(
            name: String? = nil, address: String, protocol: String, port: UInt16, user: UInt32?,
            count: UInt64, time: Int64, exception: String? = nil
        ) {
            self.exception = exception
            self.name = name
            (self.address, self.protocol, self.port) = (address, `protocol`, port)
            (self.user, self.count, self.time) = (user, count, time)
        }
    }

    public struct DeniedName: Codable, Equatable, Sendable {
        public let name: String
        public let count: UInt64
        /// Seconds since 1970, of the last one.
        public let time: Int64
        /// Whether an audit saw it answer with a private address.
        public let isPrivate: Bool
        /// The exception of the allowlist that it is under, and where that was written.
        public let exception: String?

        public init(
            name: String, count: UInt64, time: Int64, isPrivate: Bool = false,
            exception: String? = nil
        ) {
            (self.name, self.count, self.time) = (name, count, time)
            (self.isPrivate, self.exception) = (isPrivate, exception)
        }
    }

    public struct Egress: Codable, Equatable, Sendable {
        public let rules: UInt32
        /// Packets that the kernel refused since boot.
        public let refusedPackets: UInt64
        /// Of those, how many more there were than are copied, so that nothing else is known of them.
        public let uncopiedPackets: UInt64
        public let refusedGrants: UInt64
        /// Grants that made way for newer ones because a set was full.
        public let evictedGrants: UInt64
        public let grants: [Grant]
        public let refused: [RefusedConnection]
        public let denied: [DeniedName]
        /// How many more of each are remembered; the list has the latest and the most frequent.
        public let moreRefused: Int
        public let moreDenied: Int
        /// How many of each are forgotten, since there was no room for them.
        public let lostRefused: UInt64
        public let lostDenied: UInt64

        public init(
            rules: UInt32, refusedPackets: UInt64, refusedGrants: UInt64, evictedGrants: UInt64,
            grants: [Grant], refused: [RefusedConnection], denied: [DeniedName],
            moreRefused: Int = 0, moreDenied: Int = 0, lostRefused: UInt64 = 0,
            lostDenied: UInt64 = 0, uncopiedPackets: UInt64 = 0
        ) {
            self.uncopiedPackets = uncopiedPackets
            (self.lostRefused, self.lostDenied) = (lostRefused, lostDenied)
            (self.moreRefused, self.moreDenied) = (moreRefused, moreDenied)
            (self.rules, self.refusedPackets) = (rules, refusedPackets)
            (self.refusedGrants, self.evictedGrants) = (refusedGrants, evictedGrants)
            self.grants = grants
            (self.refused, self.denied) = (refused, denied)
        }
    }

    public struct Session: Codable, Equatable, Sendable {
        public enum State: String, Codable, Sendable {
            case running
            /// The agent has ended; its pane says so.
            case ended
            /// The tmux server itself is gone.
            case gone
        }

        public let name: String
        public let state: State
        public let command: [String]
        /// Whether it runs without tmux: there is nothing to attach to.
        public let isHeadless: Bool
        /// The tmux server; a headless agent, or its runner.
        public let pid: CInt
        public let exitCode: CInt?
        /// Whose session it is.
        public let user: UInt32
        public let group: UInt32
        /// For how long the agent has been running; absent when it is not.
        public let seconds: Int64?

        public init(
            name: String, state: State, command: [String], pid: CInt, exitCode: CInt?,
            user: UInt32, group: UInt32, isHeadless: Bool = false, seconds: Int64? = nil
        ) {
            self.seconds = seconds
            (self.name, self.state, self.command) = (name, state, command)
            (self.pid, self.exitCode, self.isHeadless) = (pid, exitCode, isHeadless)
            (self.user, self.group) = (user, group)
        }
    }

    public struct Credentials: Codable, Equatable, Sendable {
        public struct Host: Codable, Equatable, Sendable {
            public let name: String
            /// How often git, gh or the agent got its credential.
            public let served: UInt64

            public init(name: String, served: UInt64) { (self.name, self.served) = (name, served) }
        }

        public let hosts: [Host]
        /// Questions for a host without a credential.
        public let refused: UInt64

        public init(hosts: [Host], refused: UInt64) {
            (self.hosts, self.refused) = (hosts, refused)
        }
    }

    /// PID 1 itself.
    public struct Supervisor: Codable, Equatable, Sendable {
        /// How often it trapped in its own code and came back, and what the last one was.
        public let traps: UInt32
        public let lastTrap: String?
        /// How often its program was swapped.
        public let upgrades: UInt32
        /// How often its loop stood still for more than 250 ms, and why the last time.
        public let stalls: UInt32
        public let lastStall: String?

        public init(
            traps: UInt32 = 0, lastTrap: String? = nil, upgrades: UInt32 = 0, stalls: UInt32 = 0,
            lastStall: String? = nil
        ) {
            (self.traps, self.lastTrap, self.upgrades) = (traps, lastTrap, upgrades)
            (self.stalls, self.lastStall) = (stalls, lastStall)
        }
    }

    public let verdict: Verdict
    /// Why the verdict is not LOCKED.
    public let reasons: [String]
    public let version: String
    public let boot: Boot
    public let layers: [Layer]
    public let resolver: Resolver
    public let egress: Egress
    public let session: Session?
    public let credentials: Credentials
    public let supervisor: Supervisor
    /// The agent's cage as options of `codetainer confine`; empty until boot has verified it.
    public let cage: [String]
    /// Whether everything passes and is only recorded.
    public let isAudit: Bool
    public let services: [Service]
    /// Memory and processes where their control group can be read, then every tmpfs that can be
    /// written.
    public let limits: [Limit]
    /// Absent where the image needs no licence.
    public let lease: Lease?

    public init(
        version: String, boot: Boot, layers: [Layer], resolver: Resolver, egress: Egress,
        session: Session?, credentials: Credentials, supervisor: Supervisor = Supervisor(),
        cage: [String] = [], isAudit: Bool = false, services: [Service] = [],
        limits: [Limit] = [], lease: Lease? = nil
    ) {
        self.supervisor = supervisor
        self.lease = lease
        (self.services, self.limits) = (services, limits)
        self.version = version
        (self.boot, self.layers, self.resolver) = (boot, layers, resolver)
        (self.egress, self.session, self.credentials) = (egress, session, credentials)
        (self.cage, self.isAudit) = (cage, isAudit)

        var reasons = layers.filter { $0.required && $0.state == .off }
            .map { "\($0.name) is off: \($0.reason)" }
        if resolver.pid == 0 { reasons.append("the resolver is not running") }
        for service in services
        where service.required && !service.ready && service.name != "resolver" {
            reasons.append("service \(service.name) is \(service.state)")
        }
        if let ailment = lease?.ailment { reasons.append(ailment) }
        if session?.state == .gone { reasons.append("the session's tmux server is gone") }
        if let current = boot.current {
            verdict = .booting
            reasons = ["stage \(current) is running"]
        } else {
            verdict = reasons.isEmpty ? .locked : .degraded
        }
        self.reasons = reasons
    }
}
