import ArgumentParser
import Linux

/// The commands for people. Those that PID 1 runs are dispatched in `Main` before this.
struct OperatorCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codetainer",
        abstract: "PID 1 of a container in which a coding agent is locked up.",
        discussion: "`codetainer help` also explains profile, variables and allowlist.",
        version: "codetainer \(Version.current)",
        subcommands: [
            StatusCommand.self, LogsCommand.self, VerifyCommand.self, AttachCommand.self,
            EnterCommand.self,
            AllowCommand.self,
            DenyCommand.self,
            ReloadCommand.self, UpgradeCommand.self, PolicyCommand.self, ProfileCommand.self,
            CredentialCommand.self,
            VersionCommand.self, InitHelp.self, ConfineHelp.self, HealthHelp.self,
        ])

    /// Ends with the help of a command that is dispatched before the parser.
    static func explain(_ command: String) -> Never {
        main([command, "--help"])
        System.exit(0)
    }
}

/// Help for `health`, which is dispatched before the parser.
struct HealthHelp: DescribedOnly {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "End with 0 when the container works, else 1: for Docker's HEALTHCHECK.")
}
