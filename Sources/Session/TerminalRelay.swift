public import Linux

/// Shows a program on an operator's terminal without handing the terminal over.
///
/// The tmux client passes its terminal to the agent's server (SCM_RIGHTS), which may keep it: it
/// could then read what is typed into root's shell, long after the operator has detached. So the
/// client gets a pseudo terminal, in a session of its own, and this carries octets between the two.
/// It parses none of them: what the agent draws is the operator's terminal's to judge, as before.
///
/// The end of the relay closes the pseudo terminal's master; whoever kept the slave has nothing, and
/// the client, for which that is a hang-up, ends: also when the relay is killed.
///
/// A watcher's keys are kept here, because the tmux that would refuse them is the agent's. So are the
/// answers of the terminal to what the agent writes to it.
public struct TerminalRelay: ~Copyable {
    /// How long a client that was told to end, or has closed its terminal, may take.
    private let patience: Milliseconds
    /// What a client that has ended may still show. Somebody else may hold its terminal and never
    /// stop writing, hence limits; the kernel keeps 64 KiB, and the line discipline 4 KiB.
    private static let lastWords = (octets: 128 << 10, patience: Milliseconds(1_000))

    /// How long the operator's terminal may take nothing of what there is to show. Docker keeps the
    /// terminal of an exec whose client was killed, reads nothing of it any more, and says nothing.
    private let attention: Milliseconds
    /// More rows, or columns, than any screen has.
    private static let longestSide: UInt16 = 1_000
    private let isReadOnly: Bool

    /// tmux's keys for it, C-b d.
    private static let detach: (UInt8, UInt8) = (0x02, 0x64)

    let terminal: OwnedDescriptor
    private let client: PseudoTerminal
    let signals: SignalDescriptor

    /// Why the relay has ended.
    public enum Cause: Equatable, Sendable {
        /// The client did, by itself.
        case client
        /// The operator has left, by the keys for it.
        case left
        /// The operator's terminal is gone, or takes nothing any more.
        case terminalGone
        /// This process was told to, by that one.
        case told(Signal, sender: CInt)
    }

    /// - Parameters:
    ///   - terminal: the operator's.
    ///   - isReadOnly: passes no key on. `C-c` leaves, too. `C-b d` does in any case: a client that has
    ///     not ended when `patience` is over is killed.
    public init(
        terminal: CInt, isReadOnly: Bool = false, patience: Milliseconds = 2_000,
        attention: Milliseconds = .seconds(300)
    ) throws(SystemCallError) {
        let opened = try PseudoTerminal.reopen(terminal)
        let client = try PseudoTerminal()
        let signals = try SignalDescriptor(blocking: [
            .windowChange, .terminate, .hangUp, .interrupt, .quit, .terminalStop,
        ])
        self.terminal = opened
        self.client = client
        self.signals = signals
        self.patience = patience
        self.attention = attention
        self.isReadOnly = isReadOnly
    }

    /// How large the client is told that its terminal is: of one that says 65,535 rows and columns,
    /// tmux would draw each of the cells.
    public static func size(of terminal: CInt) throws(SystemCallError) -> WindowSize {
        let size = try WindowSize(of: terminal)
        return WindowSize(
            rows: min(size.rows, longestSide), columns: min(size.columns, longestSide),
            width: size.width, height: size.height)
    }

    /// Where the client's end is, for tests.
    var clientPath: String { client.path }

    /// Runs a program to its end.
    ///
    /// - Returns: how it ended, `SIGKILL` when it would not; and why.
    public consuming func run(_ program: SpawnRequest) throws(SystemCallError) -> (
        status: ExitStatus, cause: Cause
    ) {
        let settings = try TerminalSettings(of: terminal.raw)
        try settings.apply(to: client.master.raw)
        try Self.size(of: terminal.raw).apply(to: client.master.raw)
        try settings.raw.apply(to: terminal.raw)
        defer {
            TerminalSettings.discardInput(of: terminal.raw)
            try? settings.apply(to: terminal.raw)
        }
        var program = program
        program.newSession = true
        program.terminal = client.path
        var cause = Cause.client
        let status = try relay(try Processes.spawn(program), &cause)
        resetTerminal(after: status)
        switch cause {
        case .terminalGone: break
        case .told: _ = fence(patience: Self.hurriedAnswerTime)
        case .client, .left:
            if let teller = fence(patience: Self.answerTime) { cause = teller }
        }
        return (status, cause)
    }

    /// Undoes what tmux does to a terminal, which a client that was killed or whose server was has
    /// not, and what the agent had one that ended well do. Leaving the alternate screen brings the
    /// cursor's old place back (1049, against 1047), which is right only where that screen is certain
    /// to be shown.
    private borrowing func resetTerminal(after status: ExitStatus) {
        var text = Self.plainModes
        switch status {
        case .exited(0): break
        case .signalled: text += "\u{1b}[?1049l"
        default: text += "\u{1b}[?1047l"
        }
        try? Output.writeBounded(
            Array(text.utf8), to: terminal.raw, patience: Self.lastWords.patience)
    }

    private enum Source: UInt64 {
        case terminal, client, signals, end
    }

    private borrowing func relay(_ process: CInt, _ cause: inout Cause) throws(SystemCallError)
        -> ExitStatus
    {
        let end = try Processes.endDescriptor(of: process)
        let poll = try Poll()
        try poll.add(signals.descriptor.raw, for: .readable, token: Source.signals.rawValue)
        try poll.add(end.raw, for: .readable, token: Source.end.rawValue)
        var terminalWatch = Watch(terminal.raw, token: Source.terminal.rawValue)
        var clientWatch = Watch(client.master.raw, token: Source.client.rawValue)
        var keys = Flow()
        var picture = Flow()
        var leaveKeys = LeaveKeys()
        var deadline: Instant?
        /// When the terminal has last taken something, or had nothing to take.
        var attended = Instant.now
        while true {
            if picture.isEmpty { attended = .now }
            if deadline == nil, attended + attention <= .now {
                Self.tell(process, .hangUp)
                (cause, deadline) = (.terminalGone, .now + patience)
            }
            if let due = deadline, due <= .now {
                try? send(.kill, to: process)
                showLastWords(after: picture)
                try Self.reap(process, end: end)
                return .signalled(.kill)
            }
            try terminalWatch.update(reads: keys.isEmpty, writes: !picture.isEmpty, in: poll)
            try clientWatch.update(reads: picture.isEmpty, writes: !keys.isEmpty, in: poll)
            let due = deadline ?? (picture.isEmpty ? nil : attended + attention)
            for event in try poll.wait(due.map { $0.since(.now) }) {
                switch Source(rawValue: event.token) {
                case .terminal:
                    if keys.take(event.readiness, from: terminal) {
                        guard isReadOnly else {
                            // A client that does not obey it is the agent's, not the operator's.
                            if leaveKeys.detach(in: keys.octets), deadline == nil {
                                (cause, deadline) = (.left, .now + patience)
                            }
                            continue
                        }
                        let leaves = leaveKeys.leave(in: keys.octets)
                        keys.drop()
                        guard leaves, deadline == nil else { continue }
                        // The client puts the terminal back and says so, where the agent has not
                        // given its keys another meaning.
                        keys.replace(with: Self.detach)
                        (cause, deadline) = (.left, .now + patience)
                        continue
                    }
                    try terminalWatch.end(in: poll)
                    Self.tell(process, .hangUp)
                    if deadline == nil { (cause, deadline) = (.terminalGone, .now + patience) }
                case .client:
                    guard !picture.take(event.readiness, from: client.master) else { continue }
                    // It is about to end; if not, nobody can leave it any more.
                    try clientWatch.end(in: poll)
                    deadline = deadline ?? .now + patience
                case .signals:
                    while let (signal, sender) = try signals.next() {
                        switch signal {
                        case .windowChange:
                            try? Self.size(of: terminal.raw).apply(to: client.master.raw)
                        case .terminalStop: break  // would leave the terminal raw
                        default:
                            Self.tell(process, signal == .hangUp ? .hangUp : .terminate)
                            if deadline == nil {
                                cause = .told(signal, sender: sender)
                                deadline = .now + patience
                            }
                        }
                    }
                case .end, nil:
                    let status = try Processes.wait(for: process)
                    showLastWords(after: picture)
                    return status
                }
            }
            // Mostly there is room, and no need to ask for it first.
            if picture.drain(into: terminal) { attended = .now }
            keys.drain(into: client.master)
        }
    }

    /// Takes what is left of a process that was killed, which is there in a moment; one that hangs
    /// in the kernel is left to whoever adopts it.
    private static func reap(_ process: CInt, end: borrowing OwnedDescriptor)
        throws(SystemCallError)
    {
        let poll = try Poll()
        try poll.add(end.raw, for: .readable, token: Source.end.rawValue)
        guard try !poll.wait(1_000).isEmpty else { return }
        _ = try Processes.wait(for: process)
    }

    /// A stopped process takes a signal only once it goes on.
    private static func tell(_ process: CInt, _ signal: Signal) {
        try? send(signal, to: process)
        try? send(.continue, to: process)
    }

    private borrowing func showLastWords(after picture: Flow) {
        var words = picture.octets
        var chunk = [UInt8](repeating: 0, count: Flow.capacity)
        while words.count < Self.lastWords.octets,
            let count = (try? client.master.read(into: &chunk)).flatMap({ $0 }), count > 0
        {
            words += chunk.prefix(count)
        }
        try? Output.writeBounded(words, to: terminal.raw, patience: Self.lastWords.patience)
    }
}
