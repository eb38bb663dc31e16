import Control
import Linux
import Logging

/// An event as the one line that is written for it. Pure: time comes in as an argument.
enum LogLine {
    /// Longest line, in octets, line feed included: a pipe takes it whole or not at all
    /// (pipe(7), `PIPE_BUF`).
    static let longest = 4096

    /// A line for people: what it comes from, a warning marked as one, the message.
    static func human(_ level: Logger.Level, _ message: String, colour: Bool = false) -> [UInt8] {
        var mark = "\(EventLog.label):"
        if level == .warning { mark += " warning:" }
        if level == .debug { mark += " debug:" }
        if colour, let code = colours[level] { mark = "\u{1b}[\(code)m\(mark)\u{1b}[0m" }
        var line = Array("\(mark) ".utf8)
        return finish(&line, message.unicodeScalars.lazy.map(shown), end: "")
    }

    /// A line for collectors: `time` (RFC 3339 §5.6, UTC), `level` and `message`.
    static func json(_ level: Logger.Level, _ message: String, time: WallTime) -> [UInt8] {
        var line = Array(
            "{\"time\":\"\(time.timestamp)\",\"level\":\"\(level.rawValue)\",\"message\":\"".utf8)
        let scalars = message.unicodeScalars.lazy.map {
            String(ControlReply.quoted(String($0)).unicodeScalars.dropFirst().dropLast())
        }
        return finish(&line, scalars, end: "\"}")
    }

    /// Adds what fits of `pieces`, then `end` and the line feed.
    private static func finish(
        _ line: inout [UInt8], _ pieces: some Sequence<String>, end: String
    ) -> [UInt8] {
        let ellipsis = "…"
        let room = longest - ellipsis.utf8.count - end.utf8.count - 1
        for piece in pieces {
            guard line.count + piece.utf8.count <= room else {
                line += ellipsis.utf8
                break
            }
            line += piece.utf8
        }
        line += end.utf8
        line.append(0x0a)
        return line
    }

    /// Select Graphic Rendition (ECMA-48 §8.3.117).
    private static let colours: [Logger.Level: Int] = [.debug: 2, .warning: 33, .error: 31]

    /// A scalar on a terminal: nothing ends the line, moves the cursor or turns the direction.
    private static func shown(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where scalar.isInvisible: "\\u{\(String(scalar.value, radix: 16))}"
        default: String(scalar)
        }
    }
}
