import Boot
import Confinement
import Linux

/// `codetainer confine [OPTIONS] -- COMMAND`: confines itself, then becomes the command.
enum ConfineCommand {
    static func run(_ words: [String], _ process: ProcessVectors) -> Never {
        // Before the command only: `confine -- ls --help` is a question to ls.
        if let first = words.first(where: { !$0.hasPrefix("-") || isHelp($0) || $0 == "--" }),
            isHelp(first)
        {
            Terminal.finish(saying: help)
        }
        do {
            let (cage, command) = try Cage.parse(words)
            if let directory = cage.directory { try Commands.enterDirectory(directory) }
            // Found before the cage closes, run inside it.
            let executable = try Commands.find(command[0], path: process.variables["PATH"] ?? "")
            var environment = process.environment
            for missing in try cage.confine(&environment) where !cage.isQuiet {
                let line = "codetainer: confine: \(missing.layer.rawValue): \(missing.reason)\n"
                Output.write(Array(line.utf8), to: 2)
            }
            become(executable, command, environment)
        } catch let error as Cage.UsageError {
            Terminal.fail("confine: \(error)", code: ExitCode.usage.rawValue)
        } catch let error as Commands.LookUpError {
            Terminal.fail("confine: \(error)", code: error.code)
        } catch {
            Terminal.fail("confine: \(error)", code: ExitCode.system.rawValue)
        }
    }

    /// A program that root found may still be one that its new owner cannot run.
    private static func become(_ executable: String, _ command: [String], _ environment: [String])
        -> Never
    {
        do throws(SystemCallError) {
            try Processes.become(executable, command, environment: environment)
        } catch {
            Terminal.fail("confine: \(error)", code: 126)
        }
    }

    static func isHelp(_ word: String) -> Bool { word == "--help" || word == "-h" }

    static let usage = "codetainer confine [OPTIONS] [--] COMMAND [ARGUMENTS]"

    /// What it does beyond its options, and the options.
    static let details = """
        Whatever the options, no capability is left in any set, root is nothing special any more,
        set-id programs gain nothing, no core is dumped, and the environment is an allow-list.

          --uid N --gid N       become these, with no other group
          --seccomp FILTER      agent (default): a developer's tools, and nothing that leaves the cage;
                                agent-userns: the same with namespaces for sandboxes inside it;
                                service: what codetainer's own services call, anything else kills;
                                none
          --landlock write=DIR  change files below DIR only; repeat for more, write= for nowhere
                     use=PATH   and open for writing what is there (devices), making nothing
                     read=DIR   read and start files below DIR only, and those that may be changed
                     execute=DIR    execute programs below DIR only
                     connect=PORT, bind=PORT    use these TCP ports only
                     scope      send no signal outside, use no abstract socket from outside
          --limit NAME=N        lower a limit: core, nproc, nofile, memlock, msgqueue
          --keep-env NAME       keep a variable besides PATH, TERM, LANG and TZ; '*' keeps all
          --keep-descriptors N  keep descriptors below N open; 3 when not given
          --new-session         start a session without a controlling terminal (setsid(2))
          --terminal            the same, with standard input for its controlling terminal
          --directory DIR       start there
          --require landlock    fail where the kernel lacks Landlock or a part of it that is
                                asked for; it is a line on standard error otherwise
          --quiet               leave that line out

        Ends with the command's own code; 127 when there is no such command, 126 when it cannot be
        run, 71 when a layer cannot be put on, 64 when the options are wrong.

        codetainer confine --uid 1000 --gid 1000 --landlock write=/tmp --landlock scope -- make

        """

    private static let help = """
        OVERVIEW: Confine itself for good, then become COMMAND.

        USAGE: \(usage)

        \(details)
        """
}
