public import Policy

/// When the server is asked next. Pure: randomness comes in as a generator.
public struct LeasePace: Equatable, Sendable {
    /// Questions of a boot that the server leaves unanswered before that is told.
    public static let attemptsAtBoot = 3
    private static let firstPause = 1_000
    private static let longestPause = 60_000

    /// Milliseconds between two questions where all is well.
    private let heartbeat: Int
    /// Questions without an answer in a row.
    private(set) var failures = 0

    /// - Parameter heartbeat: seconds.
    public init(heartbeat: UInt32) { self.heartbeat = Int(heartbeat) * 1000 }

    /// Whether a question is one of the first, which are tried again before PID 1 is told.
    public func isPatient(_ hasLease: Bool) -> Bool {
        !hasLease && failures < Self.attemptsAtBoot
    }

    /// Milliseconds until the next question: up to a tenth sooner than the heartbeat, so that a
    /// server that many lost at once is not asked by all of them at once; after a failure soon, with
    /// growing pauses.
    public mutating func pause(
        after record: LeaseRecord, using random: inout some RandomNumberGenerator
    )
        -> Int
    {
        if case .unanswered = record {
            failures += 1
            let pause = min(Self.firstPause << min(failures - 1, 6), Self.longestPause, heartbeat)
            return Int.random(in: pause * 9 / 10...pause, using: &random)
        }
        failures = 0
        return Int.random(in: heartbeat * 9 / 10...heartbeat, using: &random)
    }
}
