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
            if options.wantsHelp { OperatorCommands.explain("init") }
            if options.wantsVersion { Terminal.finish(saying: "codetainer \(Version.current)\n") }
            if options.isCage {
                boot(
                    process, try cageRequest(options, words, process),
                    verbosity: options.verbosity)
            }
            let index = process.arguments.count - words.count + options.commandStart
            PlainInit.run(options, commandAt: index)
        } catch {
            Terminal.fail("init: \(error)", code: ExitCode.usage.rawValue, as: .asked)
        }
    }

    /// - Parameter cage: what `--cage` asks for; nil to boot a profile.
    private static func boot(
        _ process: ProcessVectors, _ cage: CageRequest? = nil, verbosity: Int = 2
    ) -> Never {
        guard System.processID == 1 else {
            Terminal.fail(
                "init without a command, or with --cage, must be PID 1 of a container: make it the image's ENTRYPOINT, without --init",
                code: ExitCode.usage.rawValue, as: .asked)
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
}
