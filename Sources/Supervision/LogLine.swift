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
            "{\"time\":\"\(timestamp(time))\",\"level\":\"\(level.rawValue)\",\"message\":\"".utf8)
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

    /// `2026-11-21T16:31:13.045Z`.
    static func timestamp(_ time: WallTime) -> String {
        // The years that the form has digits for, whatever the clock was set to.
        let seconds = min(max(0, time.seconds), 253_402_300_799)
        let date = civil(day: seconds / 86_400)
        let second = seconds % 86_400
        return digits(date.year, 4) + "-" + digits(date.month, 2) + "-" + digits(date.day, 2) + "T"
            + digits(second / 3600, 2) + ":" + digits(second / 60 % 60, 2) + ":"
            + digits(second % 60, 2) + "." + digits(time.nanoseconds / 1_000_000, 3) + "Z"
    }

    /// The Gregorian date of a day counted from 1970-01-01, by years that begin with March, so that
    /// the leap day is the last of its year.
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let sinceEra = day + 719_468  // from 0000-03-01
        let era = sinceEra / 146_097
        let dayOfEra = sinceEra % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * march + 2) / 5 + 1
        )
    }

    private static func digits(_ value: Int64, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
