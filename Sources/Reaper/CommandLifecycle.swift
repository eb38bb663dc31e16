public import Linux

/// What an init that minds one command does about each thing that happens.
///
/// Job control is a shell's. The command has a group of its own and, on a terminal, the foreground.
/// When it is stopped, init takes the terminal back and stops as well, so that the shell around it
/// sees a stopped job; when init is continued, so is the command. Init as PID 1 has no shell around
/// it and cannot stop: there Ctrl-Z does what it does without an init, nothing, and a command that
/// stops itself goes on where it has the terminal.
public struct CommandLifecycle: Sendable {
    public enum Event: Equatable, Sendable {
        /// A signal, and the process it is from: 0 for the kernel and what cannot be seen from here.
        case arrived(Signal, sender: CInt)
        case changed(Processes.Change)
        /// Init could not stop together with the command.
        case notSuspended
        /// The command is another user's, and init may not signal it.
        case notPermitted(Signal)
    }

    public enum Action: Equatable, Sendable {
        case send(Signal, InitOptions.Recipient)
        /// SIGCONT to the command's group where the terminal obeys that: nobody else could send it.
        case continueForeground
        /// To the command's group, if init's own has the terminal; and back.
        case giveTerminal, takeTerminal
        /// SIGSTOP at once, or SIGTSTP where somebody could continue it.
        case suspend(Signal)
        /// Says that the signal was lost.
        case warn(Signal)
        case note(Note)
    }

    /// What `-v` and `-w` show.
    public enum Note: Equatable, Sendable {
        case forwarded(Signal, as: Signal, from: CInt)
        case dropped(Signal, from: CInt)
        case stopped(Signal)
        case ended(CInt, ExitStatus)
        case reaped(CInt, ExitStatus)
    }

    private let options: InitOptions
    private let ownProcess: CInt
    private let isFirst: Bool
    private let command: CInt
    /// Stopped together with the command, or by a signal that says so, and not continued since.
    private var isHalted = false
    /// When init as PID 1 passed on last what stops a process.
    private var stopAsked: Instant?
    /// What stopped the command last.
    private var stopper: Signal?
    /// Whether a signal has been lost.
    private var hasLost = false
    /// The code to end with, once the command has ended.
    public private(set) var code: CInt?

    /// - Parameters:
    ///   - ownProcess: init's number, 1 as the first process of a namespace.
    ///   - command: the command's number, which is its group's as well.
    public init(_ options: InitOptions, ownProcess: CInt, command: CInt) {
        (self.options, self.ownProcess, self.command) = (options, ownProcess, command)
        isFirst = ownProcess == 1
    }

    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        switch event {
        case .arrived(.child, _): []
        // Of a line that init itself could not write.
        case .arrived(.pipe, ownProcess): []
        case .arrived(let signal, let sender): forward(signal, from: sender, at: now)
        case .notSuspended: goOn()
        case .notPermitted(let signal): lose(signal)
        case .changed(.stopped(command, let signal)): stop(with: signal, at: now)
        case .changed(.stopped): []
        case .changed(.ended(command, let status)): end(with: status)
        case .changed(.ended(let process, let status)): note(.reaped(process, status))
        }
    }

    private mutating func forward(_ signal: Signal, from sender: CInt, at now: Instant) -> [Action]
    {
        let replacement = options.rewrites[signal.number] ?? standing(signal)
        guard replacement != 0 else { return note(.dropped(signal, from: sender)) }
        let sent = Signal(replacement)
        var actions = note(.forwarded(signal, as: sent, from: sender))
        switch signal {
        case .continue:
            // Whoever stopped together with the command goes on together with it.
            actions += [.giveTerminal, .send(sent, isHalted ? .group : options.recipient)]
            (isHalted, stopAsked) = (false, nil)
        case .terminalStop, .terminalInput, .terminalOutput:
            actions.append(.send(sent, options.recipient))
            if isFirst {
                stopAsked = now
            } else {
                isHalted = true
                actions += [.takeTerminal, .suspend(.stop)]
            }
        default:
            actions.append(.send(sent, options.recipient))
        }
        return actions
    }

    /// Once: it is so with every signal.
    private mutating func lose(_ signal: Signal) -> [Action] {
        guard !hasLost, options.verbosity >= 1 else { return [] }
        hasLost = true
        return [.warn(signal)]
    }

    /// What goes on where nothing was asked for. A whole group is stopped for good, whatever its
    /// processes do about the signals that ask them to: that is what dumb-init does.
    private func standing(_ signal: Signal) -> CInt {
        switch signal {
        case .terminalStop, .terminalInput, .terminalOutput:
            options.recipient == .group ? Signal.stop.number : signal.number
        default: signal.number
        }
    }

    private mutating func stop(with signal: Signal, at now: Instant) -> [Action] {
        let noted = note(.stopped(signal))
        if isFirst {
            // What an operator stops stays stopped.
            isHalted = stopAsked.map { now < $0 + Processes.timeToStop } ?? false
            if isHalted { return noted }
            switch signal {
            case .terminalStop: return noted + [.giveTerminal, .send(.continue, .group)]
            // An operator's as well, who has no other terminal to stop it from; without one it holds.
            case .stop: return noted + [.continueForeground]
            // SIGTTIN and SIGTTOU would come again at once, for ever.
            default: return noted
            }
        }
        if isHalted { return noted }
        (stopper, isHalted) = (signal, true)
        return noted + [.takeTerminal, .suspend(.terminalStop)]
    }

    /// Without a shell around it nobody could continue the command, either; but one that was stopped
    /// for using the terminal from the background would be at once again, for ever.
    private mutating func goOn() -> [Action] {
        guard isHalted else { return [] }
        isHalted = false
        if stopper == .terminalInput || stopper == .terminalOutput { return [] }
        return [.giveTerminal, .send(.continue, .group)]
    }

    private mutating func end(with status: ExitStatus) -> [Action] {
        code = options.expectedCodes.contains(status.code) ? 0 : status.code
        var actions = note(.ended(command, status))
        // What is left of the group would be nobody's.
        if options.recipient == .group { actions.append(.send(.terminate, .group)) }
        return actions + [.takeTerminal]
    }

    private func note(_ note: Note) -> [Action] {
        let isShown =
            switch note {
            case .ended: options.verbosity >= 2
            case .reaped: options.showsReaped
            default: options.verbosity >= 3
            }
        return isShown ? [.note(note)] : []
    }
}

extension CommandLifecycle.Note: CustomStringConvertible {
    public var description: String {
        switch self {
        case .forwarded(let signal, let sent, let sender) where signal == sent:
            "\(signal) from process \(sender): forwarded"
        case .forwarded(let signal, let sent, let sender):
            "\(signal) from process \(sender): forwarded as \(sent)"
        case .dropped(let signal, let sender): "\(signal) from process \(sender): dropped"
        case .stopped(let signal): "the command was stopped by \(signal)"
        case .ended(let process, let status): "the command, process \(process), \(status)"
        case .reaped(let process, let status): "reaped process \(process), which \(status)"
        }
    }
}
