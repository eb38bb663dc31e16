import Boot
import Linux
import Logging
import Session
import Supervision

/// `codetainer workspace URL DIRECTORY [--upstream] [--json]`: clones as the agent, inside the cage,
/// and prints the remotes of the clone. What git says goes to the container's log as its lines do,
/// without the agent's secrets.
enum WorkspaceCommand {
    static func run(_ words: [String], _ process: ProcessVectors) -> Never {
        guard words.count >= 2 else {
            Terminal.fail("workspace takes a URL and a directory", code: ExitCode.usage.rawValue)
        }
        var settings = LogSettings()
        if words.contains("--json") { settings.form = .json }
        let variables = process.variables
        Secrecy.shared.hideSecrets(of: variables)
        let log = Logger(label: EventLog.label) { _ in EventLog(settings, isBooting: false) }
        let workspace = Workspace(
            url: words[0], directory: words[1], tracksUpstream: words.contains("--upstream"),
            environment: process.environment + ["GIT_TERMINAL_PROMPT=0"],
            path: variables["PATH"] ?? Commands.defaultPath
        ) { log.info("git: \($0)") }
        do {
            Terminal.finish(saying: try workspace.clone())
        } catch {
            log.error("workspace: \(error)")
            System.exit(ExitCode.unavailable.rawValue)
        }
    }
}
