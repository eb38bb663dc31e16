import Control
import Linux

/// Cuts what a program writes into lines of bounded length, and makes each fit for a log. Pure.
struct OutputLines {
    /// Octets of a line that are kept together; a longer one becomes several. What is printed of
    /// them is at most three times as long, and so with its prefix one atomic write to a pipe
    /// (pipe(7), `PIPE_BUF`).
    static let longest = 1_280

    private var partial: [UInt8] = []

    var hasPartial: Bool { !partial.isEmpty }

    /// The lines that `octets` complete.
    mutating func take(_ octets: ArraySlice<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for octet in octets {
            if octet == 0x0a {
                if partial.last == 0x0d { partial.removeLast() }
                lines.append(partial)
                partial = []
                continue
            }
            if partial.count >= Self.longest {
                let end = Self.boundary(in: partial)
                lines.append(Array(partial[..<end]))
                partial.removeFirst(end)
            }
            partial.append(octet)
        }
        return lines
    }

    /// A last line without an end; nil when there is none.
    mutating func finish() -> [UInt8]? {
        guard hasPartial else { return nil }
        defer { partial = [] }
        return partial
    }

    /// Where a full line may be cut without cutting a character (RFC 3629 §3).
    private static func boundary(in line: [UInt8]) -> Int {
        let start = line.lastIndex { $0 & 0xc0 != 0x80 } ?? 0
        // What is not UTF-8 may have any number of continuations.
        let isOpen = start >= line.count - 3 && line[start] >= 0xc0
        return isOpen && start > 0 ? start : line.count
    }

    /// The line as text that moves no cursor and turns no writing direction: controls become their
    /// pictures, what is not UTF-8 and what else is dangerous becomes U+FFFD.
    static func printable(_ line: [UInt8]) -> String {
        var text = ""
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x09: text.unicodeScalars.append(scalar)
            case 0..<0x20: text.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value)!)
            case 0x7f: text.unicodeScalars.append("\u{2421}")
            case _ where scalar.isInvisible:
                text.unicodeScalars.append("\u{fffd}")
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// How a line of a service looks in the container's log.
struct OutputForm {
    let name: String
    let form: LogSettings.Form

    /// A line as it comes.
    func line(_ text: String, time: WallTime) -> String {
        form == .human ? "[\(name)] \(text)\n" : json("info", text, time)
    }

    /// A line that is said again, to explain an end.
    func again(_ text: String, time: WallTime) -> String {
        form == .human
            ? "\(EventLog.label): service \(name) said: \(text)\n"
            : json("error", "said: \(text)", time)
    }

    func lost(_ count: Int, time: WallTime) -> String {
        let text = "\(count) lines were lost: nobody read the log"
        return form == .human
            ? "\(EventLog.label): warning: service \(name): \(text)\n" : json("warning", text, time)
    }

    private func json(_ level: String, _ text: String, _ time: WallTime) -> String {
        "{\"time\":\"\(time.timestamp)\",\"level\":\"\(level)\",\"service\":\(ControlReply.quoted(name)),\"message\":\(ControlReply.quoted(text))}\n"
    }
}
