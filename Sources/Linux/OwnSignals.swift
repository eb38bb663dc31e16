import CLinux
import Glibc

/// Every signal of the calling process, taken one at a time instead of handled.
///
/// A blocked signal is kept even where it is ignored, so what the parent ignored arrives too. A real
/// fault is not blocked by it: the kernel ends the process as if nothing were (signal(7)).
public struct OwnSignals: Sendable {
    /// The mask as it was: bit n-1 for signal n.
    public let maskBefore: UInt64

    /// Blocks everything that can be blocked, in a process of one thread.
    public init() { maskBefore = codetainer_block_signals() }

    /// The next signal and the process that sent it; nil when none comes `within` the time (nil for
    /// ever), or when the wait is cut short by a stop.
    ///
    /// - SeeAlso: sigtimedwait(2)
    public func next(within time: Milliseconds?) -> (signal: Signal, sender: CInt)? {
        var sender: CInt = 0
        let number = unsafe codetainer_take_signal(time?.nanoseconds ?? -1, &sender)
        return number > 0 ? (Signal(number), sender) : nil
    }

    /// Stops the calling process. SIGSTOP always does; SIGTSTP only where somebody could continue it,
    /// and never as PID 1 of a namespace.
    ///
    /// - Returns: whether it was stopped, and then continued.
    public func suspend(_ signal: Signal) -> Bool { codetainer_suspend(signal.number) == 1 }
}

extension Processes {
    /// What became of a child.
    public enum Change: Equatable, Sendable {
        case ended(process: CInt, ExitStatus)
        case stopped(process: CInt, Signal)
    }

    /// The next child that has ended or stopped, or nil when none has.
    ///
    /// - SeeAlso: waitpid(2), `WNOHANG`, `WUNTRACED`
    public static func nextChange() -> Change? {
        var process: CInt = 0
        var status: CInt = 0
        return switch unsafe codetainer_reap(&process, &status) {
        case 1: .ended(process: process, ExitStatus(waitStatus: status))
        // The place of an exit code: the signal that stopped it.
        case 2: .stopped(process: process, Signal(codetainer_exit_code(status)))
        default: nil
        }
    }
}
