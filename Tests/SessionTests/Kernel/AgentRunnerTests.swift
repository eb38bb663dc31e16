import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

/// `codetainer run-agent` with agents that are shell scripts, where no PID 1 listens.
@Suite struct AgentRunnerTests {
    private func runner(_ options: String, _ agent: String...) throws -> [String] {
        [try codetainer(), "run-agent"] + options.split(separator: " ").map(String.init) + ["--"]
            + agent
    }

    @Test(arguments: [
        ("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -SEGV $$", 139),
    ])
    func endsWithTheAgentsCode(script: String, code: CInt) throws {
        #expect(try run(try runner("--on-exit end", "sh", "-c", script)).code == code)
    }

    @Test func aCommandThatCannotRunIsSaid() throws {
        let absent = try run(try runner("--on-exit end", "no-such-agent"))
        #expect(absent.code == 127)
        #expect(
            absent.errors
                == "[codetainer] no-such-agent: command not found: check the spelling, PATH, and that the image has it\n"
        )
        #expect(try run(try runner("--on-exit end", "/etc/passwd")).code == 126)
        #expect(try run(try runner("--on-exit")).code == 64)
    }

    /// As execvp(3) has it.
    @Test func aScriptWithoutItsFirstLineIsReadByTheShell() throws {
        let scratch = try Scratch()
        let script = try scratch.write("echo \"<$0> <$1>\"; exit 6\n", to: "script", mode: 0o755)
        let ran = try run(try runner("--on-exit end", "\(script)", "word"))
        #expect(ran.output == "<\(script)> <word>\n")
        #expect(ran.code == 6)
    }

    @Test func thePromptIsTheLastArgumentAndItsFileGoes() throws {
        let scratch = try Scratch()
        let prompt = try scratch.write("two\nlines; $(id)", to: "prompt", mode: 0o600)
        let ran = try run(
            try runner("--on-exit end --prompt \(prompt)", "printf", "<%s>", "first"))
        #expect(ran.output == "<first><two\nlines; $(id)>")
        #expect(try FileStatus(of: prompt) == nil)
    }

    /// At a terminal that is gone, it does not wait for Enter.
    @Test func keepingNeedsSomebodyToPressEnter() throws {
        let ran = try run(try runner("--on-exit keep", "sh", "-c", "exit 4"))
        #expect(ran.code == 4)
        #expect(
            ran.errors == "[codetainer] sh exited with code 4. Press Enter to start it again.\n")
    }

    /// A runner whose standard input, output and error are ours.
    private struct Started: ~Copyable {
        let process: CInt
        let input: OwnedDescriptor
        let output: OwnedDescriptor
        let errors: OwnedDescriptor

        /// Waits for a line of the agent's; "" when there is none any more.
        func line() throws -> String { try Self.line(from: output) }

        /// Waits for a line of the runner's own.
        func notice() throws -> String { try Self.line(from: errors) }

        /// A line is short enough to come whole.
        private static func line(from pipe: borrowing OwnedDescriptor) throws -> String {
            var octets = [UInt8](repeating: 0, count: 128)
            let count = try pipe.read(into: &octets) ?? 0
            return String(decoding: octets.prefix(count), as: UTF8.self)
        }

        /// Closes the standard input.
        consuming func hangUp() throws -> Linux.ExitStatus {
            _ = (consume input)
            return try Processes.wait(for: process)
        }
    }

    private func start(_ options: String, _ script: String) throws -> Started {
        let input = try DescriptorPair.pipe()
        let output = try DescriptorPair.pipe()
        let errors = try DescriptorPair.pipe()
        let words = try runner(options, "sh", "-c", script)
        let process = try Processes.spawn(
            SpawnRequest(
                words[0], words, environment: ["PATH=\(searchPath)"],
                descriptors: [
                    (input.first.raw, 0), (output.second.raw, 1), (errors.second.raw, 2),
                ], newSession: true))
        return Started(
            process: process, input: try input.second.duplicate(), output: output.takeFirst(),
            errors: errors.takeFirst())
    }

    @Test func enterStartsItAgain() throws {
        let runner = try start("--on-exit keep", "echo run; exit 4")
        #expect(try runner.line() == "run\n")
        try runner.input.writeAll([0x0a])
        #expect(try runner.line() == "run\n")
        #expect(try runner.hangUp() == .exited(4))
    }

    /// Octets of a key, or of the terminal's own, are no Enter; the one after them is.
    @Test func onlyAWholeLineStartsItAgain() throws {
        let runner = try start("--on-exit keep", "echo run; exit 4")
        #expect(try runner.line() == "run\n")
        _ = try runner.notice()
        try runner.input.writeAll(Array("\u{1b}[>84;0;0c".utf8))
        try runner.input.writeAll(Array("x".utf8))
        let poll = try Poll()
        try poll.add(runner.output.raw, for: .readable, token: 0)
        #expect(try poll.wait(300).isEmpty)
        try runner.input.writeAll([0x0a])
        #expect(try runner.line() == "run\n")
        #expect(try runner.hangUp() == .exited(4))
    }

    @Test(arguments: [
        (Signal.terminate, "echo ready; read line", 143),
        (.interrupt, "trap 'exit 5' INT; echo ready; read line", 5),
        (.hangUp, "echo ready; read line", 129),
        (.quit, "echo ready; read line", 131),
        // An interactive shell ignores SIGTERM: it is hung up instead.
        (.terminate, "trap '' TERM TSTP; echo ready; read line", 129),
    ])
    func signalsReachTheAgent(signal: Signal, script: String, code: CInt) throws {
        for policy in ["end", "keep", "restart"] {
            let runner = try start("--on-exit \(policy)", script)
            #expect(try runner.line() == "ready\n")
            try send(signal, to: runner.process)
            #expect(try Processes.wait(for: runner.process) == .exited(code), "\(policy)")
        }
    }

    /// Also those that end whoever does not know them; and the agent's children's, where asked for.
    @Test(arguments: [1, 10, 14, 23, 13, 34, 40, 64].map { Signal($0) })
    func everySignalIsPassedOn(signal: Signal) throws {
        let script = "trap 'exit 5' \(signal.number); echo ready; while :; do sleep 0.05; done"
        for options in ["", "--signals group"] {
            let runner = try start("--on-exit end \(options)", script)
            #expect(try runner.line() == "ready\n")
            try send(signal, to: runner.process)
            #expect(try Processes.wait(for: runner.process) == .exited(5), "\(options)")
        }
        // A hang-up is the agent's alone.
        guard signal != .hangUp else { return }
        let number = signal.number
        // It lives through the signal from before the child says so, and waits again after it.
        let unmoved = """
            trap : \(number); (trap 'echo told; exit' \(number); echo ready; sleep 9 & wait) & wait; wait
            """
        let runner = try start("--on-exit end --signals group", unmoved)
        #expect(try runner.line() == "ready\n")
        try send(signal, to: runner.process)
        #expect(try runner.line() == "told\n")
        try send(.kill, to: runner.process)
        _ = try Processes.wait(for: runner.process)
    }

    /// Nor does anything else hang it up: how long it may go on is PID 1's to say.
    @Test(arguments: ["trap '' TERM", "trap '' TERM; trap 'exit 9' HUP"])
    func whatIgnoresTheSignalGoesOn(traps: String) throws {
        let runner = try start("--on-exit end", "\(traps); echo ready; read line; exit 4")
        #expect(try runner.line() == "ready\n")
        try send(.terminate, to: runner.process)
        let poll = try Poll()
        let end = try Processes.endDescriptor(of: runner.process)
        try poll.add(end.raw, for: .readable, token: 0)
        #expect(try poll.wait(300).isEmpty)
        try runner.input.writeAll([0x0a])
        #expect(try Processes.wait(for: runner.process) == .exited(4))
    }

    /// Stopping does not wait for the pause before the next start.
    @Test func aPauseIsCutShort() throws {
        let runner = try start("--on-exit restart", "echo run; exit 6")
        #expect(try runner.line() == "run\n")
        #expect(
            try runner.notice()
                == "[codetainer] sh exited with code 6. Starting it again in 500.000 ms.\n")
        try send(.terminate, to: runner.process)
        #expect(try Processes.wait(for: runner.process) == .exited(6))
        #expect(try runner.line() == "")
    }
}
