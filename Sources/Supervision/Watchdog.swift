import Linux

/// Notices when PID 1's loop stands still, and says why as far as the kernel tells. Pure: what the
/// clocks say comes in as an argument.
struct Watchdog: Equatable {
    /// What the clocks said at one moment.
    struct Reading: Equatable {
        var now: Instant
        /// As `now`, but going on while the machine is suspended (`CLOCK_BOOTTIME`).
        var sinceBoot: Instant
        /// Processor time of this process.
        var processor: Milliseconds
        /// How often it gave the processor up to wait for something (getrusage(2), `ru_nvcsw`).
        var waits: Int
    }

    enum Cause: Equatable, CustomStringConvertible {
        case busy
        case waited
        case notScheduled
        case suspended
        case stopped

        var description: String {
            switch self {
            case .busy: "it was computing"
            case .waited: "it waited in the kernel, or was stopped"
            case .notScheduled: "it was given no processor"
            case .suspended: "the machine was suspended"
            case .stopped: "it was stopped, and continued, at some time in between"
            }
        }
    }

    struct Stall: Equatable, CustomStringConvertible {
        var event: String
        var time: Milliseconds
        var cause: Cause

        var description: String {
            "PID 1 stood still for \(time.nanoseconds / 1_000_000) ms at \(event): \(cause)"
        }
    }

    /// Longest time that anything may take.
    static let patience: Milliseconds = 250
    /// What the processor's clock said so short a time ago is as good as what it says now, and costs
    /// who waits for a grant no call.
    private static let freshness: Milliseconds = 10

    private var start: Reading?
    private var eventStart: Instant?
    /// A wait that ended much later than it should have.
    private var lateness: Stall?

    /// Whether a wait that ends now, uninterrupted, can do with the last reading.
    func isFresh(at now: Instant) -> Bool {
        start.map { now.since($0.now) < Self.freshness } ?? false
    }

    /// A wait of the loop has ended.
    ///
    /// - Parameters:
    ///   - due: when it should have at the latest; nil for a wait without an end.
    ///   - wasInterrupted: the process was stopped while it waited; for how long nobody says.
    mutating func awake(at reading: Reading, due: Instant?, wasInterrupted: Bool = false) {
        if wasInterrupted, let start, reading.now.since(start.now) > Self.patience {
            lateness = Stall(
                event: "waiting", time: reading.now.since(start.now), cause: .stopped)
        }
        if lateness == nil, let start {
            let suspended =
                reading.sinceBoot.since(start.sinceBoot).nanoseconds
                - reading.now.since(start.now).nanoseconds
            if suspended > Self.patience.nanoseconds {
                lateness = Stall(
                    event: "waiting", time: Milliseconds(nanoseconds: suspended),
                    cause: .suspended)
            }
        }
        if lateness == nil, let due, reading.now.since(due) > Self.patience {
            let cause =
                start.map { reading.waits > $0.waits + 1 } ?? true
                ? Cause.waited : .notScheduled
            lateness = Stall(event: "waiting", time: reading.now.since(due), cause: cause)
        }
        start = reading
        eventStart = reading.now
    }

    /// Whether an event that has been handled took too long, by the one clock that costs nothing.
    func isLate(at now: Instant) -> Bool {
        lateness != nil || eventStart.map { now.since($0) > Self.patience } ?? false
    }

    /// The next event begins when this one ends, or when a wait does that ends with a fresh reading.
    mutating func handled(at now: Instant) { eventStart = now }

    /// What stood still, and why; to be asked when `isLate(at:)`.
    mutating func stalls(_ event: String, at reading: Reading) -> [Stall] {
        var stalls: [Stall] = []
        if let lateness { stalls.append(lateness) }
        lateness = nil
        if let start, let eventStart, reading.now.since(eventStart) > Self.patience {
            let time = reading.now.since(eventStart)
            let processor = reading.processor.nanoseconds - start.processor.nanoseconds
            let cause: Cause =
                processor * 2 >= time.nanoseconds
                ? .busy : reading.waits > start.waits ? .waited : .notScheduled
            stalls.append(Stall(event: event, time: time, cause: cause))
        }
        start = reading
        eventStart = reading.now
        return stalls
    }
}
