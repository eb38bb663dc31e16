import ArgumentParser
import CStartUp
import Linux

/// The program: one file for each subcommand.
///
/// The commands that PID 1 and its children run are dispatched here, before anything touches the
/// argument parser or a JSON coder: pages that are not touched are not resident.
@main
struct Main {
    static func main() {
        codetainer_restore_environment()
        let process = ProcessVectors()
        var words = process.arguments
        // Links to the program are commands: status, attach, attach-claude.
        let name = (words.isEmpty ? "codetainer" : words.removeFirst()).split(separator: "/").last
        switch name {
        case "status": words.insert("status", at: 0)
        case "attach", "attach-claude": words.insert("attach", at: 0)
        default: break
        }
        let rest = Array(words.dropFirst())
        // Which words are a question to it, and which belong to the command, it knows itself.
        if words.first == "init" { InitCommand.run(rest, process) }
        if words.first == "confine" { ConfineCommand.run(rest, process) }
        if let command = words.first, !rest.contains(where: ConfineCommand.isHelp) {
            switch command {
            case "supervise": SuperviseCommand.run(rest)
            case "resolver": ResolverCommand.run(rest)
            case "relay": RelayCommand.run(rest)
            case "sync": SyncCommand.run(rest)
            case "run-agent": RunAgentCommand.run(rest, process)
            case "report": ReportCommand.run(rest)
            case "metrics": MetricsServerCommand.run()
            case "examine": ExamineCommand.run(rest)
            case "read-policy": ReadPolicyCommand.run(rest)
            case "probe": ProbeCommand.run(rest)
            case "workspace": WorkspaceCommand.run(rest, process)
            case "find-credentials": FindCredentialsCommand.run(rest)
            case "health": HealthCommand.run(rest)
            case "--version": Terminal.finish(saying: "codetainer \(Version.current)\n")
            default: break
            }
        }
        if words.first == "help" {
            HelpTopics.show(rest)
            OperatorCommands.refuseUnknown(rest)
        } else if rest.contains(where: ConfineCommand.isHelp) {
            OperatorCommands.refuseUnknown(words)
        }
        OperatorCommands.main(words)
    }
}

enum Version {
    /// Semantic version of the program.
    static let current = unsafe String(cString: codetainer_version())
}
