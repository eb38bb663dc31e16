import CStartUp
import Linux
import Logging
import Reaper
import Supervision

/// `codetainer init -- COMMAND`: PID 1 of any container, where there is no profile.
enum PlainInit {
    static func run(_ options: InitOptions, commandAt index: Int) -> Never {
        let reaper = Reaper(options) { weight, line in
            Output.writeWithoutWaiting(Self.line(weight, line, as: .asked), to: 2)
        }
        do throws(Reaper.StartError) {
            let command = unsafe CommandVectors(
                words: codetainer_arguments() + index, environment: codetainer_environment())
            let started = codetainer_early_command()
            System.exit(try reaper.run(command, started: started == 0 ? nil : started))
        } catch {
            Terminal.fail("init: \(error)", code: error.code, as: .asked)
        }
    }

    private static func line(_ weight: Reaper.Weight, _ text: String, as form: LogSettings.Form)
        -> [UInt8]
    {
        switch (form, weight) {
        case (.human, .note): Array("codetainer: init: \(text)\n".utf8)
        case (.human, .warning): Array("codetainer: init: warning: \(text)\n".utf8)
        case (.json, .note): form.line(.info, "init: \(text)")
        case (.json, .warning): form.line(.warning, "init: \(text)")
        }
    }
}
