import ArgumentParser

/// The commands for people. Those that PID 1 runs are dispatched in `Main` before this.
struct OperatorCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codetainer",
        abstract: "PID 1 of a container in which a coding agent is locked up.",
        version: "codetainer \(Version.current)",
        subcommands: [
            StatusCommand.self, LogsCommand.self, VerifyCommand.self, AttachCommand.self,
            AllowCommand.self,
            DenyCommand.self,
            ReloadCommand.self, UpgradeCommand.self, PolicyCommand.self, CredentialCommand.self,
            InitHelp.self, ConfineHelp.self, HealthHelp.self,
        ])
}

/// Help for `init`, which is dispatched before the parser.
struct InitHelp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Boot the container as its PID 1, or run COMMAND under an init.",
        usage: InitCommand.usage, discussion: InitCommand.details)
}

/// Help for `confine`, which is dispatched before the parser.
struct ConfineHelp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confine",
        abstract: "Confine itself for good, then become COMMAND.",
        usage: ConfineCommand.usage, discussion: ConfineCommand.details)
}

/// Help for `health`, which is dispatched before the parser.
struct HealthHelp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "End with 0 when the container works, else 1: for Docker's HEALTHCHECK.")
}
