import Confinement
import Control
import Egress
public import Linux
public import Logging
import Policy
import Profile
import Secrets
import Session
import Supervision
import SystemPackage

/// The eleven stages, one after the other; then PID 1 becomes `codetainer supervise`.
///
/// Each stage is a method in a file of its own; what one finds out the next ones read.
public final class BootSequence {
    /// Paths that the container's users rely on.
    enum Paths {
        static let run: FilePath = "/run/codetainer"
        static let controlSocket: FilePath = "/run/codetainer/control.sock"
        static let bootLog: FilePath = "/run/codetainer/boot.log"
        static let ready: FilePath = "/run/codetainer/ready"
        static let gitConfiguration = "gitconfig"
        static let remotes = "remotes"
        static let resolverFile: FilePath = "/etc/resolv.conf"
        static let tmuxConfiguration = "/etc/codetainer/tmux.conf"
    }

    /// What PID 1 needs for as long as it lives: to write grants, to signal, and to give its
    /// children another identity and nothing else.
    static let keptCapabilities: Capabilities = [
        .networkAdministration, .kill, .setUser, .setGroup, .setPCap,
    ]

    let container: [String: String]
    /// What `init --cage` is asked for; nil where a profile is booted.
    private let cage: CageRequest?
    let supervisor: Supervisor
    /// This program, as its path in the image.
    let executable: String
    /// Whether mount(2) may be called.
    let canMount: Bool
    private let log: Logger
    let wipeEnvironment: () -> Void
    /// The metrics server; nil where the profile wants none.
    var metricsService: ServiceSpecification?
    /// The licence's key, until the service has it that asks the server.
    var licenceKey: LicenceKey?

    /// - Parameters:
    ///   - environment: the container's, as PID 1 got it.
    ///   - cage: what `init --cage` is asked for; nil where a profile is booted.
    ///   - wipeEnvironment: overwrites the kernel's copy, which /proc/1/environ shows.
    public init(
        environment: [String: String], cage: CageRequest? = nil, executable: String, log: Logger,
        settings: LogSettings, wipeEnvironment: @escaping () -> Void
    ) throws(SystemCallError) {
        container = environment
        self.cage = cage
        self.executable = executable
        self.log = log
        self.wipeEnvironment = wipeEnvironment
        var configuration = Supervisor.Configuration()
        configuration.log = settings
        configuration.terms = cage?.terms ?? CommandTerms()
        supervisor = try Supervisor(log: log, configuration: configuration)
        canMount = try Privileges.capabilities().effective.contains(.systemAdministration)
        supervisor.facts.boot.started = wallClockSeconds()
    }

    /// Boots and goes on as the supervisor; returns only by throwing.
    public func run() throws(BootFailure) -> Never {
        var configuration = try stage(.configure) { () throws(BootFailure) in
            try self.configure()
        }
        let secrets = try stage(.secrets) { () throws(BootFailure) in
            try self.checkImage(configuration)
            let secrets = try self.takeSecrets(configuration)
            try self.prepareTelemetry(&configuration, secrets)
            try self.prepareLicence(&configuration)
            return secrets
        }
        let lockdown = try stage(.lockdown) { () throws(BootFailure) in
            try self.lockDown(configuration)
        }
        try stage(.filesystem) { () throws(BootFailure) in try self.prepareFiles(configuration) }
        try stage(.resolver) { () throws(BootFailure) in
            try self.startResolver(configuration, packetLog: lockdown)
        }
        var agent = AgentSetting(configuration: configuration, secrets: secrets, boot: self)
        try stage(.identity) { () throws(BootFailure) in
            try self.introduce(agent, secrets)
        }
        try stage(.harden) { () throws(BootFailure) in try self.harden(configuration) }
        try stage(.verify) { () throws(BootFailure) in
            try self.verify(agent)
            try self.verifySealed(configuration)
        }
        try stage(.workspace) { () throws(BootFailure) in
            try self.findWorkspace(configuration)
            try self.cloneWorkspace(agent)
        }
        try stage(.services) { () throws(BootFailure) in
            agent.environment.add(try self.acquireLease(configuration))
            try self.startServices(agent)
        }
        try stage(.session) { () throws(BootFailure) in try self.startAgent(agent) }
        try becomeSupervisor()
    }

    /// Ends the container because boot failed, or was told to stop: at once where nobody else is here,
    /// else in order: an operator who waits for boot is told so, and has a terminal to give back.
    public func end(_ failure: BootFailure) -> Never {
        for message in failure.messages { log.error("\(message)") }
        if supervisor.stopRequest == nil, Processes.isAlone { System.exit(failure.code) }
        supervisor.end(code: failure.code)
    }

    /// Runs one stage: times it, logs it, and stops between stages when asked to.
    private func stage<Result>(_ stage: Stage, _ body: () throws(BootFailure) -> Result)
        throws(BootFailure) -> Result
    {
        if let signal = supervisor.stopRequest { throw BootFailure(stoppedBy: signal.number) }
        supervisor.facts.boot.current = stage.rawValue
        let start = Instant.now
        do throws(BootFailure) {
            let result = try body()
            record(stage, since: start)
            return result
        } catch {
            if !error.messages.isEmpty { record(stage, since: start, hasFailed: true) }
            throw error
        }
    }

    private func record(_ stage: Stage, since start: Instant, hasFailed: Bool = false) {
        let time = Instant.now.since(start)
        supervisor.facts.boot.stages.append(
            .init(name: stage.rawValue, nanoseconds: time.nanoseconds))
        let number = (stage.number < 10 ? " " : "") + "\(stage.number)"
        let name = stage.rawValue + String(repeating: " ", count: 11 - stage.rawValue.count)
        // `attach` looks for the failed one in boot's log, whose level may leave the others out.
        log.log(
            level: hasFailed ? .error : .info,
            "[\(number)/\(Stage.allCases.count)] \(name)\(time.decimal) ms\(hasFailed ? " FAILED" : "")"
        )
    }

    /// What to do where the system refuses what no option is known to mend.
    static let refusalAdvice = "see what capabilities and limits the container was given"

    /// Does something whose failure ends boot with `code`.
    func attempting<Result>(
        _ action: String, _ code: ExitCode = .system,
        _ body: () throws(SystemCallError) -> Result
    ) throws(BootFailure) -> Result {
        do throws(SystemCallError) {
            return try body()
        } catch {
            throw BootFailure(code, "cannot \(action): \(error): \(Self.refusalAdvice)")
        }
    }

    func warn(_ message: String) {
        supervisor.facts.boot.warnings.append(message)
        log.warning("\(message)")
    }

    func note(_ message: String) { log.info("\(message)") }

    /// An optional layer that could not be put on; `status` shows it as off.
    func report(missing layer: String, _ reason: String) {
        supervisor.facts.cage.missing.append(.init(layer: layer, reason: reason))
    }

    /// Waits for a child of boot, and stops when the container is asked to.
    func wait(for process: CInt, atMost time: Milliseconds) throws(BootFailure) -> ExitStatus? {
        do throws(Supervisor.Interruption) {
            return try supervisor.wait(for: process, until: .now + time)
        } catch {
            switch error {
            case .stopped(let signal): throw BootFailure(stoppedBy: signal.number)
            case .timedOut: return nil
            }
        }
    }

    private func configure() throws(BootFailure) -> BootConfiguration {
        let configuration = try readConfiguration()
        let agent = configuration.agent
        supervisor.facts.boot.profile = configuration.profile.name
        supervisor.facts.cage.agentUser = agent.user
        supervisor.facts.cage.agentGroup = agent.group
        supervisor.facts.cage.agentName = agent.name
        supervisor.facts.cage.keptCapabilities = Self.keptCapabilities.rawValue
        supervisor.sources = configuration.sources
        supervisor.facts.egress.audits = configuration.audits
        if configuration.audits {
            warn(
                "CODETAINER_EGRESS=audit: everything passes: what the policy denies is only recorded"
            )
        }
        for remark in configuration.remarks { warn(remark) }
        supervisor.facts.egress.rules = UInt32(configuration.allowlist.rules.count)
        supervisor.facts.egress.published = configuration.published.map {
            .init(transport: $0.transport.rawValue, first: $0.ports.first, last: $0.ports.last)
        }
        supervisor.facts.healthPort = configuration.profile.health.port
        supervisor.facts.metricsPort = configuration.profile.metrics.port
        supervisor.configuration.trapLimit = configuration.trapLimit
        supervisor.configuration.endsWithAgent = configuration.profile.agent.onExit == .end
        supervisor.configuration.grace = configuration.grace
        return configuration
    }

    private func readConfiguration() throws(BootFailure) -> BootConfiguration {
        if cage != nil { try requireRoot() }
        let image = try attempting("look at the image") { () throws(SystemCallError) in
            try ImageFacts.current(canMount: canMount)
        }
        warnOfOtherProfile(image)
        guard let cage else { return try ConfigurationReader.read(container, image: image) }
        let configuration = try ConfigurationReader.read(container, cage: cage, image: image)
        warnOfWhatIsUnexpected(configuration, image)
        return configuration
    }

    /// The closing exec: nothing that boot had in memory is left after it.
    private func becomeSupervisor() throws(BootFailure) -> Never {
        supervisor.facts.boot.current = nil
        try attempting("go on as the supervisor") { () throws(SystemCallError) in
            try Directory(Paths.run).write([], to: "ready", ownership: .root(mode: 0o644))
            try self.supervisor.becomeSupervisor()
        }
        throw BootFailure(.software, "execve came back: report this")
    }
}
