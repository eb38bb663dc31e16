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
        let form = logForm(variables["CODETAINER_LOG"])
        let log = Logger(label: EventLog.label) { _ in EventLog(form: form) }
        do {
            try Privileges.forbidDumping()
            System.setFileCreationMask(0o022)
            let boot = try BootSequence(
                environment: variables, executable: try System.executablePath(), log: log,
                logsJSON: form == .json, wipeEnvironment: ProcessVectors.wipeEnvironment)
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

    private static func logForm(_ value: String?) -> EventLog.Form {
        guard let value, !value.isEmpty else { return .human }
        guard let form = EventLog.Form(rawValue: value) else {
            Terminal.fail(
                "CODETAINER_LOG \"\(value)\" must be human or json",
                code: ExitCode.configuration.rawValue)
        }
        return form
    }
}
