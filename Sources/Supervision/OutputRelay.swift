import Confinement
public import Linux
import SystemPackage

/// `codetainer relay`: takes what a service writes from a pipe to the container's log, line by line
/// with the service's name.
///
/// A process of its own, because what a service writes may have come from the network: PID 1 reads
/// none of it, is not kept busy by it, and does not wait for a log that nobody reads. It has a uid
/// of its own, no file and no socket. PID 1 keeps both ends of the pipe, so that nothing is lost
/// when a relay or the service is replaced; it ends when all writers are gone.
public final class OutputRelay {
    /// Asks for a last line without an end, when the service has ended.
    static let flush = Signal.user2
    /// Asks for the last lines once more, when the service was given up.
    static let repeatLast = Signal.user1

    /// What ends others and not this: it ends when all is said.
    private static let ended: [Signal] = [.terminate, .hangUp, .interrupt, .quit]

    /// How long a log that takes nothing is waited for, the first time.
    private static let patience: Milliseconds = 2_000
    private static let keptLines = 10
    /// What is read at most before signals are looked at again.
    private static let share = 1 << 20

    private let form: OutputForm
    private let signals: SignalDescriptor
    private let poll: Poll
    private let outlet: Poll
    /// Whether the log is a file, which can always be written.
    private var isFile = false
    private var lines = OutputLines()
    private var last: [String] = []
    private var lost = 0
    private var chunk = [UInt8](repeating: 0, count: 16_384)

    /// How PID 1 starts one.
    ///
    /// - Parameter input: the reading end of the service's pipe, which is non-blocking.
    static func spawnRequest(
        name: String, form: LogSettings.Form, user: UInt32, executable: String, input: CInt
    ) -> SpawnRequest {
        var cage = Cage(
            identity: .init(user: user, group: user), filter: .service,
            limits: [.init(.openFiles, 64)], newSession: true,
            directory: "/")
        // It is given none.
        cage.environment = .callers
        var request = SpawnRequest(
            System.ownExecutable,
            ["codetainer", "confine"] + cage.options
                + [executable, "relay", name, form.rawValue], descriptors: [(input, 0)])
        // They may come before it has a handler for them, or ignores them.
        request.blocked = [flush, repeatLast] + ended
        return request
    }

    /// - Throws: `SystemCallError` where it cannot hear signals or its input.
    public init(name: String, form: LogSettings.Form) throws(SystemCallError) {
        self.form = OutputForm(name: name, form: form)
        for signal in Self.ended + [.pipe] { ignore(signal) }
        signals = try SignalDescriptor(blocking: [Self.flush, Self.repeatLast])
        poll = try Poll()
        outlet = try Poll()
        try poll.add(signals.descriptor.raw, for: .readable, token: 0)
        try poll.add(0, for: .readable, token: 1)
        do throws(SystemCallError) {
            try outlet.add(2, for: .writable, token: 0)
        } catch {
            guard error.cause == .notPermitted else { throw error }
            isFile = true
        }
    }

    /// Runs until every writer of the pipe is gone.
    public func run() throws(SystemCallError) {
        while true {
            let events = try poll.wait(nil)
            let hasInput = events.contains { $0.token == 1 }
            let isOver = hasInput ? try !drain() : false
            // After that: what PID 1 asks for it asks before the pipe is at its end.
            while let (signal, _) = try signals.next() {
                _ = try drain()
                say(lines.finish().map { [$0] } ?? [])
                guard signal == Self.repeatLast else { continue }
                for text in last { write(form.again(text, time: .now)) }
            }
            guard isOver else { continue }
            say(lines.finish().map { [$0] } ?? [])
            return
        }
    }

    /// Reads what is there, up to a bound.
    ///
    /// - Returns: false at the end.
    private func drain() throws(SystemCallError) -> Bool {
        var taken = 0
        while taken < Self.share, let count = try Descriptors.read(0, into: &chunk) {
            if count == 0 { return false }
            taken += count
            say(lines.take(chunk.prefix(count)))
        }
        return true
    }

    private func say(_ lines: [[UInt8]]) {
        for line in lines {
            let text = OutputLines.printable(line)
            last.append(text)
            if last.count > Self.keptLines { last.removeFirst() }
            write(form.line(text, time: .now))
        }
    }

    private func write(_ line: String) {
        // A log that was waited for in vain is tried, and no longer waited for.
        guard isWritable(within: lost > 0 ? 0 : Self.patience) else {
            lost += 1
            return
        }
        if lost > 0 {
            Output.write(Array(form.lost(lost, time: .now).utf8), to: 2)
            lost = 0
        }
        Output.write(Array(line.utf8), to: 2)
    }

    private func isWritable(within time: Milliseconds) -> Bool {
        if isFile { return true }
        let events = (try? outlet.wait(time)) ?? Poll.Events()
        return events.contains { $0.readiness.contains(.writable) }
    }
}
