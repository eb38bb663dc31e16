import Boot
import Linux
import Logging
import Supervision
import SystemPackage

/// What a command says to a person, and how it ends.
enum Terminal {
    /// Ends with `code` after printing `text` on standard output.
    static func finish(saying text: String, code: CInt = 0) -> Never {
        answer(text)
        System.exit(code)
    }

    /// Prints `text` on standard output; ends where that cannot be done.
    static func answer(_ text: String) {
        let failure = Output.write(Array(text.utf8), to: 1)
        // A reader that has heard enough is none, and where there is no output none was wanted.
        if let failure, failure != .brokenPipe, failure != .badFileDescriptor {
            fail("cannot write the answer: \(failure)", code: ExitCode.inputOutput.rawValue)
        }
    }

    /// One line on standard error for each line of `message`.
    static func say(_ message: String) {
        for line in message.split(whereSeparator: \.isNewline) {
            Output.write(Array("codetainer: \(line)\n".utf8), to: 2)
        }
    }

    /// Ends with `code` after saying `message`, to a person or to a collector of logs.
    static func fail(_ message: String, code: CInt, as form: LogSettings.Form = .human) -> Never {
        switch form {
        case .human: say(message)
        case .json: Output.write(form.line(.error, message), to: 2)
        }
        System.exit(code)
    }

    /// Whether standard output takes colours: a terminal that is not dumb, and NO_COLOR is unset.
    static func takesColour(_ environment: [String: String]) -> Bool {
        System.isTerminal(1) && environment["TERM"] != TerminalDescription.dumb
            && (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// The size of `terminal`; nil when it has none. An engine may give a terminal its size only when
    /// the program in it runs already: it is waited for, a tenth of a second.
    static func size(of terminal: CInt) -> WindowSize? {
        for _ in 0..<20 {
            guard let size = try? WindowSize(of: terminal) else { return nil }
            if size.columns > 0, size.rows > 0 { return size }
            Clock.pause(5)
        }
        return nil
    }
}
