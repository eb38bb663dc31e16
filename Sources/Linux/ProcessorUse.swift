import Glibc

/// What the calling process has had of the processor (getrusage(2)).
public struct ProcessorUse: Equatable, Sendable {
    /// In user and in kernel mode.
    public let time: Milliseconds
    /// How often it gave the processor up to wait.
    public let waits: Int

    public static var current: ProcessorUse {
        var usage = rusage()
        _ = unsafe getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
        func nanoseconds(_ time: timeval) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_usec) &* 1000
        }
        return ProcessorUse(
            time: Milliseconds(
                nanoseconds: nanoseconds(usage.ru_utime) &+ nanoseconds(usage.ru_stime)),
            waits: usage.ru_nvcsw)
    }
}

extension Instant {
    /// The clock that goes on while the machine is suspended (`CLOCK_BOOTTIME`); comparable with its
    /// own readings only.
    public static var sinceBoot: Instant {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}
