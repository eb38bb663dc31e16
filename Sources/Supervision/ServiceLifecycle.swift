public import Linux

/// When a service that has ended is started again. Pure: time comes in as an argument.
///
/// The first failures are mended soon; a service that keeps failing is given growing pauses, up to
/// a ceiling, and where there is a limit it is given up in the end.
public struct ServiceLifecycle: Equatable, Sendable {
    public struct Pauses: Equatable, Sendable {
        /// Failures within this time of each other count as a series.
        let memory: Milliseconds
        /// Failures of a series that are mended at once.
        let prompt: Int
        /// The pause after those; each next one is twice as long, up to the longest.
        let first: Milliseconds
        let longest: Milliseconds
        /// A series of so many failures is the last; nil for no end.
        let limit: Int?

        /// The resolver: every millisecond without it is one in which nothing can be granted. One
        /// that crashes again and again is missed by nobody; at worst it is started forty times a
        /// second, each time at other addresses.
        public static let resolver = Pauses(
            memory: 10_000, prompt: 3, first: 20, longest: 20, limit: nil)
        /// A service of the profile.
        public static let service = Pauses(
            memory: 30_000, prompt: 1, first: 100, longest: 5_000, limit: nil)
        /// A service without which the container ends.
        public static let requiredService = Pauses(
            memory: 30_000, prompt: 1, first: 100, longest: 5_000, limit: 5)
    }

    public let pauses: Pauses
    /// Restarts since boot.
    public internal(set) var restarts: UInt32
    /// Failures that came soon after each other.
    public internal(set) var series = 0
    var lastFailure: Instant?
    /// When the next start is due; nil while the service runs, or has been given up.
    public internal(set) var due: Instant?

    public init(restarts: UInt32 = 0, pauses: Pauses = .resolver) {
        (self.restarts, self.pauses) = (restarts, pauses)
    }

    /// The service has ended though it should run.
    ///
    /// - Parameter wasUp: whether it had come up since the last failure; else it is of that series,
    ///   however long ago that was.
    /// - Returns: whether it is to be started again, when `due`.
    @discardableResult
    public mutating func failed(at now: Instant, wasUp: Bool = true) -> Bool {
        if let lastFailure, !wasUp || now < lastFailure + pauses.memory {
            series += 1
        } else {
            series = 1
        }
        lastFailure = now
        if let limit = pauses.limit, series >= limit {
            due = nil
            return false
        }
        due = now + pause
        return true
    }

    /// The service was started again.
    public mutating func restarted() {
        restarts &+= 1
        due = nil
    }

    /// It is not to be started again.
    public mutating func cancel() { due = nil }

    private var pause: Milliseconds {
        guard series > pauses.prompt else { return 0 }
        let exponent = min(series - pauses.prompt - 1, 16)
        let pause = Milliseconds(nanoseconds: pauses.first.nanoseconds << exponent)
        return min(pause, pauses.longest)
    }
}
