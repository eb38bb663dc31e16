import CLinux
import Glibc

/// A child that is minded while the kernel reaps it and every other child itself, the moment they end.
///
/// No orphan is a zombie then, however many end at once and however busy the processors are, and
/// nobody looks through all the children for each. How the child ended is learnt from its descriptor.
///
/// - SeeAlso: sigaction(2), `SA_NOCLDWAIT`; `PIDFD_INFO_EXIT` of linux/pidfd.h
public struct KernelReaping: ~Copyable {
    /// Whether the kernel keeps how a child ended that nobody waited for: Linux 6.15 and later.
    public static var isThere: Bool { codetainer_keeps_ends() == 1 }

    private let process: CInt
    private let descriptor: OwnedDescriptor

    /// Leaves reaping to the kernel. A child that ended before is left to `Processes.nextChange()`.
    ///
    /// - Parameter process: a child that nobody has waited for.
    /// - Returns: nil where the kernel would forget how the child ended, or may not be asked.
    public init?(minding process: CInt) {
        var status: CInt = 0
        guard Self.isThere,
            let descriptor = try? Processes.endDescriptor(of: process),
            unsafe codetainer_pidfd_end(descriptor.raw, &status) == 0,
            codetainer_leave_reaping() == 0
        else { return nil }
        self.process = process
        self.descriptor = descriptor
    }

    /// What became of the child since it was asked last, if anything. SIGCHLD says when to ask.
    public func nextChange() -> Processes.Change? {
        var status: CInt = 0
        switch unsafe codetainer_look_after(process, &status) {
        case 1: return .ended(process: process, ExitStatus(waitStatus: status))
        case 2: return .stopped(process: process, Signal(codetainer_exit_code(status)))
        case 0: return nil
        default: return .ended(process: process, end())
        }
    }

    /// SIGCHLD comes a moment before the kernel has put down how the child ended, which is longer
    /// only where that child has to wait for a processor.
    private func end() -> ExitStatus {
        var status = SIGKILL
        let latest = Instant.now + .seconds(2)
        while unsafe codetainer_pidfd_end(descriptor.raw, &status) != 1, Instant.now < latest {
            Clock.pause(Milliseconds(nanoseconds: 50_000))
        }
        return ExitStatus(waitStatus: status)
    }
}
