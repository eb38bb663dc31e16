import Linux
import SystemPackage
import TestSupport
import Testing

/// An init under test with what its command says, line by line; ended with the test.
final class Running {
    let process: CInt
    private let output: OwnedDescriptor
    private var pending: [UInt8] = []
    private var isOver = false

    static let patience: Milliseconds = .seconds(20)

    init(_ words: [String], environment: [String] = ["PATH=\(searchPath)"]) throws {
        let pipe = try DescriptorPair.pipe()
        process = try Processes.spawn(
            SpawnRequest(
                try Commands.find(words[0], path: searchPath), words, environment: environment,
                descriptors: [(pipe.second.raw, 1)]))
        output = pipe.takeFirst()
    }

    /// `init` with these options, over a shell that runs `script`.
    convenience init(_ options: String, _ script: String, environment: [String] = []) throws {
        try self.init(
            [try codetainer(), "init", "-s"] + options.split(separator: " ").map(String.init)
                + ["--", "sh", "-c", script],
            environment: ["PATH=\(searchPath)"] + environment)
    }

    deinit {
        guard !isOver else { return }
        // The command's whole group, which would outlive it.
        let children = try? Files.text(FilePath("/proc/\(process)/task/\(process)/children"))
        for child in (children ?? "").split(separator: " ").compactMap({ CInt($0) }) {
            try? send(.kill, to: -child)
        }
        try? send(.kill, to: process)
        _ = try? Processes.wait(for: process)
    }

    /// The next line without its end; "" when there is none any more.
    func line() throws -> String {
        let poll = try Poll()
        try poll.add(output.raw, for: .readable, token: 0)
        while true {
            if let end = pending.firstIndex(of: 0x0a) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            try #require(try !poll.wait(Self.patience).isEmpty, "no line comes")
            var chunk = [UInt8](repeating: 0, count: 512)
            let count = try output.read(into: &chunk) ?? 0
            if count == 0 { return "" }
            pending += chunk.prefix(count)
        }
    }

    func wait() throws -> Linux.ExitStatus {
        isOver = true
        return try Processes.wait(for: process)
    }
}

/// Tries until it holds, for as long as one waits for anything here.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let end = Instant.now + Running.patience
    while Instant.now < end {
        if try condition() { return true }
        Clock.pause(2)
    }
    return try condition()
}

/// R, S, D, Z or T, as proc_pid_stat(5) has it; "" when there is no such process.
func state(_ process: CInt) -> String {
    guard let text = try? Files.text(FilePath("/proc/\(process)/stat")),
        let end = text.lastIndex(of: ")")
    else { return "" }
    return String(text[end...].dropFirst(2).prefix(1))
}

/// Says the number of every signal it gets, after "ready" with its own.
let printSignals = """
    for n in $(seq 1 31); do case $n in 9 | 17 | 19) ;; *) trap "echo $n" $n ;; esac; done
    echo ready $$; while :; do sleep 5 & wait; done
    """

extension Running {
    /// Starts that; its process number as well.
    static func printingSignals(_ options: String, environment: [String] = []) throws
        -> (running: Running, command: CInt)
    {
        let running = try Running(options, printSignals, environment: environment)
        let words = try running.line().split(separator: " ")
        return (running, try #require(words.last.flatMap { CInt($0) }))
    }
}
