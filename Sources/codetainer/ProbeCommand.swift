import Boot
import Confinement
import Linux
import Verification

/// `codetainer probe`: confines itself like the agent, then tries from inside what must fail there.
enum ProbeCommand {
    static func run(_ words: [String]) -> Never {
        do {
            let prober = try Prober(parsing: words)
            if let directory = prober.cage?.directory { try Commands.enterDirectory(directory) }
            System.exit(try prober.run() ? 0 : ExitCode.software.rawValue)
        } catch let error as Prober.UsageError {
            Terminal.fail("probe: \(error)", code: ExitCode.usage.rawValue)
        } catch {
            Terminal.fail("probe: \(error)", code: ExitCode.system.rawValue)
        }
    }
}
