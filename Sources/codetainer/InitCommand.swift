import Boot
import Linux
import Logging
import Reaper
import Supervision

/// `codetainer init`: PID 1 of a container, from the first instruction to the closing exec; or with
/// a command, an init for that and nothing else.
enum InitCommand {
    static func run(_ words: [String], _ process: ProcessVectors) -> Never {
        if words.isEmpty { boot(process) }
        do throws(UsageError) {
            // Not by way of a dictionary: a third of the time that the command waits for its start.
            let options = try InitOptions(parsing: words) { name in
                CommandVectors.variable(name).map { String(decoding: $0, as: UTF8.self) }
            }
            if options.wantsHelp { Terminal.finish(saying: help) }
            if options.wantsVersion { Terminal.finish(saying: "codetainer \(Version.current)\n") }
            if options.isCage {
                boot(process, try cageRequest(options, words), verbosity: options.verbosity)
            }
            let index = process.arguments.count - words.count + options.commandStart
            PlainInit.run(options, commandAt: index)
        } catch {
            Terminal.fail("init: \(error)", code: ExitCode.usage.rawValue)
        }
    }

    /// - Parameter cage: what `--cage` asks for; nil to boot a profile.
    private static func boot(
        _ process: ProcessVectors, _ cage: CageRequest? = nil, verbosity: Int = 2
    ) -> Never {
        guard System.processID == 1 else {
            Terminal.fail(
                "init without a command, or with --cage, must be PID 1 of a container: make it the image's ENTRYPOINT, without --init",
                code: ExitCode.usage.rawValue)
        }
        let variables = process.variables
        var (settings, mistakes) = LogSettings.reading(variables)
        // The command's own output should not be lost among the lines of a boot.
        if variables["CODETAINER_LOG_LEVEL"]?.isEmpty ?? true, verbosity < 2 {
            settings.level = verbosity == 0 ? .error : .warning
        }
        Secrecy.shared.hideSecrets(of: variables)
        let log = Logger(label: EventLog.label) { [settings] _ in
            EventLog(settings, isBooting: true)
        }
        guard mistakes.isEmpty else {
            for mistake in mistakes { log.error("\(mistake)") }
            System.exit(ExitCode.configuration.rawValue)
        }
        do {
            try Privileges.forbidDumping()
            System.setFileCreationMask(0o022)
            // Until there is a state to come back to, a trap ends the container.
            try Continuation.catchTraps()
            let boot = try BootSequence(
                environment: variables, cage: cage, executable: try System.executablePath(),
                log: log, settings: settings, wipeEnvironment: ProcessVectors.wipeEnvironment)
            do throws(BootFailure) {
                try boot.run()
            } catch {
                boot.end(error)
            }
        } catch {
            log.error("\(error)")
            System.exit(ExitCode.system.rawValue)
        }
    }

    static let usage = "codetainer init [[OPTIONS] [--] COMMAND [ARGUMENTS]]"

    /// What it does beyond its options, and the options.
    static let details = """
        Without a command it boots the profile that CODETAINER_PROFILE names (a name below
        /etc/codetainer/profiles, or a path): locks the container down, starts the agent in it and
        supervises it.

        With a command it is an init and nothing else, in any image: it starts the command in a
        process group of its own, hands it the terminal, gives it every signal that arrives, reaps
        orphans and ends with the command's code, or 128 and the number of the signal that ended it.

          -g, --group            signals go to the command's process group, and what is left of that
                                 when the command has ended gets SIGTERM
          -c, --single-child     signals go to the command alone: the default
          -r, --rewrite FROM:TO  in the place of signal FROM send TO, numbers or names; 0 drops it
          -e, --expect-exit N    end with 0 where the command's code is N
          -p, --parent-death SIGNAL
                                 what to get when the process that started init ends
          -s, --subreaper        not to be PID 1 is meant: no warning
          -w, --warn-reaped      say which orphans were reaped
          -V, --version          print the version and end
          -v, --verbose          say when the command starts and ends; twice, each signal as well

        CODETAINER_SIGNAL=group or child chooses between the first two. What tini and dumb-init
        read is understood: TINI_SUBREAPER, TINI_KILL_PROCESS_GROUP, TINI_VERBOSITY,
        DUMB_INIT_DEBUG=1, DUMB_INIT_SETSID (1 as --group, 0 as --single-child).

        Ends with 127 when there is no such command, 126 when it cannot be run, 64 when the options
        are wrong.

        ENTRYPOINT ["codetainer", "init", "--"]

        \(cageDetails)

        """

    private static let help = """
        OVERVIEW: Boot the container as its PID 1, or run COMMAND under an init.

        USAGE: \(usage)

        \(details)
        """
}
