import Linux

/// Whether a service's loop turns: it is asked now and then, and must have counted the question soon
/// after. Pure: times and counts come in as arguments.
///
/// A resolver that hangs looks to the kernel like one that works; nobody else would notice for as long
/// as no question goes unanswered.
struct Heartbeat: Equatable {
    /// Rare, so that an idle container stays idle.
    static let interval: Milliseconds = 30_000
    /// How long an answer may take, on a machine that is at its limit.
    static let patience: Milliseconds = 5_000
    /// PID 1 looks this late at most, or it has not been running itself: then nothing is known.
    static let tolerance: Milliseconds = 1_000

    enum Action: Equatable {
        case none
        /// Ask the service.
        case ask
        /// It hangs: end it, so that another takes its place.
        case replace
    }

    /// When `check` has something to do; nil while there is no service.
    private(set) var due: Instant?
    /// What the service had counted when it was asked; nil when it is not being asked.
    private var asked: UInt64?

    var isAsked: Bool { asked != nil }

    /// A service has started, or is somebody else's no longer.
    mutating func started(at now: Instant) {
        asked = nil
        due = now + Self.interval
    }

    mutating func stopped() {
        asked = nil
        due = nil
    }

    /// - Parameter count: what the service has counted.
    mutating func check(_ count: UInt64, at now: Instant) -> Action {
        guard let due, due <= now else { return .none }
        guard let before = asked else {
            asked = count
            self.due = now + Self.patience
            return .ask
        }
        if count != before {
            started(at: now)
            return .none
        }
        if now.since(due) > Self.tolerance {
            self.due = now + Self.patience
            return .ask
        }
        stopped()
        return .replace
    }
}
