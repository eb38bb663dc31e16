import Glibc

/// A moment on the monotonic clock (clock_gettime(2), `CLOCK_MONOTONIC`).
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since an arbitrary start, the same for all processes of a boot.
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static var now: Instant {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    public static func + (instant: Instant, milliseconds: Milliseconds) -> Instant {
        Instant(nanoseconds: instant.nanoseconds &+ milliseconds.nanoseconds)
    }

    /// The earlier of two moments; nil where neither will come.
    public static func earlier(_ one: Instant?, _ other: Instant?) -> Instant? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    /// Time from `earlier` to this moment.
    public func since(_ earlier: Instant) -> Milliseconds {
        Milliseconds(nanoseconds: nanoseconds &- earlier.nanoseconds)
    }
}

/// A moment on the clock that goes on while the machine is suspended (clock_gettime(2),
/// `CLOCK_BOOTTIME`): for what ends whether or not anything ran until then. No `Instant` compares
/// with it: after a suspension the two clocks are apart.
public struct BootInstant: Comparable, Hashable, Sendable {
    /// Nanoseconds since an arbitrary start, the same for all processes of a boot.
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static var now: BootInstant {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return BootInstant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    public static func < (left: BootInstant, right: BootInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    public static func + (instant: BootInstant, milliseconds: Milliseconds) -> BootInstant {
        BootInstant(nanoseconds: instant.nanoseconds &+ milliseconds.nanoseconds)
    }

    /// Time from `earlier` to this moment.
    public func since(_ earlier: BootInstant) -> Milliseconds {
        Milliseconds(nanoseconds: nanoseconds &- earlier.nanoseconds)
    }
}

/// A span of time, kept in nanoseconds and shown in milliseconds.
public struct Milliseconds: Comparable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    public init(_ milliseconds: Int) { nanoseconds = Int64(milliseconds) &* 1_000_000 }
    public init(integerLiteral milliseconds: Int) { self.init(milliseconds) }

    public static func seconds(_ count: Int) -> Milliseconds { Milliseconds(count &* 1000) }

    public static func < (left: Milliseconds, right: Milliseconds) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    public static func + (left: Milliseconds, right: Milliseconds) -> Milliseconds {
        Milliseconds(nanoseconds: left.nanoseconds &+ right.nanoseconds)
    }

    public static func - (left: Milliseconds, right: Milliseconds) -> Milliseconds {
        Milliseconds(nanoseconds: left.nanoseconds &- right.nanoseconds)
    }

    /// `part` of `whole` of it, which is more than 0; never less than no time.
    public func scaled(_ part: Int64, _ whole: Int64) -> Milliseconds {
        let product = max(0, nanoseconds).multipliedFullWidth(by: max(0, part))
        // The quotient fits: no part is longer than its whole.
        guard product.high < whole else { return self }
        return Milliseconds(nanoseconds: whole.dividingFullWidth(product).quotient)
    }

    /// Microsecond precision, as a plain decimal: `12.345`.
    public var decimal: String {
        let microseconds = max(0, nanoseconds / 1000)
        let fraction = String(microseconds % 1000)
        return "\(microseconds / 1000)."
            + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}

/// A moment as a calendar has it (clock_gettime(2), `CLOCK_REALTIME`): to be shown, never to be
/// waited for, as it may jump.
public struct WallTime: Equatable, Sendable {
    /// Since 1970.
    public let seconds: Int64
    /// Of the second that has begun.
    public let nanoseconds: Int64

    public init(seconds: Int64, nanoseconds: Int64 = 0) {
        (self.seconds, self.nanoseconds) = (seconds, nanoseconds)
    }

    public static var now: WallTime {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}

/// Seconds since 1970, by the wall clock.
public func wallClockSeconds() -> Int64 { WallTime.now.seconds }

public enum Clock {
    /// Blocks the calling thread for `time`, or until a signal.
    public static func pause(_ time: Milliseconds) {
        var request = timespec(
            tv_sec: Int(time.nanoseconds / 1_000_000_000),
            tv_nsec: Int(time.nanoseconds % 1_000_000_000))
        _ = unsafe nanosleep(&request, nil)
    }
}
