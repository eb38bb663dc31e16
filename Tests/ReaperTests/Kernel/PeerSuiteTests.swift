import Linux
import SystemPackage
import TestSupport
import Testing

/// What the test suites of tini and dumb-init check, on the built program.
@Suite struct PeerSuiteTests {
    struct Ending: Sendable, CustomTestStringConvertible {
        var options = "-s"
        var environment: [String] = []
        let command: [String]
        let code: CInt
        var errors = ""
        var testDescription: String { "\(options) \(environment) -- \(command)" }
    }

    private static func shell(_ script: String) -> [String] { ["sh", "-c", script] }
    private static let warning = "codetainer: init: warning: not PID 1, so a subreaper"

    private static let codes: [CInt] = [0, 1, 2, 32, 64, 127, 254, 255]
    private static let endings: [Ending] =
        codes.map { Ending(command: shell("exit \($0)"), code: $0) }
        + codes.map { Ending(options: "-s -c", command: shell("exit \($0)"), code: $0) }
        + codes.map { Ending(options: "-s -g", command: shell("exit \($0)"), code: $0) }
        + codes.map { Ending(options: "-s -e \($0)", command: shell("exit \($0)"), code: 0) }
        + codes.map { code in
            let others = (0...255).filter { $0 != code }.map { "-e \($0)" }
            return Ending(
                options: "-s " + others.joined(separator: " "), command: shell("exit \(code)"),
                code: code)
        }
        + [Signal.terminate, .interrupt, .quit, .kill].flatMap { signal in
            ["-s", "-s -g"].map {
                Ending(
                    options: $0, command: shell("kill -\(signal.number) $$"),
                    code: 128 + signal.number)
            }
        }
        + ["", "-c", "-g"].map {
            Ending(
                options: "-s \($0)", command: ["/doesnotexist"], code: 127,
                errors: "codetainer: init: cannot run /doesnotexist: there is no such file")
        }
        + [
            Ending(command: ["zzzz"], code: 127, errors: "cannot run zzzz: not found in PATH"),
            Ending(command: ["/etc/passwd"], code: 126, errors: "not an executable file"),
            Ending(command: ["/etc"], code: 126, errors: "not an executable file"),
            Ending(options: "-z", command: ["true"], code: 64, errors: "unknown option -z"),
            Ending(options: "-g", command: [], code: 64, errors: "no command given"),
            Ending(options: "", command: ["true"], code: 0, errors: warning),
            Ending(options: "", environment: ["TINI_SUBREAPER="], command: ["true"], code: 0),
            Ending(options: "", environment: ["TINI_VERBOSITY=0"], command: ["true"], code: 0),
            Ending(
                environment: ["CODETAINER_SIGNAL=all"], command: ["true"], code: 64,
                errors: "must be child or group"),
            Ending(
                options: "-s -w", command: shell("(true &); sleep 0.2"), code: 0,
                errors: "reaped process"),
            Ending(command: shell("(true &); sleep 0.2"), code: 0),
        ]

    @Test(arguments: endings) func endsWith(_ ending: Ending) throws {
        let options = ending.options.split(separator: " ").map(String.init)
        let ran = try run(
            [try codetainer(), "init"] + options + ["--"] + ending.command,
            environment: ["PATH=\(searchPath)"] + ending.environment)
        #expect(ran.code == ending.code, "\(ran.errors)")
        #expect(ending.errors.isEmpty ? ran.errors.isEmpty : ran.errors.contains(ending.errors))
        #expect(ran.errors.split(separator: "\n").count == (ending.errors.isEmpty ? 0 : 1))
    }

    @Test(arguments: ["-h", "--help", "-s --help", "-g -h"]) func helps(options: String) throws {
        let ran = try run(
            [try codetainer(), "init"] + options.split(separator: " ").map(String.init))
        #expect(ran.code == 0)
        #expect(ran.output.contains("USAGE: codetainer init") && ran.errors.isEmpty)
    }

    @Test(arguments: ["-v", "--verbose", "-v -c", "--verbose --single-child"])
    func isVerbose(options: String) throws {
        let ran = try run(
            [try codetainer(), "init", "-s"] + options.split(separator: " ").map(String.init)
                + ["echo", "oh,", "hi"])
        #expect(ran.output == "oh, hi\n")
        let numbers = ran.errors.split { !$0.isNumber }
        #expect(numbers.count == 3 && numbers[0] == numbers[1])
        #expect(
            ran.errors == """
                codetainer: init: started the command as process \(numbers[0])
                codetainer: init: the command, process \(numbers[0]), exited with code 0

                """)
    }

    @Test(arguments: ["-c", "-g", "-v -c", "-v -g"]) func forwardsSignals(options: String) throws {
        let (running, _) = try Running.printingSignals(options)
        for number in CInt(1)...31 where ![9, 17, 19, 20, 21, 22].contains(number) {
            try send(Signal(number), to: running.process)
            #expect(try running.line() == "\(number)")
        }
    }

    @Test(arguments: [
        ("", [15, 3, 18, 2], [15, 3, 18, 2]), ("-r 15:2", [15, 3, 18, 2], [2, 3, 18, 2]),
        ("-r 15:2 -r 2:15 -r 3:3", [15, 3, 18, 2], [2, 3, 18, 15]),
        ("-r 1:31 -r 31:1", [1, 31], [31, 1]), ("-r TERM:QUIT -r INT:0", [15, 2, 1], [3, 1]),
        ("-r WINCH:0", [28, 1], [1]),
    ])
    func rewritesSignals(options: String, sent: [CInt], shown: [CInt]) throws {
        for mode in ["-c ", "-g "] {
            let (running, _) = try Running.printingSignals(mode + options)
            var expected = shown[...]
            for number in sent {
                try send(Signal(number), to: running.process)
                // One that is dropped says nothing, and the next must not overtake.
                let isDropped = number != 15 && options.contains(":0") && number != 1
                if !isDropped { #expect(try running.line() == "\(expected.removeFirst())") }
            }
            #expect(expected.isEmpty)
        }
    }

    @Test(arguments: [15, 10, 12]) func endsByTheSignal(number: CInt) throws {
        let running = try Running("", "echo ready; exec sleep 30")
        #expect(try running.line() == "ready")
        try send(Signal(number), to: running.process)
        #expect(try running.wait() == .exited(128 + number))
    }

    /// The command ignores the signal, its child does not: only a group's signal ends both.
    @Test(arguments: [
        ("-g", "", true), ("", "TINI_KILL_PROCESS_GROUP=1", true),
        ("", "CODETAINER_SIGNAL=group", true),
        ("", "DUMB_INIT_SETSID=1", true), ("", "X=", false),
        ("-c", "CODETAINER_SIGNAL=group", false),
    ])
    func theGroupIsSignalled(options: String, variable: String, reaches: Bool) throws {
        let script =
            "trap '' USR1; env --default-signal=USR1 sh -c 'echo $$; exec sleep 30' & wait; exit 3"
        let running = try Running(options, script, environment: [variable])
        let grandchild = try #require(CInt(try running.line()))
        try send(.user1, to: running.process)
        if reaches {
            #expect(try running.wait() == .exited(3))
            #expect(eventually { state(grandchild) == "" })
        } else {
            try send(.user2, to: running.process)
            #expect(try running.wait() == .exited(140))
            #expect(state(grandchild) != "" && state(grandchild) != "Z")
            try send(.kill, to: grandchild)
        }
    }

    /// What is left of a group is told to end with the command; without one it is let be.
    @Test(arguments: [("-g", true), ("-c", false)]) func theRestIsTerminated(
        options: String, isTerminated: Bool
    ) throws {
        let running = try Running(
            options,
            "sh -c 'trap \"echo 15; exit\" TERM; echo $$; sleep 0.3 & wait; sleep 0.3; echo none' & sleep 0.1"
        )
        let other = try #require(CInt(try running.line()))
        #expect(try running.wait() == .exited(0))
        #expect(try running.line() == (isTerminated ? "15" : "none"))
        #expect(eventually { state(other) == "" })
    }

    @Test func initLeavesTheDirectoryAndTheCommandDoesNot() throws {
        let running = try Running(
            ["sh", "-c", "cd /tmp; exec '\(try codetainer())' init -s -- sh -c 'pwd; sleep 30'"])
        #expect(try running.line() == "/tmp")
        #expect(
            try eventually { try Files.target(of: FilePath("/proc/\(running.process)/cwd")) == "/" }
        )
    }

    /// As they were given: a drop-in changes nothing for its command.
    @Test func masksAndIgnoredSignalsAreHandedOn() throws {
        let status = try run([
            "env", "--ignore-signal=TTOU,SEGV,INT", "--block-signal=TTIN,ILL,TERM",
            try codetainer(), "init", "-s", "--", "cat", "/proc/self/status",
        ]).output
        func mask(_ name: String) -> UInt64? {
            status.split(separator: "\n").first { $0.hasPrefix(name) }
                .flatMap { $0.split(separator: "\t").last }.flatMap { UInt64($0, radix: 16) }
        }
        func bits(_ signals: Signal...) -> UInt64 {
            signals.reduce(0) { $0 | 1 << UInt64($1.number - 1) }
        }
        // Besides the two that posix_spawn(3), which starts the test, leaves ignored.
        let ignored = try #require(mask("SigIgn:")) & ~bits(Signal(32), Signal(33))
        #expect(ignored == bits(.terminalOutput, Signal(11), .interrupt))
        #expect(mask("SigBlk:") == bits(.terminalInput, Signal(4), .terminate))
        #expect(mask("SigCgt:") == 0)
        let plain = try run([
            try codetainer(), "init", "-s", "--", "grep", "^SigBlk", "/proc/self/status",
        ])
        #expect(plain.output == "SigBlk:\t0000000000000000\n")
    }

    /// What init says for itself is a collector's to read, where that is asked for.
    @Test func itsOwnLinesMayBeJSON() throws {
        let words = ["PATH=\(searchPath)", "CODETAINER_LOG=json"]
        for (options, level, text) in [
            (["true"], "warning", "init: not PID 1"),
            (["-s", "zzzz"], "error", "init: cannot run zzzz: not found"),
            (["-z"], "error", "init: unknown option -z"),
            (["-s", "-vv", "true"], "info", "init: started the command as process"),
        ] {
            let ran = try run([try codetainer(), "init"] + options, environment: words)
            let line = try #require(ran.errors.split(separator: "\n").first)
            #expect(
                line.hasPrefix("{\"time\":\"")
                    && line.contains("\"level\":\"\(level)\",\"message\":\"\(text)")
                    && line.hasSuffix("\"}"), "\(line)")
        }
    }

    /// The ends of children come even to one whose parent ignored those of its own.
    @Test func anIgnoredEndOfAChildIsSeen() throws {
        let ran = try run([
            "env", "--ignore-signal=CHLD", try codetainer(), "init", "-s", "--", "sh", "-c",
            "exit 7",
        ])
        #expect(ran.code == 7)
    }

    @Test(arguments: [("-p TERM", true), ("", false)])
    func theParentsDeathIsToldToTheCommand(options: String, isTold: Bool) throws {
        let parent = try Running([
            "sh", "-c",
            "'\(try codetainer())' init -s \(options) -- sh -c 'trap \"echo told; exit\" TERM; echo $$; sleep 2 & wait; echo over' & wait",
        ])
        _ = try parent.line()
        try send(.kill, to: parent.process)
        _ = try Processes.wait(for: parent.process)
        #expect(try parent.line() == (isTold ? "told" : "over"))
    }
}
