import Boot
import Control
import Linux
import SystemPackage

/// `codetainer status --watch`: the screen, drawn again as it changes.
///
/// It waits for everything at once and for nothing else: the keys, the next question, its answer, and
/// a terminal that takes what is drawn slowly.
struct StatusWatch: ~Copyable {
    /// How long PID 1 may take to answer before the screen says that it does not.
    private static let patience: Milliseconds = 5_000
    private static let lastWrite: Milliseconds = 500

    /// Why it ends.
    private enum End {
        case quit(StatusReport.Verdict)
        case signal(Signal)
        case stopped(String)
    }

    private enum Source: UInt64 { case keys, signals, answer, output }

    private let keys: OwnedDescriptor
    private let output: OwnedDescriptor
    private let signals: SignalDescriptor
    private let poll: Poll
    private let colour: Bool

    private var report: StatusReport
    private var size: WindowSize
    private var pace: RefreshPace
    private var exchange: ControlExchange?
    private var asked: Instant
    private var nextQuestion: Instant
    private var ownTime: Milliseconds
    /// The last answer was one.
    private var answered: Instant
    /// What came instead of a report.
    private var defect = ""
    private var typed = TypedLetters()
    private var frame = ScreenFrame()
    /// Whether there may be something new to draw.
    private var isDue = true
    /// What the terminal has not taken yet, and whether it is waited for.
    private var unwritten: [UInt8] = []
    private var isWaiting = false

    /// Shows `report` and those that come after it.
    static func run(from report: StatusReport, colour: Bool, interval: Milliseconds?) -> Never {
        let end: End
        do throws(SystemCallError) {
            end = try show(from: report, colour: colour, interval: interval)
        } catch {
            Terminal.fail("cannot use this terminal: \(error)", code: ExitCode.system.rawValue)
        }
        switch end {
        case .quit(let verdict): System.exit(verdict.exitCode)
        case .signal(let signal): System.exit(128 + signal.number)
        case .stopped(let reason): Terminal.fail(reason, code: 2)
        }
    }

    /// The terminal is as it was when this returns.
    private static func show(from report: StatusReport, colour: Bool, interval: Milliseconds?)
        throws(SystemCallError) -> End
    {
        let settings = try TerminalSettings(of: 0)
        var watch = try StatusWatch(report, colour: colour, interval: interval)
        try settings.raw.apply(to: 0)
        let end: End
        do throws(SystemCallError) {
            end = try watch.loop()
        } catch {
            end = .stopped("cannot go on: \(error)")
        }
        watch.giveBack(settings)
        return end
    }

    private init(_ report: StatusReport, colour: Bool, interval: Milliseconds?)
        throws(SystemCallError)
    {
        let keys = try PseudoTerminal.reopen(0)
        let output = try PseudoTerminal.reopen(1)
        let signals = try SignalDescriptor(blocking: [
            .windowChange, .terminate, .hangUp, .interrupt, .quit, .terminalStop,
        ])
        let poll = try Poll()
        try poll.add(keys.raw, for: .readable, token: Source.keys.rawValue)
        try poll.add(signals.descriptor.raw, for: .readable, token: Source.signals.rawValue)
        size = Terminal.size(of: output.raw) ?? WindowSize(rows: 0, columns: 0)
        self.keys = keys
        self.output = output
        self.signals = signals
        self.poll = poll
        self.report = report
        self.colour = colour
        pace = RefreshPace(interval)
        let now = Instant.now
        (asked, answered, nextQuestion) = (now, now, now + pace.delay)
        ownTime = ProcessorUse.current.time
    }

    private mutating func loop() throws(SystemCallError) -> End {
        unwritten = Array(ScreenFrame.enter.utf8)
        while true {
            if let end = ask(at: .now) { return end }
            draw()
            try write()
            let deadline = exchange == nil ? nextQuestion : asked + Self.patience
            for event in try poll.wait(max(0, deadline.since(.now))) {
                switch Source(rawValue: event.token) {
                case .keys: if let end = readKeys() { return end }
                case .signals: if let end = try readSignals() { return end }
                case .answer: readAnswer()
                case .output, nil: break
                }
            }
        }
    }

    // MARK: Asking

    private mutating func ask(at now: Instant) -> End? {
        if exchange != nil {
            guard asked + Self.patience <= now else { return nil }
            endExchange("PID 1 does not answer", at: now)
        }
        guard nextQuestion <= now else { return nil }
        do throws(SystemCallError) {
            let exchange = try ControlExchange(.status)
            try poll.add(
                exchange.connection.raw, for: .readable, token: Source.answer.rawValue)
            self.exchange = consume exchange
            asked = now
        } catch {
            switch error.cause {
            case .noSuchFileOrDirectory, .connectionRefused:
                return .stopped("the container has stopped: PID 1 is gone")
            default: endExchange("\(error)", at: now)
            }
        }
        return nil
    }

    private mutating func readAnswer() {
        let reply: [UInt8]?
        do throws(SystemCallError) {
            reply = try exchange?.receive()
        } catch {
            return endExchange("\(error)", at: .now)
        }
        guard let reply else { return }
        let now = Instant.now
        if ControlClient.isBusy(reply), now < answered + Self.patience {
            return endExchange("", at: now)
        }
        guard let report = try? StatusReport(json: reply) else {
            return endExchange(
                reply.isEmpty ? "PID 1 closed the connection" : StatusCommand.text(of: reply),
                at: now)
        }
        self.report = report
        answered = now
        let own = ProcessorUse.current.time
        pace.note(own: own - ownTime, answer: now.since(asked))
        ownTime = own
        endExchange("", at: now)
    }

    private mutating func endExchange(_ defect: String, at now: Instant) {
        // Closing takes it out of the poll.
        exchange = nil
        self.defect = defect
        isDue = true
        nextQuestion = max(now + 100, asked + pace.delay)
    }

    // MARK: Drawing

    /// A terminal that does not say how large it is, is as large as most.
    private var columns: Int { size.columns > 0 ? Int(size.columns) : 80 }
    private var rows: Int { size.rows > 0 ? Int(size.rows) : 24 }

    private var lines: [ScreenLine] {
        // The last line is ours.
        let screen = StatusScreen(
            report, columns: columns, rows: rows - 1, now: wallClockSeconds())
        var lines = screen.lines
        if !defect.isEmpty {
            let age = Instant.now.since(answered).nanoseconds / 1_000_000_000
            lines.insert(
                ScreenLine("NO REPORT for \(age) s: \(defect); the last one:", .strongRed), at: 0)
        }
        let seconds = pace.delay.nanoseconds / 100_000_000
        let tenth = seconds % 10 == 0 ? "" : ".\(seconds % 10)"
        lines.append(ScreenLine("q quits; every \(seconds / 10)\(tenth) s", .faint))
        return lines
    }

    /// Draws nothing while the terminal is still busy with what was drawn before.
    private mutating func draw() {
        guard isDue, unwritten.isEmpty || frame == ScreenFrame() else { return }
        isDue = false
        let new = ScreenFrame(lines, columns: columns, rows: rows, colour: colour)
        let text = frame == ScreenFrame() ? new.whole : new.update(from: frame)
        unwritten += Array(text.utf8)
        frame = new
    }

    /// Writes what the terminal takes now.
    private mutating func write() throws(SystemCallError) {
        let hadToWait = isWaiting
        while !unwritten.isEmpty {
            guard let count = try output.write(unwritten) else { break }
            unwritten.removeFirst(count)
        }
        isWaiting = !unwritten.isEmpty
        guard isWaiting != hadToWait else { return }
        if isWaiting {
            try poll.add(output.raw, for: .writable, token: Source.output.rawValue)
        } else {
            try poll.remove(output.raw)
        }
    }

    // MARK: The operator

    private mutating func readKeys() -> End? {
        var chunk = [UInt8](repeating: 0, count: 256)
        var count = 0
        do throws(SystemCallError) {
            guard let received = try keys.read(into: &chunk) else { return nil }
            count = received
        } catch {}
        guard count > 0 else { return .signal(.hangUp) }
        let quits: [UInt8] = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 0x03, 0x04]
        return typed.take(chunk.prefix(count)).contains { quits.contains($0) }
            ? .quit(report.verdict) : nil
    }

    private mutating func readSignals() throws(SystemCallError) -> End? {
        while let (signal, sender) = try signals.next() {
            switch signal {
            case .windowChange:
                size = (try? WindowSize(of: output.raw)) ?? size
                (frame, isDue) = (ScreenFrame(), true)
            case .terminalStop: break
            case .interrupt, .quit: return .quit(report.verdict)
            // It tells everyone before the container ends, and kills who stays.
            case _ where sender == 1: return .stopped("the container is stopping")
            default: return .signal(signal)
            }
        }
        return nil
    }

    // MARK: Ending

    private func giveBack(_ settings: TerminalSettings) {
        try? Output.writeBounded(
            unwritten + Array(ScreenFrame.leave.utf8), to: output.raw, patience: Self.lastWrite)
        TerminalSettings.discardInput(of: 0)
        try? settings.apply(to: 0)
    }
}
