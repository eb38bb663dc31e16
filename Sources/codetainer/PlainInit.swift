import CStartUp
import Linux
import Reaper

/// `codetainer init -- COMMAND`: PID 1 of any container, where there is no profile.
enum PlainInit {
    static func run(_ options: InitOptions, commandAt index: Int) -> Never {
        let reaper = Reaper(options) { line in
            Output.writeWithoutWaiting(Array("codetainer: init: \(line)\n".utf8), to: 2)
        }
        do throws(Reaper.StartError) {
            let command = unsafe CommandVectors(
                words: codetainer_arguments() + index, environment: codetainer_environment())
            let started = codetainer_early_command()
            System.exit(try reaper.run(command, started: started == 0 ? nil : started))
        } catch {
            Terminal.fail("init: \(error)", code: error.code)
        }
    }
}
