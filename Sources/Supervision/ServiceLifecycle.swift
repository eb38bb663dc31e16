public import Linux

/// When a service that has ended is started again. Pure: time comes in as an argument.
///
/// The first failures are mended at once, because every millisecond without the resolver is one
/// in which nothing can be granted; a service that keeps failing is given growing pauses.
public struct ServiceLifecycle: Equatable, Sendable {
    /// Failures within this time of each other count as a series.
    private static let memory: Milliseconds = 10_000
    private static let prompt = 3
    /// Short enough for a resolver that crashes again and again to be missed by nobody; at worst it
    /// is started forty times a second, each time at other addresses.
    private static let longestPause: Milliseconds = 20

    /// Restarts since boot.
    public private(set) var restarts: UInt32
    private var series = 0
    private var lastFailure: Instant?
    /// When the next start is due; nil while the service runs.
    public private(set) var due: Instant?

    public init(restarts: UInt32 = 0) { self.restarts = restarts }

    /// The service has ended though it should run.
    public mutating func failed(at now: Instant) {
        if let lastFailure, now < lastFailure + Self.memory { series += 1 } else { series = 1 }
        lastFailure = now
        due = now + pause
    }

    /// The service was started again.
    public mutating func restarted() {
        restarts &+= 1
        due = nil
    }

    private var pause: Milliseconds {
        guard series > Self.prompt else { return 0 }
        let exponent = min(series - Self.prompt, 10)
        return min(Milliseconds(10 << exponent), Self.longestPause)
    }
}
