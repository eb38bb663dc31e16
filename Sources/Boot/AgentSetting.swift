import Confinement
import Linux
import Profile
import Session

/// How everything that belongs to the agent is run: one cage, one environment, one directory.
struct AgentSetting {
    let configuration: BootConfiguration
    var environment: AgentEnvironment
    let socketDirectory: String
    /// What of it the agent's cage leaves in reach, and what `status` says about it.
    var reach: AgentReach { AgentReach(configuration) }
    private let executable: String

    init(configuration: BootConfiguration, secrets: SecretSet, boot: BootSequence) {
        self.configuration = configuration
        executable = boot.executable
        socketDirectory = SessionPlan.socketDirectory(user: configuration.agent.user)
        environment = AgentEnvironment(
            profile: configuration.profile, agent: configuration.agent, container: boot.container,
            secrets: secrets.exposed.merging(configuration.telemetry?.variables ?? [:]) { $1 },
            socketDirectory: socketDirectory)
    }

    var agent: Account { configuration.agent }

    /// Processes and threads of the agent's uid: far above a parallel build, far below what a
    /// kernel's process numbers allow.
    private static let mostProcesses: UInt64 = 8192

    static let promptName = "prompt"

    /// What the agent is asked first; nil when nothing is, or it takes none.
    var prompt: String? {
        configuration.profile.agent.takesPrompt ? configuration.prompt : nil
    }

    /// Where the prompt waits for the agent; nil when there is none, or the agent takes none.
    var promptFile: String? {
        prompt != nil && configuration.promptIsFile ? "\(socketDirectory)/\(Self.promptName)" : nil
    }

    /// How everything of the agent's is confined.
    func cage(in directory: String) -> Cage {
        var cage = Cage(
            identity: .init(user: agent.user, group: agent.group),
            filter: configuration.profile.agent.allowsUserNamespaces
                ? .agentWithUserNamespaces : .agent,
            limits: [.init(.processes, Self.mostProcesses)],
            newSession: true, directory: directory)
        // PID 1 and the resolver are smaller than an agent, but not than all it can start. A service
        // stays below what it runs for others.
        cage.outOfMemoryScore = configuration.profile.agent.isService ? 500 : 1000
        cage.reach = reach.reach
        // Both are the boot's: it has made the environment, and says in `status` what is missing.
        cage.environment = .callers
        cage.isQuiet = true
        return cage
    }

    /// Starts `command` as the agent, in the cage.
    ///
    /// - Parameters:
    ///   - directory: where it starts.
    ///   - output: a descriptor for its standard output; nil for the container's log.
    func spawn(_ command: [String], in directory: String, output: CInt? = nil)
        throws(SystemCallError) -> CInt
    {
        var request = request(command, in: cage(in: directory))
        request.descriptors = output.map { [(source: $0, target: CInt(1))] } ?? []
        return try Processes.spawn(request)
    }

    /// What starts `command` as the agent in `cage`.
    func request(_ command: [String], in cage: Cage) -> SpawnRequest {
        SpawnRequest(
            System.ownExecutable, ["codetainer", "confine"] + cage.options + command,
            environment: environment.entries)
    }

    /// Starts this program's internal command `words` as the agent, in the cage.
    func spawnOwn(_ words: [String], in directory: String, output: CInt? = nil)
        throws(SystemCallError) -> CInt
    {
        try spawn([executable] + words, in: directory, output: output)
    }
}
