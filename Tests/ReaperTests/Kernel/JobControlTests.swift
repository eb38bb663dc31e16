import Linux
import TestSupport
import Testing

/// Stopping, continuing and terminals, as dumb-init's suite checks them and as a shell sees it.
@Suite struct JobControlTests {
    private static let suspending: [Signal] = [.terminalStop, .terminalInput, .terminalOutput]

    @Test func aGroupIsStoppedForGoodAndInitWithIt() throws {
        let (running, command) = try Running.printingSignals("-g")
        for signal in Self.suspending {
            #expect(state(command) != "T" && state(running.process) != "T")
            try send(signal, to: running.process)
            #expect(eventually { state(command) == "T" && state(running.process) == "T" })
            try send(.continue, to: running.process)
            #expect(try running.line() == "18")
            #expect(eventually { state(command) != "T" && state(running.process) != "T" })
        }
    }

    @Test func aCommandAloneIsAskedToStop() throws {
        let (running, command) = try Running.printingSignals("-c")
        for signal in Self.suspending {
            try send(signal, to: running.process)
            #expect(try running.line() == "\(signal.number)")
            #expect(eventually { state(running.process) == "T" })
            #expect(state(command) != "T")
            try send(.continue, to: running.process)
            #expect(try running.line() == "18")
        }
    }

    @Test func rewrittenStopsStopInitAllTheSame() throws {
        let (running, _) = try Running.printingSignals("-g -r TTIN:TERM -r TTOU:INT -r TSTP:HUP")
        for (signal, shown) in [
            (Signal.terminalInput, 15), (.terminalOutput, 2), (.terminalStop, 1),
        ] {
            try send(signal, to: running.process)
            #expect(try running.line() == "\(shown)")
            #expect(eventually { state(running.process) == "T" })
            try send(.continue, to: running.process)
            #expect(try running.line() == "18")
        }
    }

    /// A session whose leader is `words`, on a terminal of its own; what it shows until it ends.
    private func onTerminal(_ words: [String], typing keys: String) throws
        -> (shown: String, status: Linux.ExitStatus)
    {
        let terminal = try PseudoTerminal()
        let process = try Processes.spawn(
            SpawnRequest(
                try Commands.find(words[0], path: searchPath), words,
                environment: ["PATH=\(searchPath)", "PS1=$ "], newSession: true,
                terminal: terminal.path))
        try terminal.master.writeAll(Array(keys.utf8))
        let poll = try Poll()
        try poll.add(terminal.master.raw, for: .readable, token: 0)
        var shown: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while try !poll.wait(Running.patience).isEmpty,
            let count = (try? terminal.master.read(into: &chunk)).flatMap({ $0 }), count > 0
        {
            shown += chunk.prefix(count)
        }
        try? send(.kill, to: process)
        return (
            String(decoding: shown, as: UTF8.self), try Processes.wait(for: process)
        )
    }

    @Test func theCommandReadsAndWritesTheTerminal() throws {
        let (shown, status) = try onTerminal(
            [try codetainer(), "init", "-s", "--", "tac"], typing: "1\n2\n3\n\u{04}")
        #expect(status == .exited(0))
        #expect(shown.hasSuffix("3\r\n2\r\n1\r\n"))
    }

    @Test(arguments: ["-c", "-g"]) func aShellUnderInitHasJobControl(options: String) throws {
        let (shown, status) = try onTerminal(
            [try codetainer(), "init", "-s", options, "--", "bash", "--norc", "-m"],
            typing: "echo \"flags [$-]\"\nexit 4\n")
        #expect(status == .exited(4))
        #expect(shown.contains("flags [") && !shown.contains("no job control"))
        #expect(
            shown.split(separator: "\r\n").contains { $0.hasPrefix("flags [") && $0.contains("m") })
    }

    /// Where init was started by a shell without job control, that shell can read again afterwards.
    @Test func theTerminalComesBack() throws {
        let script = "'\(try codetainer())' init -s -- true; read line; echo got $line"
        let (shown, status) = try onTerminal(["sh", "-c", script], typing: "hello\n")
        #expect(shown.contains("got hello"))
        #expect(status == .exited(0))
    }

    /// The same for a command that does not start.
    @Test func theTerminalComesBackFromNothing() throws {
        let script = "'\(try codetainer())' init -s -- /etc/passwd; read line; echo got $line"
        #expect(
            try onTerminal(["sh", "-c", script], typing: "hello\n").shown.contains("got hello"))
    }

    /// Ctrl-Z, then fg: the shell around init sees a stopped job, and the command goes on.
    @Test func aStoppedCommandIsAStoppedJob() throws {
        let script = """
            set -m
            '\(try codetainer())' init -s -- sh -c 'echo first; kill -TSTP 0; echo second; exit 5'
            echo "stopped with $?"; fg >/dev/null; echo "ended with $?"
            """
        let (shown, _) = try onTerminal(["bash", "-c", script], typing: "")
        let lines = shown.split(separator: "\r\n").filter {
            ["first", "second"].contains($0) || $0.contains(" with ")
        }
        #expect(lines == ["first", "stopped with 148", "second", "ended with 5"])
    }
}
