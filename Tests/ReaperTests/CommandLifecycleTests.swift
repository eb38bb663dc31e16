import Linux
import Testing

@testable import Reaper

@Suite struct CommandLifecycleTests {
    private typealias Action = CommandLifecycle.Action

    /// Init is process 40 or 1, its command 50.
    private func lifecycle(_ words: String = "", as process: CInt = 40) throws -> CommandLifecycle {
        let words = words.split(separator: " ").map(String.init) + ["true"]
        return CommandLifecycle(
            try InitOptions(parsing: words) { _ in nil }, ownProcess: process, command: 50)
    }

    private func arrived(_ signal: Signal, from sender: CInt = 7) -> CommandLifecycle.Event {
        .arrived(signal, sender: sender)
    }

    private func stopped(_ signal: Signal, _ process: CInt = 50) -> CommandLifecycle.Event {
        .changed(.stopped(process: process, signal))
    }

    private func ended(_ status: Linux.ExitStatus, _ process: CInt = 50) -> CommandLifecycle.Event {
        .changed(.ended(process: process, status))
    }

    @Test(arguments: 1...64) func everySignalGoesOnButTheEndOfAChild(number: CInt) throws {
        let signal = Signal(number)
        var plain = try lifecycle(as: 1)
        var group = try lifecycle("-g", as: 1)
        if signal == .child {
            #expect(plain.handle(arrived(signal)) == [])
            return
        }
        #expect(plain.handle(arrived(signal)).contains(.send(signal, .command)))
        let stops: [Signal] = [.terminalStop, .terminalInput, .terminalOutput]
        let sent = stops.contains(signal) ? Signal.stop : signal
        #expect(group.handle(arrived(signal)).contains(.send(sent, .group)))
    }

    @Test func whatInitItselfCausedStaysHere() throws {
        var lifecycle = try lifecycle()
        #expect(lifecycle.handle(arrived(.pipe, from: 40)) == [])
        #expect(lifecycle.handle(arrived(.pipe, from: 41)) == [.send(.pipe, .command)])
    }

    @Test func whatCouldNotStopWithTheCommandContinuesIt() throws {
        var lifecycle = try lifecycle()
        #expect(lifecycle.handle(.notSuspended) == [])
        _ = lifecycle.handle(stopped(.terminalStop))
        #expect(lifecycle.handle(.notSuspended) == [.giveTerminal, .send(.continue, .group)])
        #expect(lifecycle.handle(.notSuspended) == [])
    }

    /// It would read, and be stopped, again and again.
    @Test(arguments: [Signal.terminalInput, .terminalOutput])
    func whatUsesTheTerminalFromTheBackgroundStaysStopped(signal: Signal) throws {
        var lifecycle = try lifecycle()
        #expect(lifecycle.handle(stopped(signal)) == [.takeTerminal, .suspend(.terminalStop)])
        #expect(lifecycle.handle(.notSuspended) == [])
        // Stopped otherwise later, it is continued as ever.
        #expect(
            lifecycle.handle(stopped(.terminalStop)) == [.takeTerminal, .suspend(.terminalStop)])
        #expect(lifecycle.handle(.notSuspended) == [.giveTerminal, .send(.continue, .group)])
    }

    @Test func rewritesGoBeforeEverything() throws {
        var lifecycle = try lifecycle("-g -r 15:3 -r INT:0 -r TSTP:HUP -r TTIN:0")
        #expect(lifecycle.handle(arrived(.terminate)) == [.send(.quit, .group)])
        #expect(lifecycle.handle(arrived(.quit)) == [.send(.quit, .group)])
        #expect(lifecycle.handle(arrived(.interrupt)) == [])
        #expect(lifecycle.handle(arrived(.terminalInput)) == [])
        // Rewritten, it still asks init to stop.
        #expect(
            lifecycle.handle(arrived(.terminalStop)) == [
                .send(.hangUp, .group), .takeTerminal, .suspend(.stop),
            ])
    }

    @Test func aStoppedCommandStopsInitOnce() throws {
        var lifecycle = try lifecycle()
        #expect(
            lifecycle.handle(stopped(.terminalStop)) == [.takeTerminal, .suspend(.terminalStop)])
        #expect(lifecycle.handle(stopped(.terminalStop)) == [])
        // All that Ctrl-Z stopped goes on again.
        #expect(
            lifecycle.handle(arrived(.continue)) == [.giveTerminal, .send(.continue, .group)])
        #expect(
            lifecycle.handle(arrived(.continue)) == [.giveTerminal, .send(.continue, .command)])
        #expect(lifecycle.handle(stopped(.stop)) == [.takeTerminal, .suspend(.terminalStop)])
        #expect(lifecycle.handle(stopped(.stop, 51)) == [])
    }

    /// The stop that was asked for is reported later, and must not stop init for a second time.
    @Test func anAskedForStopIsNotOneMore() throws {
        for signal in [Signal.terminalStop, .terminalInput, .terminalOutput] {
            var lifecycle = try lifecycle()
            #expect(
                lifecycle.handle(arrived(signal)) == [
                    .send(signal, .command), .takeTerminal, .suspend(.stop),
                ])
            #expect(lifecycle.handle(stopped(signal)) == [])
            #expect(
                lifecycle.handle(arrived(.continue)) == [.giveTerminal, .send(.continue, .group)])
        }
    }

    @Test func theFirstProcessStopsNeverAndKeepsItsCommandGoing() throws {
        var lifecycle = try lifecycle(as: 1)
        #expect(
            lifecycle.handle(stopped(.terminalStop)) == [.giveTerminal, .send(.continue, .group)])
        // For ever, if it were continued: it would read again at once.
        #expect(lifecycle.handle(stopped(.terminalInput)) == [])
        #expect(lifecycle.handle(stopped(.terminalOutput)) == [])
        #expect(lifecycle.handle(stopped(.stop)) == [.continueForeground])
        // An operator's stop holds until an operator continues it.
        #expect(lifecycle.handle(arrived(.terminalStop)) == [.send(.terminalStop, .command)])
        #expect(lifecycle.handle(stopped(.terminalStop)) == [])
        #expect(
            lifecycle.handle(arrived(.continue)) == [.giveTerminal, .send(.continue, .group)])
    }

    /// Ignored, or handled otherwise: then its own stop is one like any.
    @Test(arguments: [Signal.terminalStop, .terminalInput, .terminalOutput])
    func aStopThatIsNotObeyedStrandsNobody(signal: Signal) throws {
        let start = Instant(nanoseconds: 0)
        var lifecycle = try lifecycle(as: 1)
        _ = lifecycle.handle(arrived(signal), at: start)
        #expect(
            lifecycle.handle(stopped(.terminalStop), at: start + 1_001)
                == [.giveTerminal, .send(.continue, .group)])
        #expect(lifecycle.handle(stopped(.stop), at: start + 1_002) == [.continueForeground])
        // Some stop by another signal, after they have put the terminal right.
        _ = lifecycle.handle(arrived(signal), at: start + 2_000)
        #expect(lifecycle.handle(stopped(.stop), at: start + 2_500) == [])
        #expect(
            lifecycle.handle(arrived(.continue), at: start + 2_600)
                == [.giveTerminal, .send(.continue, .group)])
        #expect(lifecycle.handle(stopped(.stop), at: start + 2_700) == [.continueForeground])
    }

    @Test(arguments: [
        ("", Linux.ExitStatus.exited(0), 0), ("", .exited(255), 255), ("", .signalled(.kill), 137),
        ("-e 143", .signalled(.terminate), 0), ("-e 143", .exited(143), 0),
        ("-e 143", .exited(15), 15), ("-e 1 -e 2", .exited(2), 0), ("-e 0", .exited(0), 0),
    ])
    func theCodeIsTheCommands(words: String, status: Linux.ExitStatus, code: CInt) throws {
        var lifecycle = try lifecycle(words)
        _ = lifecycle.handle(ended(.exited(9), 51))
        #expect(lifecycle.code == nil)
        #expect(lifecycle.handle(ended(status)) == [.takeTerminal])
        #expect(lifecycle.code == code)
    }

    @Test func whatIsLeftOfAGroupIsTerminated() throws {
        var lifecycle = try lifecycle("-g")
        #expect(lifecycle.handle(ended(.exited(0))) == [.send(.terminate, .group), .takeTerminal])
    }

    @Test func aSignalThatIsLostIsSaidOnce() throws {
        var lifecycle = try lifecycle(as: 1)
        #expect(lifecycle.handle(.notPermitted(.terminate)) == [.warn(.terminate)])
        #expect(lifecycle.handle(.notPermitted(.hangUp)) == [])
    }

    @Test func notesAreAskedFor() throws {
        var quiet = try lifecycle()
        #expect(quiet.handle(ended(.exited(9), 51)) == [])
        var reaping = try lifecycle("-w")
        #expect(reaping.handle(ended(.exited(9), 51)) == [.note(.reaped(51, .exited(9)))])
        #expect(reaping.handle(arrived(.hangUp)) == [.send(.hangUp, .command)])
        var loud = try lifecycle("-vv -r HUP:TERM -r INT:0")
        let shown = [
            loud.handle(arrived(.hangUp)), loud.handle(arrived(.interrupt)),
            loud.handle(arrived(.user1)), loud.handle(ended(.signalled(.kill), 51)),
            loud.handle(ended(.exited(3))),
        ]
        let lines = shown.flatMap { $0 }.compactMap { action -> String? in
            if case .note(let note) = action { "\(note)" } else { nil }
        }
        #expect(
            lines == [
                "SIGHUP from process 7: forwarded as SIGTERM", "SIGINT from process 7: dropped",
                "SIGUSR1 from process 7: forwarded",
                "reaped process 51, which was ended by SIGKILL",
                "the command, process 50, exited with code 3",
            ])
    }
}

extension CommandLifecycle {
    /// At once.
    fileprivate mutating func handle(_ event: Event) -> [Action] {
        handle(event, at: Instant(nanoseconds: 0))
    }
}
