import Linux

/// What a terminal is left with that an untrusted program has drawn on.
///
/// The agent chose what was written to it: its own tmux says what a client writes when it leaves.
extension TerminalRelay {
    /// How long a terminal may take to answer, before what it answers is taken for typed.
    static let answerTime: Milliseconds = 1_000
    /// The same when this process was told to end: whoever told it does not wait for long.
    static let hurriedAnswerTime: Milliseconds = 250
    /// For so long nothing more has come when all that was asked for has.
    private static let silence: Milliseconds = 100

    /// A terminal that nobody has changed (DECSTR, and xterm's ctlseqs): character set, scrolling
    /// region, wrapping, keyboard lock, insertion; mouse, focus and paste reports, cursor keys, the
    /// keypad, reports of keys, the cursor, colours. The region's end moves the cursor, which comes
    /// back.
    static let plainModes =
        "\u{1b}[!p\u{1b}7\u{1b}[r\u{1b}8\u{1b}(B\u{0f}\u{1b}[?7h\u{1b}[2;4;20l"
        + "\u{1b}[?1000;1002;1003;1005;1006;1004;2004;1l\u{1b}>\u{1b}[>4m\u{1b}[=0u\u{1b}[<99u"
        + "\u{1b}[?25h\u{1b}[0m\r"

    /// Takes all that the terminal still answers to what was written to it: the shell that comes next
    /// would read it as typed, and the agent can choose words that a shell runs.
    ///
    /// A terminal answers in order. So it is asked for its cursor's place last, put where nobody else
    /// can know (ECMA-48, CPR and DSR), and everything up to the answer and a silence is lost.
    ///
    /// - Returns: who has told this process to end meanwhile.
    borrowing func fence(patience: Milliseconds) -> Cause? {
        let size = try? WindowSize(of: terminal.raw)
        let row = UInt16.random(in: 1...max(2, size?.rows ?? 0))
        let column = UInt16.random(in: 1...max(2, size?.columns ?? 0))
        let question = "\u{1b}7\u{1b}[\(row);\(column)H\u{1b}[6n\u{1b}8"
        let answer = Array("\u{1b}[\(row);\(column)R".utf8)
        var deadline = Instant.now + patience
        var teller: Cause?
        guard
            (try? Output.writeBounded(Array(question.utf8), to: terminal.raw, patience: patience))
                != nil, let poll = try? Poll(),
            (try? poll.add(terminal.raw, for: .readable, token: 0)) != nil,
            (try? poll.add(signals.descriptor.raw, for: .readable, token: 1)) != nil
        else { return nil }
        var recent: [UInt8] = []
        var isAnswered = false
        var chunk = [UInt8](repeating: 0, count: Flow.capacity)
        while Instant.now < deadline {
            let rest = deadline.since(.now)
            guard let events = try? poll.wait(isAnswered ? min(rest, Self.silence) : rest) else {
                return teller
            }
            if events.isEmpty, isAnswered { return teller }
            while let (signal, sender) = (try? signals.next()).flatMap({ $0 }) {
                guard signal != .windowChange, signal != .terminalStop, teller == nil else {
                    continue
                }
                teller = .told(signal, sender: sender)
                deadline = min(deadline, .now + Self.hurriedAnswerTime)
            }
            guard events.contains(where: { $0.token == 0 }) else { continue }
            let received: Int?
            do throws(SystemCallError) {
                received = try terminal.read(into: &chunk)
            } catch {
                return teller
            }
            guard received != 0 else { return teller }
            guard let count = received, !isAnswered else { continue }
            recent += chunk.prefix(count)
            isAnswered = Self.contains(answer, in: recent)
            recent = Array(recent.suffix(answer.count))
        }
        return teller
    }

    private static func contains(_ part: [UInt8], in whole: [UInt8]) -> Bool {
        guard whole.count >= part.count else { return false }
        return (0...whole.count - part.count).contains { start in
            whole[start..<start + part.count].elementsEqual(part)
        }
    }
}
