public import Control

/// How an agent without tmux is run, on the container's own input, output and terminal.
public struct HeadlessPlan: Equatable, Sendable {
    /// The agent and its arguments.
    public var command: [String]
    public var onExit: RunnerPlan.ExitPolicy
    /// The agent's last argument; nil for none.
    public var prompt: String?
    /// The same in a file, for a runner to read.
    public var promptFile: String?
    /// Whether a runner passes signals on to the agent's process group.
    public var signalsGroup = false
    /// This program.
    public var executable: String

    public init(
        command: [String], onExit: RunnerPlan.ExitPolicy, prompt: String?, promptFile: String?,
        executable: String
    ) {
        (self.command, self.onExit, self.prompt) = (command, onExit, prompt)
        (self.promptFile, self.executable) = (promptFile, executable)
    }

    /// Who starts the agent again is its runner, which has its environment: PID 1 keeps none, for
    /// there may be secrets in it. An agent that runs once is PID 1's own child.
    public var kind: SessionFacts.Kind { onExit == .restart ? .runner : .agent }

    /// What is started in the agent's cage.
    public var words: [String] {
        switch kind {
        case .tmux, .agent: command + (prompt.map { [$0] } ?? [])
        case .runner:
            runnerPlan.commandLine(executable: executable)
        }
    }

    private var runnerPlan: RunnerPlan {
        var plan = RunnerPlan(command: command, prompt: promptFile, onExit: onExit)
        plan.signalsGroup = signalsGroup
        return plan
    }
}
