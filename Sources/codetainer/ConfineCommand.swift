import Boot
import Confinement
import Linux

/// `codetainer confine [OPTIONS] -- COMMAND`: confines itself, then becomes the command.
enum ConfineCommand {
    static func run(_ words: [String], _ process: ProcessVectors) -> Never {
        do {
            let (cage, command) = try Cage.parse(words)
            if let directory = cage.directory { try Commands.enterDirectory(directory) }
            // Found before the cage closes, run inside it.
            let executable = try Commands.find(command[0], path: process.variables["PATH"] ?? "")
            try cage.confine()
            become(executable, command, process)
        } catch let error as Cage.UsageError {
            Terminal.fail("confine: \(error)", code: ExitCode.usage.rawValue)
        } catch let error as Commands.LookUpError {
            Terminal.fail("confine: \(error)", code: error.code)
        } catch {
            Terminal.fail("confine: \(error)", code: ExitCode.system.rawValue)
        }
    }

    /// A program that root found may still be one that its new owner cannot run.
    private static func become(_ executable: String, _ command: [String], _ process: ProcessVectors)
        -> Never
    {
        do throws(SystemCallError) {
            try Processes.become(executable, command, environment: process.environment)
        } catch {
            Terminal.fail("confine: \(error)", code: 126)
        }
    }
}
