import ArgumentParser

/// The commands for people. Those that PID 1 runs are dispatched in `Main` before this.
struct OperatorCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codetainer",
        abstract: "PID 1 of a container in which a coding agent is locked up.",
        version: "codetainer \(Version.current)",
        subcommands: [
            StatusCommand.self, VerifyCommand.self, AttachCommand.self, AllowCommand.self,
            DenyCommand.self,
            ReloadCommand.self, PolicyCommand.self, CredentialCommand.self,
            InitHelp.self, ConfineHelp.self, HealthHelp.self,
        ])
}

/// Help for `init`, which is dispatched before the parser.
struct InitHelp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Boot the container as its PID 1.",
        discussion: """
            Reads the profile that CODETAINER_PROFILE names (a name below \
            /etc/codetainer/profiles, or a path), locks the container down, starts the agent \
            and supervises it. Takes no arguments.
            """)
}

/// Help for `confine`, which is dispatched before the parser.
struct ConfineHelp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confine",
        abstract: "Confine itself for good, then become COMMAND.",
        usage: """
            codetainer confine [--uid N --gid N] [--seccomp agent|service|none] [--limit NAME=N]
                [--new-session] [--keep-descriptors N] [--directory DIR] -- COMMAND [ARGUMENTS]
            """,
        discussion: """
            Capabilities, bounding set and ambient set are emptied, no-new-privileges is set, no \
            core is dumped. --uid and --gid set all three ids and leave no other group. --limit \
            lowers a resource (core, nproc, nofile, memlock, msgqueue). Descriptors from 3 on are \
            closed; --keep-descriptors N keeps those below N. Ends with 127 when there is no such \
            command, 126 when it cannot be run, 71 when a layer cannot be put on.
            """)
}

/// Help for `health`, which is dispatched before the parser.
struct HealthHelp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "End with 0 when the container works, else 1: for Docker's HEALTHCHECK.")
}
