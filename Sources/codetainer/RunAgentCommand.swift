import Boot
import Control
import Linux
import Session

/// `codetainer run-agent`: the agent's parent in its pane.
enum RunAgentCommand {
    static func run(_ words: [String], _ process: ProcessVectors) -> Never {
        do {
            let runner = try AgentRunner(
                plan: try RunnerPlan(parsing: words), environment: process.environment,
                path: process.variables["PATH"] ?? Commands.defaultPath,
                controlSocket: ControlClient.socket)
            System.exit(runner.run())
        } catch let error as RunnerPlan.UsageError {
            Terminal.fail("run-agent: \(error)", code: ExitCode.usage.rawValue)
        } catch {
            Terminal.fail("run-agent: \(error)", code: ExitCode.system.rawValue)
        }
    }
}
