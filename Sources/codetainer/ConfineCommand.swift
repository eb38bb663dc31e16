import Boot
import Confinement
import Linux
import Logging
import Supervision
import SystemPackage

/// `codetainer confine [OPTIONS] -- COMMAND`: confines itself, then becomes the command.
enum ConfineCommand {
    static func run(_ words: [String], _ process: ProcessVectors) -> Never {
        // Before the command only: `confine -- ls --help` is a question to ls.
        if let first = words.first(where: { !$0.hasPrefix("-") || isHelp($0) || $0 == "--" }),
            isHelp(first)
        {
            OperatorCommands.explain("confine")
        }
        var form = LogSettings.Form.human
        do {
            let (cage, command) = try Cage.parse(words)
            if cage.saysJSON { form = .json }
            if let directory = cage.directory { try enter(directory, as: cage.identity) }
            // Found before the cage closes, run inside it.
            let executable = try Commands.find(
                command[0], path: process.variables["PATH"] ?? Commands.defaultPath)
            var environment = process.environment
            for missing in try cage.confine(&environment) where !cage.isQuiet {
                let line = "confine: \(missing.layer.rawValue): \(missing.reason)"
                Output.write(
                    form == .json
                        ? form.line(.warning, line) : Array("codetainer: \(line)\n".utf8), to: 2)
            }
            become(executable, command, environment, form)
        } catch let error as Cage.UsageError {
            Terminal.fail("confine: \(error)", code: ExitCode.usage.rawValue)
        } catch let error as Commands.LookUpError {
            Terminal.fail("confine: \(error)", code: error.code, as: form)
        } catch {
            Terminal.fail("confine: \(error)", code: ExitCode.system.rawValue, as: form)
        }
    }

    /// Root without CAP_DAC_OVERRIDE cannot enter what is its owner's alone; the owner can.
    static func enter(_ directory: String, as identity: Cage.Identity?)
        throws(SystemCallError)
    {
        do throws(SystemCallError) {
            try Commands.enterDirectory(directory)
        } catch {
            guard error.cause == .permissionDenied, let identity else { throw error }
            try Privileges.actingOnFiles(user: identity.user, group: identity.group) {
                () throws(SystemCallError) in try Commands.enterDirectory(directory)
            }
        }
    }

    /// A program that root found may still be one that its new owner cannot run.
    private static func become(
        _ executable: String, _ command: [String], _ environment: [String],
        _ form: LogSettings.Form
    ) -> Never {
        do throws(SystemCallError) {
            try Processes.become(executable, command, environment: environment)
        } catch {
            if error.cause == .execFormatError {
                let script = SpawnRequest(executable, command).readByShell
                try? Processes.become(
                    script.executable, script.arguments, environment: environment)
            }
            Terminal.fail("confine: \(error)", code: 126, as: form)
        }
    }

    static func isHelp(_ word: String) -> Bool { word == "--help" || word == "-h" }
}
