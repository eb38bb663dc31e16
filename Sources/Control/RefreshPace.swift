public import Linux

/// How often a report is asked for again, so that asking never takes more than a hundredth of a
/// core: of this process, and of the one that writes the report. Pure.
public struct RefreshPace: Equatable, Sendable {
    private static let share: Int64 = 100
    private static let slowest: Milliseconds = 30_000
    /// The answers whose quickest counts: a busy machine delays some of them.
    private static let remembered = 4

    /// Whether a person has chosen the interval, who then gets it.
    private let isFixed: Bool
    private let interval: Milliseconds
    private var answers: [Milliseconds] = []
    public private(set) var delay: Milliseconds

    /// - Parameter chosen: nil for a second, or as much longer as asking is expensive.
    public init(_ chosen: Milliseconds?) {
        isFixed = chosen != nil
        interval = chosen ?? 1_000
        delay = interval
    }

    /// - Parameters:
    ///   - own: the processor time that this process took for the last report.
    ///   - answer: the time from the question to the answer, all of which another process may have
    ///     worked.
    public mutating func note(own: Milliseconds, answer: Milliseconds) {
        guard !isFixed else { return }
        answers = Array((answers + [answer]).suffix(Self.remembered))
        let cost = own + (answers.min() ?? 0)
        delay = min(max(interval, cost.scaled(Self.share, 1)), Self.slowest)
    }
}
