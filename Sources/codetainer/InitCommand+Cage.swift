import Boot
import Linux
import Reaper
import Supervision

/// `codetainer init --cage -- COMMAND`: the sandbox for the command of any image.
extension InitCommand {
    /// What the words ask for.
    static func cageRequest(_ options: InitOptions, _ words: [String]) throws(UsageError)
        -> CageRequest
    {
        // Before anything is opened, which would get the number of one that is closed.
        StandardStreams.fill()
        guard options.parentDeath == nil, !options.isSubreaper, !options.namesReaped else {
            throw UsageError(
                "--cage boots as PID 1: leave out --parent-death, --subreaper and --warn-reaped")
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
