import Boot
import Linux
import Reaper
import Supervision

/// `codetainer init --cage -- COMMAND`: the sandbox for the command of any image.
extension InitCommand {
    /// What the words ask for.
    static func cageRequest(_ options: InitOptions, _ words: [String], _ process: ProcessVectors)
        throws(UsageError) -> CageRequest
    {
        // Before anything is opened, which would get the number of one that is closed.
        StandardStreams.fill()
        guard options.parentDeath == nil, !options.isSubreaper, !options.namesReaped else {
            throw UsageError(
                "--cage boots as PID 1: leave out --parent-death, --subreaper and --warn-reaped")
        }
        if let place = process.wordThatIsNoText {
            throw UsageError(
                "word \(place) is not UTF-8, which --cage needs: rename what it names, or leave out --cage"
            )
        }
        if let name = process.variableThatIsNoText {
            Terminal.fail(
                "init: the variable \(name) is not UTF-8, which --cage needs: give it another value, or leave out --cage",
                code: ExitCode.configuration.rawValue, as: .asked)
        }
        var terms = CommandTerms()
        for number in 1...Signal.last {
            if let other = options.rewrites[number] { terms.rewrites[number] = other }
        }
        terms.signalsGroup = options.recipient == .group
        terms.expectedCodes = Set(options.expectedCodes)
        return CageRequest(
            command: Array(words.dropFirst(options.commandStart)), user: options.user,
            writable: options.writable, published: options.published, terms: terms)
    }
}
