import Boot
import Confinement
import Linux
import Supervision

/// `codetainer relay NAME FORM`: a service's output on its way to the log, as PID 1 starts it.
enum RelayCommand {
    static func run(_ words: [String]) -> Never {
        guard words.count == 2, let form = LogSettings.Form(rawValue: words[1]) else {
            Terminal.fail("relay takes a name and a form", code: ExitCode.usage.rawValue)
        }
        do {
            let relay = try OutputRelay(name: words[0], form: form)
            try ServiceCage.enterRelay()
            try relay.run()
            System.exit(0)
        } catch {
            Terminal.fail("relay: \(error)", code: ExitCode.software.rawValue)
        }
    }
}
