/// The agent's tmux session: pane 0, four fifths of the height, runs the agent; pane 1 a login
/// shell. A value, so that tests can read the command line.
public struct SessionPlan: Equatable, Sendable {
    public var name: String
    /// The agent and its arguments.
    public var command: [String]
    /// Where both panes start.
    public var directory: String
    public var shell: String
    public var onExit: RunnerPlan.ExitPolicy
    /// A file whose contents become the agent's last argument; nil for none.
    public var prompt: String?
    /// The program that runs the agent in its pane: this one.
    public var executable: String
    public var configuration: String

    public init(
        name: String, command: [String], directory: String, shell: String,
        onExit: RunnerPlan.ExitPolicy, prompt: String?, executable: String, configuration: String
    ) {
        (self.name, self.command, self.directory) = (name, command, directory)
        (self.shell, self.onExit, self.prompt) = (shell, onExit, prompt)
        (self.executable, self.configuration) = (executable, configuration)
    }

    /// The size of the session before a client attaches, in columns and rows.
    static let size = (columns: 220, rows: 50)

    /// tmux and its arguments: one command that starts the server, the session and both panes, and
    /// prints the server's process number.
    ///
    /// - SeeAlso: tmux(1), `new-session`, `split-window`
    public var tmuxCommand: [String] {
        let runner = RunnerPlan(command: command, prompt: prompt, onExit: onExit)
        return [
            "tmux", "-f", configuration,
            "new-session", "-d", "-s", name, "-n", "agent", "-c", directory,
            "-x", "\(Self.size.columns)", "-y", "\(Self.size.rows)", "-P", "-F", "#{pid}",
        ] + runner.commandLine(executable: executable) + [
            ";", "split-window", "-d", "-v", "-l", "20%", "-c", directory, shell, "-l",
        ]
    }

    /// The process number of the server, from what tmux printed.
    public static func server(fromOutput output: [UInt8]) -> CInt? {
        let text = String(decoding: output.prefix { $0 != 0x0a }, as: UTF8.self)
        return CInt(text).flatMap { $0 > 1 ? $0 : nil }
    }

    /// Where the agent's tmux keeps its socket, below which tmux adds `tmux-UID/default`.
    public static func socketDirectory(user: UInt32) -> String { "/run/user/\(user)" }
}

/// How the agent is run in its pane.
public struct RunnerPlan: Equatable, Sendable {
    /// What happens when the agent has ended.
    public enum ExitPolicy: String, CaseIterable, Sendable {
        case keep
        case end
        case restart
    }

    public struct UsageError: Error, CustomStringConvertible {
        public let description: String
    }

    public var command: [String]
    public var prompt: String?
    public var onExit: ExitPolicy
    /// Whether what PID 1 passes on goes to the agent's process group, else to the agent alone.
    public var signalsGroup = false

    public init(command: [String], prompt: String?, onExit: ExitPolicy) {
        (self.command, self.prompt, self.onExit) = (command, prompt, onExit)
    }

    func commandLine(executable: String) -> [String] {
        var words = [executable, "run-agent", "--on-exit", onExit.rawValue]
        if let prompt { words += ["--prompt", prompt] }
        if signalsGroup { words += ["--signals", "group"] }
        return words + ["--"] + command
    }

    /// Reads the words after `run-agent`.
    public init(parsing words: [String]) throws(UsageError) {
        var rest = words[...]
        self.init(command: [], prompt: nil, onExit: .keep)
        while let word = rest.popFirst(), word != "--" {
            guard let value = rest.popFirst() else {
                throw UsageError(description: "\(word) needs a value")
            }
            switch (word, ExitPolicy(rawValue: value)) {
            case ("--on-exit", let policy?): onExit = policy
            case ("--prompt", _): prompt = value
            case ("--signals", _) where value == "group": signalsGroup = true
            default: throw UsageError(description: "\(word) \(value) is not understood")
            }
        }
        command = Array(rest)
        guard !command.isEmpty else { throw UsageError(description: "no command after --") }
    }
}
