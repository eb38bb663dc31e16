import Linux
import SystemPackage

/// What `scripts/bench dns` cannot do in a shell. Never part of an image.
///
///     codetainer-bench serve POLICY PORT UPSTREAM NAME
///     codetainer-bench start PORT NAME COMMAND...
///
/// The first starts our resolver as PID 1 does, and stays to be its PID 1; the second starts any
/// server and leaves it running. Both print `PROCESS MILLISECONDS`: the server's number, and the
/// time from its start to its answer to a question for NAME.
@main
struct Main {
    static func main() {
        let words = CommandLine.arguments
        do {
            switch words.dropFirst().first {
            case "serve" where words.count == 6: try Stand(words.dropFirst(2)).run()
            case "start" where words.count > 4:
                try FirstAnswer(
                    port: UInt16(words[2]) ?? 0, question: Question(words[3]),
                    command: Array(words.dropFirst(4))
                ).measure()
            default: fail("usage: see scripts/bench", code: 64)
            }
        } catch {
            fail("codetainer-bench: \(error)", code: 70)
        }
    }

    private static func fail(_ message: String, code: CInt) -> Never {
        Output.write(Array("\(message)\n".utf8), to: 2)
        System.exit(code)
    }
}
