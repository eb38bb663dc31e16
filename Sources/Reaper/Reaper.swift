public import Linux
import SystemPackage

/// An init that is nothing else: starts one command, gives it every signal, reaps every orphan and
/// ends as it ends.
///
/// It opens no file, starts no timer and needs no /proc: nothing can be missing for it.
public struct Reaper {
    /// Why the command did not start.
    public struct StartError: Error, Equatable, CustomStringConvertible {
        /// 127 when there is no such command, 126 when it cannot be run, 71 when nothing can.
        public let code: CInt
        public let description: String
    }

    /// At most so many ends are taken before signals are looked at again, so that orphans by the
    /// thousand do not delay a signal.
    private static let endsAtOnce = 256

    /// Orphans that end in great number are reaped in batches, this far apart. For each batch the
    /// kernel looks through all the children that still live, under a lock that every process needs
    /// to end: to look after each one would make ten thousand of them zombies for ten times as long.
    /// A kernel that can reap them by itself is left to it (`KernelReaping`).
    private static let gathering: Milliseconds = 1

    /// When nothing has happened for so long, the wait goes on in little memory.
    private static let patience: Milliseconds = 100

    private let options: InitOptions
    private let log: (Weight, String) -> Void

    /// How much a line matters.
    public enum Weight: Sendable { case note, warning }

    /// - Parameter log: takes a line without its end.
    public init(_ options: InitOptions, log: @escaping (Weight, String) -> Void) {
        (self.options, self.log) = (options, log)
    }

    /// Runs `command` to its end.
    ///
    /// - Parameter started: its process, when it runs already (Sources/CStartUp/EarlyStart.c).
    /// - Returns: the code to end with.
    public func run(_ command: CommandVectors, started: CInt? = nil) throws(StartError) -> CInt {
        let signals = OwnSignals()
        becomeReaper()
        watchParent()
        // The controlling terminal. While it obeys another group than the one that init was started
        // in, it is not taken from it.
        let terminal = (0...2).first { Foreground.group(of: $0) != nil }
        let process: CInt
        if let started {
            process = started
        } else {
            process = try start(command, signals.maskBefore, terminal)
        }
        if options.verbosity >= 2 { log(.note, "started the command as process \(process)") }
        // The command goes where it likes; init shall hold no file system in use.
        try? Commands.enterDirectory("/")
        return mind(process, signals, terminal)
    }

    private func becomeReaper() {
        guard System.processID != 1 else { return }
        do throws(SystemCallError) {
            try System.becomeSubreaper()
            guard !options.isSubreaper, options.verbosity >= 1 else { return }
            log(
                .warning,
                "not PID 1, so a subreaper: orphans below this process come here, those of other processes do not: say --subreaper if that is meant"
            )
        } catch {
            if options.verbosity >= 1 {
                log(.warning, "neither PID 1 nor a subreaper: no orphan is reaped: \(error)")
            }
        }
    }

    private func watchParent() {
        guard let signal = options.parentDeath else { return }
        let parent = System.parentID
        do throws(SystemCallError) {
            try System.signalOnParentDeath(signal)
        } catch {
            if options.verbosity >= 1 {
                log(.warning, "--parent-death does nothing: \(error)")
            }
        }
        // It may have ended just before.
        if System.parentID != parent { try? send(signal, to: System.processID) }
    }

    /// - Parameter terminal: given to the command while it obeys init.
    private func start(_ command: CommandVectors, _ mask: UInt64, _ terminal: CInt?)
        throws(StartError) -> CInt
    {
        let terminal = terminal.flatMap {
            Foreground.group(of: $0) == Foreground.ownGroup ? $0 : nil
        }
        let path = CommandVectors.variable("PATH")
        var failure: Errno?
        let started = CommandSearch.first(name: command.name, path: path) { candidate -> CInt?? in
            guard Files.isThere(candidate) else { return nil }
            do throws(Errno) {
                return try command.start(candidate, signals: mask, terminal: terminal)
            } catch {
                failure = error
                // One further on may be the one that is meant (execvp(3)).
                let mayBeFurther =
                    error == .permissionDenied || error == .noSuchFileOrDirectory
                    || error == .notDirectory
                return mayBeFurther ? nil : .some(nil)
            }
        }
        if case .some(.some(let process)) = started { return process }
        if let terminal { Foreground.bring(Foreground.ownGroup, to: terminal) }
        let name = String(decoding: command.name, as: UTF8.self)
        throw StartError(name, failure, isPath: command.name.contains(UInt8(ascii: "/")))
    }

    private func mind(_ command: CInt, _ signals: OwnSignals, _ terminal: CInt?) -> CInt {
        var lifecycle = CommandLifecycle(
            options, ownProcess: System.processID, command: command)
        var changes = ChildChanges(of: command, all: options.showsReaped)
        // What ended before this program ran sends no SIGCHLD any more, so it is looked for at once.
        var patience: Milliseconds? = 0
        var batch = 0
        while true {
            let arrived = signals.next(within: patience)
            if let (signal, sender) = arrived {
                apply(.arrived(signal, sender: sender), to: &lifecycle, command, signals, terminal)
            } else if patience == Self.patience {
                System.releaseCode()
                patience = nil
                continue
            }
            // Of the signals only this one says that there is something to reap.
            if let arrived, arrived.signal != .child, patience != 0 { continue }
            patience = 0
            for _ in 0..<Self.endsAtOnce {
                guard let change = changes.next() else {
                    patience = Self.patience
                    if batch > 1 { Clock.pause(Self.gathering) }
                    batch = 0
                    break
                }
                batch += 1
                apply(.changed(change), to: &lifecycle, command, signals, terminal)
            }
            if let code = lifecycle.code { return code }
        }
    }

    private func apply(
        _ event: CommandLifecycle.Event, to lifecycle: inout CommandLifecycle, _ command: CInt,
        _ signals: OwnSignals, _ terminal: CInt?
    ) {
        for action in lifecycle.handle(event, at: .now) {
            switch action {
            case .send(let signal, let recipient):
                do throws(SystemCallError) {
                    try send(signal, to: recipient == .group ? -command : command)
                } catch {
                    guard error.cause == .notPermitted else { continue }
                    apply(.notPermitted(signal), to: &lifecycle, command, signals, terminal)
                }
            case .continueForeground:
                if let terminal, Foreground.group(of: terminal) == command {
                    try? send(.continue, to: -command)
                }
            case .giveTerminal: move(terminal, from: Foreground.ownGroup, to: command)
            case .takeTerminal: move(terminal, from: command, to: Foreground.ownGroup)
            case .suspend(let signal):
                // Nobody could continue a group without a shell around it, so the kernel does not
                // stop it.
                if !signals.suspend(signal) {
                    apply(.notSuspended, to: &lifecycle, command, signals, terminal)
                }
            case .warn(let signal):
                log(
                    .warning,
                    "\(signal) does not reach the command, which is another user's: add `--cap-add KILL`"
                )
            case .note(let note): log(.note, "\(note)")
            }
        }
    }

    /// A terminal that obeys somebody else by now is left to them.
    private func move(_ terminal: CInt?, from: CInt, to group: CInt) {
        guard let terminal, Foreground.group(of: terminal) == from else { return }
        Foreground.bring(group, to: terminal)
    }
}

extension Reaper.StartError {
    /// - Parameters:
    ///   - failure: nil when nothing of that name is anywhere.
    ///   - isPath: whether the name has a slash, and so is not looked for.
    init(_ name: String, _ failure: Errno?, isPath: Bool) {
        let reason: String
        switch failure {
        case nil:
            code = 127
            reason =
                isPath
                ? "there is no such file: check the path, and that the image has it"
                : "not found in PATH: check the spelling, or give its path"
        case .noSuchFileOrDirectory?, .notDirectory?:
            code = 126
            reason =
                "it is there, but what it needs to start is not: put the interpreter of its first line, or its dynamic loader, into the image"
        case .permissionDenied?:
            code = 126
            reason = "not an executable file, or no permission for it: see ls -l, and chmod +x"
        case .execFormatError?:
            code = 126
            reason =
                "not a program for this machine, and there is no /bin/sh to read it: build it for this one, or begin it with #!"
        case .resourceTemporarilyUnavailable?, .noMemory?:
            code = 71
            reason = "\(failure!): raise the limit of processes or of memory"
        case let cause?:
            code = 126
            reason = "\(cause)"
        }
        description = "cannot run \(name.isEmpty ? "\"\"" : name): \(reason)"
    }
}
