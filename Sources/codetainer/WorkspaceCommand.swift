import Boot
import Linux
import Session

/// `codetainer workspace URL DIRECTORY [--upstream]`: clones as the agent, inside the cage, and
/// prints the remotes of the clone.
enum WorkspaceCommand {
    static func run(_ words: [String], _ process: ProcessVectors) -> Never {
        guard words.count >= 2 else {
            Terminal.fail("workspace takes a URL and a directory", code: ExitCode.usage.rawValue)
        }
        let workspace = Workspace(
            url: words[0], directory: words[1],
            tracksUpstream: words.dropFirst(2) == ["--upstream"],
            environment: process.environment + ["GIT_TERMINAL_PROMPT=0"],
            path: process.variables["PATH"] ?? "")
        do {
            Terminal.finish(saying: try workspace.clone())
        } catch {
            Terminal.fail("workspace: \(error)", code: ExitCode.unavailable.rawValue)
        }
    }
}
