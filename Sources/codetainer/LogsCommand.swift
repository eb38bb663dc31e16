import ArgumentParser
import Boot
import Control
import Inspection
import Linux

/// `codetainer logs`
struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what was allowed, denied and refused, one decision a line.",
        discussion: """
            A name is allowed or denied when it is asked for, a packet is refused when it is sent. \
            What is alike within ten seconds is one line with a count. The latest 512 denied names, \
            256 allowed ones and 512 refused packets are kept. docs/observing.md says more.
            """)

    /// Between two looks at the memory, while it is followed.
    private static let pause: Milliseconds = 200

    @Flag(name: .shortAndLong, help: "Go on with what happens from now on.")
    var follow = false

    @Flag(help: "Leave out what was allowed.")
    var denied = false

    @Flag(help: "One JSON object a line.")
    var json = false

    @Option(help: "Nothing older: 30s, 10m, 2h, 1d ago, or 2026-11-21T16:31:13Z.")
    var since: String?

    func validate() throws { _ = try Self.moment(since, now: .now) }

    func run() throws {
        let form = DecisionStream.Form(
            isJSON: json, takesColour: Terminal.takesColour(ProcessVectors().variables),
            deniedOnly: denied, since: try Self.moment(since, now: .now))
        do throws(SystemCallError) {
            try show(form)
        } catch {
            Terminal.fail(
                "cannot read the decisions: \(error): report this", code: ExitCode.software.rawValue
            )
        }
    }

    private func show(_ form: DecisionStream.Form) throws(SystemCallError) {
        let memory = OwnedDescriptor(adopting: Self.memory())
        var stream = try DecisionStream(mapping: memory.raw, form: form)
        let signals = try SignalDescriptor(blocking: [.interrupt, .terminate, .hangUp])
        ignore(.pipe)
        let poll = try Poll()
        try poll.add(signals.descriptor.raw, for: .readable, token: 0)
        // A pipe that nobody reads any more says so unasked; a file has nothing to say.
        try? poll.add(1, for: [], token: 1)
        repeat {
            let text = stream.next(at: .now, .now)
            if !text.isEmpty { Terminal.answer(text) }
            guard follow else { break }
        } while try poll.wait(Self.pause).isEmpty
        System.exit(0)
    }

    /// The memory that the resolver writes to, from PID 1.
    private static func memory() -> CInt {
        let answer: (descriptor: CInt?, reply: [UInt8])
        do throws(SystemCallError) {
            answer = try ControlClient.descriptor(for: .decisions)
        } catch {
            Terminal.fail(
                "codetainer is not running here: \(error): run this inside the container", code: 2)
        }
        guard let descriptor = answer.descriptor else {
            let text = String(decoding: answer.reply, as: UTF8.self)
            Terminal.fail(
                "PID 1 did not answer with its decisions: \(text): see the container's log", code: 1
            )
        }
        return descriptor
    }

    /// Seconds since 1970.
    static func moment(_ text: String?, now: WallTime) throws -> Int64? {
        guard let text else { return nil }
        if let time = WallTime(timestamp: text) { return time.seconds }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast())
        else {
            throw ValidationError(
                "--since \(text): write 30s, 10m, 2h or 1d, or 2026-11-21T16:31:13Z")
        }
        return now.seconds - Int64(count) * unit
    }
}
