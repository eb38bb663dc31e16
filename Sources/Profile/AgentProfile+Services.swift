import TOML

extension AgentProfile {
    /// A program that runs beside the agent, kept running by PID 1.
    public struct Service: Equatable, Sendable {
        /// What the log, `status` and other services call it.
        public var name: String
        /// The program and its arguments.
        public var command: [String]
        /// The account of the image's /etc/passwd that it runs as.
        public var user: String
        public var directory = "/"
        public var environment = Environment()
        public var seccomp = Seccomp.agent
        /// Where Landlock lets it write; nil leaves that to permissions.
        public var writable: [String]?
        /// Processes and threads of its uid, and open files of each process, at most.
        public var limits = Limits()
        public var readiness = Readiness.none
        /// Milliseconds from its start until it must be ready.
        public var readyWithin = 30_000
        /// Milliseconds within which it must show each time that it works; nil when it need not.
        public var heartbeat: Int?
        public var restart = Restart.onFailure
        public var stopSignal = StopSignal.terminate
        /// Milliseconds from the stop signal to SIGKILL.
        public var stopGrace = 2_000
        /// Whether the container ends when it cannot stay up.
        public var isRequired = true
        /// Services that must be ready before it starts.
        public var after: [String] = []
    }

    public struct Limits: Equatable, Sendable {
        public var processes = 512
        public var openFiles = 4_096
    }

    /// A filter of `codetainer confine`.
    public enum Seccomp: String, CaseIterable, Sendable {
        case agent
        case service
        case none
    }

    /// How it is known that a service does its work.
    public enum Readiness: Equatable, Sendable {
        /// It runs.
        case none
        /// It writes a newline to this descriptor (s6's notification).
        case descriptor(Int)
        /// It accepts TCP connections on this port of the loopback.
        case port(Int)
        /// It has ended with code 0.
        case exit
    }

    /// When a service that has ended is started again.
    public enum Restart: String, CaseIterable, Sendable {
        case never
        case onFailure = "on-failure"
        case always
    }

    public enum StopSignal: String, CaseIterable, Sendable {
        case terminate = "SIGTERM"
        case interrupt = "SIGINT"
        case quit = "SIGQUIT"
        case hangUp = "SIGHUP"
        case user1 = "SIGUSR1"
        case user2 = "SIGUSR2"
        case windowChange = "SIGWINCH"
    }

    /// How long ending the container may take, in milliseconds.
    public struct Shutdown: Equatable, Sendable {
        /// From the signal to the end; Docker kills after ten seconds.
        public var total = 8_000
        /// The agent's part of it; nil for all that the others leave.
        public var agent: Int?

        /// What `total` may be.
        public static let bounds = 1_000...600_000
    }
}

extension AgentProfile.Service {
    /// Names that lines of the log and of `status` have for something else.
    private static let taken: Set<String> = ["agent", "codetainer", "resolver", "session"]

    init(reading table: inout TableReader, secrets: Set<String>) {
        self.init(reading: &table, kind: "service", secrets: secrets)
        user = table.requiredString("user")
        directory = table.optionalPath("directory") ?? directory
        readiness = table.readiness("ready") ?? readiness
        readyWithin = table.duration("ready-within", 1...600_000) ?? readyWithin
        heartbeat = table.duration("heartbeat", 100...600_000)
        if heartbeat != nil, readiness == .none || readiness == .exit {
            table.note(
                "heartbeat",
                "service.heartbeat needs a way to show that the service works: add ready = \"fd:NUMBER\" or \"port:NUMBER\""
            )
        }
        restart = table.choice("restart") ?? (readiness == .exit ? .never : .onFailure)
        if readiness == .exit, restart == .always {
            table.note(
                "restart",
                "service.restart \"always\" would start a service that is ready by exit for ever: use never or on-failure"
            )
        }
        stopSignal = table.choice("stop-signal") ?? stopSignal
        stopGrace = table.duration("stop-grace", 0...600_000) ?? stopGrace
        after = table.strings("after") ?? []
    }

    /// What steps and services have in common.
    init(reading table: inout TableReader, kind: String, secrets: Set<String>) {
        name = table.requiredString("name")
        if !name.isEmpty, !Self.isName(name) {
            table.note(
                "name",
                "\(kind).name \"\(name)\" must be lower-case letters, digits and '-', at most 32")
        } else if Self.taken.contains(name) {
            table.note("name", "\(kind).name \"\(name)\" means something else: choose another")
        }
        command = table.command()
        user = ""
        environment.set = table.variables("environment")
        environment.passed = table.strings("pass") ?? []
        for (index, name) in environment.passed.enumerated() where !isVariableName(name) {
            table.note(
                "pass", index,
                "\"\(name)\" is not the name of an environment variable: use letters, digits and _")
        }
        for (index, name) in environment.passed.enumerated() where secrets.contains(name) {
            table.note(
                "pass", index,
                "\(kind).pass \"\(name)\" is a secret, which PID 1 does not keep: mount it as a file for the \(kind)"
            )
        }
        seccomp = table.choice("seccomp") ?? seccomp
        writable = table.has("writable") ? table.absolutePaths("writable") : nil
        _ = table.has("writable") ? nil : table.strings("writable")
        limits.processes = table.integer("processes", 1...32_768) ?? limits.processes
        limits.openFiles = table.integer("open-files", 16...1_048_576) ?? limits.openFiles
        isRequired = table.bool("required") ?? isRequired
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 32 && !name.hasPrefix("-")
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (97...122).contains($0) || $0 == 45
            }
    }
}

extension AgentProfile.Shutdown {
    init(reading table: inout TableReader) {
        let total = table.duration("total", Self.bounds)
        self.init(total: total ?? AgentProfile.Shutdown().total)
        agent = table.duration("agent", 0...Self.bounds.upperBound)
        if let agent, agent > self.total {
            table.note(
                "agent",
                "shutdown.agent is longer than shutdown.total: shorten it below \(self.total) ms")
        }
    }

    private init(total: Int) { self.total = total }
}

/// Spans of time as a profile and the environment write them.
public enum Duration {
    public static let form = "write 500ms, 8s or 2m"

    /// Milliseconds: a whole number with its unit; nil when it is not one.
    public static func milliseconds(_ text: String) -> Int? {
        let units = [("ms", 1), ("s", 1_000), ("m", 60_000)]
        guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
        let digits = text.dropLast(unit.utf8.count)
        guard !digits.isEmpty, digits.utf8.count <= 9, digits.utf8.allSatisfy({ 48...57 ~= $0 }),
            let count = Int(digits)
        else { return nil }
        return count * factor
    }
}

extension TableReader {
    mutating func integer(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        let wanted = "a number from \(range.lowerBound) to \(range.upperBound)"
        return value(key, wanted) { $0.int.flatMap { range.contains($0) ? $0 : nil } }
    }

    mutating func duration(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = string(key) else { return nil }
        guard let time = Duration.milliseconds(text) else {
            note(key, "\(key) \"\(text)\" is not a time: \(Duration.form)")
            return nil
        }
        guard range.contains(time) else {
            note(
                key,
                "\(key) \"\(text)\" must be from \(range.lowerBound) to \(range.upperBound) ms")
            return nil
        }
        return time
    }

    fileprivate mutating func readiness(_ key: String) -> AgentProfile.Readiness? {
        guard let text = string(key) else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count == 2 ? Int(parts[1]) : nil) {
        case ("none", nil) where parts.count == 1: return AgentProfile.Readiness.none
        case ("exit", nil) where parts.count == 1: return .exit
        case ("fd", let number?) where 3...63 ~= number: return .descriptor(number)
        case ("port", let number?) where 1...65_535 ~= number: return .port(number)
        default:
            note(
                key,
                "\(key) \"\(text)\" must be none, exit, port:NUMBER, or fd:NUMBER from 3 to 63")
            return nil
        }
    }

    fileprivate mutating func variables(_ key: String) -> [AgentProfile.Variable] {
        let variables = stringTable(key)
        for (name, _) in variables where !isVariableName(name) {
            note(
                key, name,
                "\"\(name)\" is not the name of an environment variable: use letters, digits and _")
        }
        return variables.map { .init(name: $0.key, value: $0.value) }
    }
}
