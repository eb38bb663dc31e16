import ArgumentParser
import Boot
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

    /// Ends where help is asked for with a word that names no command.
    static func refuseUnknown(_ words: [String]) {
        var command: any ParsableCommand.Type = Self.self
        for word in words {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-") else { return }
            guard let next = subcommands.first(where: { $0._commandName == word })
            else {
                Terminal.fail(
                    "there is no command or topic \"\(word)\": see `codetainer help`",
                    code: ExitCode.usage.rawValue)
            }
            command = next
        }
    }

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
