import Linux

/// How often something may happen: a burst, and then once in a while (a token bucket). Pure.
struct Allowance: Equatable {
    private let burst: Int
    private let interval: Milliseconds
    private var left: Int
    private var refilled: Instant?

    /// - Parameter interval: the time after which one more is allowed.
    init(burst: Int, every interval: Milliseconds) {
        self.burst = burst
        self.interval = interval
        left = burst
    }

    /// Whether it may happen now; counted when it may.
    mutating func admit(at now: Instant) -> Bool {
        if let refilled {
            let earned = now.since(refilled).nanoseconds / interval.nanoseconds
            if earned > 0 {
                left = min(burst, left + Int(clamping: earned))
                self.refilled = now
            }
        } else {
            refilled = now
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
