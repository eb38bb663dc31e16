public import Linux

/// Shows a program on an operator's terminal without handing the terminal over.
///
/// The tmux client passes its terminal to the agent's server (SCM_RIGHTS), which may keep it: it
/// could then read what is typed into root's shell, long after the operator has detached. So the
/// client gets a pseudo terminal, in a session of its own, and this carries octets between the two.
/// It parses none of them: what the agent draws is the operator's terminal's to judge, as before.
///
/// The end of the relay closes the pseudo terminal's master; whoever kept the slave has nothing.
public struct TerminalRelay: ~Copyable {
    /// How long a client that was told to end, or has closed its terminal, may take.
    private let patience: Milliseconds
    /// What a client that has ended may still show. Somebody else may hold its terminal and never
    /// stop writing, hence limits; the kernel keeps 64 KiB, and the line discipline 4 KiB.
    private static let lastWords = (octets: 128 << 10, patience: Milliseconds(1_000))

    private let terminal: OwnedDescriptor
    private let client: PseudoTerminal
    private let signals: SignalDescriptor

    /// - Parameter terminal: the operator's.
    public init(terminal: CInt, patience: Milliseconds = 2_000) throws(SystemCallError) {
        let opened = try PseudoTerminal.reopen(terminal)
        let client = try PseudoTerminal()
        let signals = try SignalDescriptor(blocking: [
            .windowChange, .terminate, .hangUp, .interrupt, .quit, .terminalStop,
        ])
        self.terminal = opened
        self.client = client
        self.signals = signals
        self.patience = patience
    }

    /// Where the client's end is, for tests.
    var clientPath: String { client.path }

    /// Runs a program to its end.
    ///
    /// - Returns: how it ended; `SIGKILL` when it would not.
    public consuming func run(_ program: SpawnRequest) throws(SystemCallError) -> ExitStatus {
        let settings = try TerminalSettings(of: terminal.raw)
        try settings.apply(to: client.master.raw)
        try WindowSize(of: terminal.raw).apply(to: client.master.raw)
        try settings.raw.apply(to: terminal.raw)
        defer {
            // A terminal answers some of what is written to it. An answer to the agent's writing is
            // not to be read by the shell that comes next.
            TerminalSettings.discardInput(of: terminal.raw)
            try? settings.apply(to: terminal.raw)
        }
        var program = program
        program.newSession = true
        program.terminal = client.path
        return try relay(try Processes.spawn(program))
    }

    private enum Source: UInt64 {
        case terminal, client, signals, end
    }

    private borrowing func relay(_ process: CInt) throws(SystemCallError) -> ExitStatus {
        let end = try Processes.endDescriptor(of: process)
        let poll = try Poll()
        try poll.add(signals.descriptor.raw, for: .readable, token: Source.signals.rawValue)
        try poll.add(end.raw, for: .readable, token: Source.end.rawValue)
        var terminalWatch = Watch(terminal.raw, token: Source.terminal.rawValue)
        var clientWatch = Watch(client.master.raw, token: Source.client.rawValue)
        var keys = Flow()
        var picture = Flow()
        var deadline: Instant?
        while true {
            if let due = deadline, due <= .now {
                try? send(.kill, to: process)
                showLastWords(after: picture)
                try Self.reap(process, end: end)
                return .signalled(.kill)
            }
            try terminalWatch.update(reads: keys.isEmpty, writes: !picture.isEmpty, in: poll)
            try clientWatch.update(reads: picture.isEmpty, writes: !keys.isEmpty, in: poll)
            for event in try poll.wait(deadline.map { $0.since(.now) }) {
                switch Source(rawValue: event.token) {
                case .terminal:
                    guard !keys.take(event.readiness, from: terminal) else { continue }
                    try terminalWatch.end(in: poll)
                    Self.tell(process, .hangUp)
                    deadline = deadline ?? .now + patience
                case .client:
                    guard !picture.take(event.readiness, from: client.master) else { continue }
                    // It is about to end; if not, nobody can leave it any more.
                    try clientWatch.end(in: poll)
                    deadline = deadline ?? .now + patience
                case .signals:
                    while let (signal, _) = try signals.next() {
                        switch signal {
                        case .windowChange:
                            try? WindowSize(of: terminal.raw).apply(to: client.master.raw)
                        case .terminalStop: break  // would leave the terminal raw
                        default:
                            Self.tell(process, signal == .hangUp ? .hangUp : .terminate)
                            deadline = deadline ?? .now + patience
                        }
                    }
                case .end, nil:
                    let status = try Processes.wait(for: process)
                    showLastWords(after: picture)
                    return status
                }
            }
            // Mostly there is room, and no need to ask for it first.
            picture.drain(into: terminal)
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

/// Octets on their way in one direction: read again when all of them are written.
private struct Flow {
    /// As many as may be on their way.
    static let capacity = 16 << 10

    private var buffer = [UInt8](repeating: 0, count: capacity)
    private var pending = 0..<0

    var isEmpty: Bool { pending.isEmpty }
    var octets: [UInt8] { Array(buffer[pending]) }

    /// Reads, once, from a source with this readiness; false when the source is gone.
    mutating func take(_ readiness: Readiness, from source: borrowing OwnedDescriptor) -> Bool {
        guard readiness.isDisjoint(with: [.hungUp, .failed]) else { return false }
        guard readiness.contains(.readable), isEmpty else { return true }
        do throws(SystemCallError) {
            guard let count = try source.read(into: &buffer) else { return true }
            pending = 0..<count
            return count > 0
        } catch {
            return false
        }
    }

    /// Writes what there is room for; everything is lost on a sink that is gone.
    mutating func drain(into sink: borrowing OwnedDescriptor) {
        guard !isEmpty else { return }
        do throws(SystemCallError) {
            guard let count = try sink.write(buffer[pending]) else { return }
            pending = pending.dropFirst(count)
        } catch {
            pending = 0..<0
        }
    }
}

/// What a descriptor is watched for; the kernel is told of changes only.
private struct Watch {
    private let descriptor: CInt
    private let token: UInt64
    /// Nil before and after.
    private var readiness: Readiness?
    private var hasEnded = false

    init(_ descriptor: CInt, token: UInt64) { (self.descriptor, self.token) = (descriptor, token) }

    mutating func update(reads: Bool, writes: Bool, in poll: borrowing Poll)
        throws(SystemCallError)
    {
        guard !hasEnded else { return }
        var wanted: Readiness = reads ? .readable : []
        if writes { wanted.insert(.writable) }
        guard wanted != readiness else { return }
        if readiness == nil {
            try poll.add(descriptor, for: wanted, token: token)
        } else {
            try poll.modify(descriptor, for: wanted, token: token)
        }
        readiness = wanted
    }

    /// A hang-up is reported whether it is asked for or not, and for ever: no more of it.
    mutating func end(in poll: borrowing Poll) throws(SystemCallError) {
        guard !hasEnded else { return }
        hasEnded = true
        try poll.remove(descriptor)
    }
}
