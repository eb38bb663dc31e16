import Boot
import Linux
import Logging
import Supervision

/// `codetainer init`: PID 1 of a container, from the first instruction to the closing exec.
enum InitCommand {
    static func run(_ words: [String], _ process: ProcessVectors) -> Never {
        guard System.processID == 1 else {
            Terminal.fail(
                "init must be PID 1 of a container: make it the image's ENTRYPOINT, without --init",
                code: ExitCode.usage.rawValue)
        }
        guard words.isEmpty else {
            Terminal.fail(
                "init takes no arguments: the profile names the agent's command: choose one with CODETAINER_PROFILE",
                code: ExitCode.usage.rawValue)
        }
        let variables = process.variables
        let (settings, mistakes) = LogSettings.reading(variables)
        Secrecy.shared.hideSecrets(of: variables)
        let log = Logger(label: EventLog.label) { _ in EventLog(settings, isBooting: true) }
        guard mistakes.isEmpty else {
            for mistake in mistakes { log.error("\(mistake)") }
            System.exit(ExitCode.configuration.rawValue)
        }
        do {
            try Privileges.forbidDumping()
            System.setFileCreationMask(0o022)
            let boot = try BootSequence(
                environment: variables, executable: try System.executablePath(), log: log,
                settings: settings, wipeEnvironment: ProcessVectors.wipeEnvironment)
            try boot.run()
        } catch let failure as BootFailure {
            for message in failure.messages { log.error("\(message)") }
            System.exit(failure.code)
        } catch {
            log.error("\(error)")
            System.exit(ExitCode.system.rawValue)
        }
    }
}
