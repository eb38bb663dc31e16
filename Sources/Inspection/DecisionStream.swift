public import Linux
import Policy
import Resolver

/// The decisions as lines, from the memory that the resolver writes them to.
public struct DecisionStream: ~Copyable {
    /// How lines look and which there are.
    public struct Form: Sendable {
        public var isJSON: Bool
        public var takesColour: Bool
        /// Without what was allowed.
        public var deniedOnly: Bool
        /// Nothing that happened last before it; by the wall clock.
        public var since: Int64?

        public init(isJSON: Bool, takesColour: Bool, deniedOnly: Bool, since: Int64?) {
            (self.isJSON, self.takesColour) = (isJSON, takesColour)
            (self.deniedOnly, self.since) = (deniedOnly, since)
        }
    }

    private let form: Form
    private let statistics: ResolverStatistics
    private var reader: DecisionReader
    /// What is gone now went before anybody asked.
    private var isFirst = true

    /// - Throws: `SystemCallError`: `EINVAL` for memory of a program with another layout.
    public init(mapping file: CInt, form: Form) throws(SystemCallError) {
        let statistics = try ResolverStatistics(mapping: file, writable: false)
        let reader = try DecisionReader(mapping: file)
        self.form = form
        self.statistics = statistics
        self.reader = reader
    }

    /// The lines that have come since it was asked last.
    public mutating func next(at now: Instant, _ wall: WallTime) -> String {
        let (decisions, lost) = reader.next(at: now)
        var text = ""
        if lost > 0 {
            text += Decision.text(
                lost: lost, time: wall, json: form.isJSON, wereEarlier: isFirst)
        }
        isFirst = false
        guard !decisions.isEmpty else { return text }
        let hasAddresses = decisions.contains(where: \.isPacket)
        let origins = hasAddresses ? statistics.attributions : []
        for decision in decisions
        where !decision.isProbe && (decision.verdict != .allowed || !form.deniedOnly) {
            let time = wall.moved(back: now.since(decision.last))
            if let since = form.since, time.seconds < since { continue }
            let origin =
                decision.isPacket
                ? decision.address.flatMap { origins.name(of: $0, at: decision.last) } : nil
            text +=
                form.isJSON
                ? decision.json(origin: origin, time: time)
                : decision.text(origin: origin, time: time, colour: form.takesColour)
        }
        return text
    }
}

extension WallTime {
    /// The moment so long before this one.
    func moved(back time: Milliseconds) -> WallTime {
        let left = nanoseconds &- time.nanoseconds
        let whole = (left >= 0 ? left : left &- 999_999_999) / 1_000_000_000
        return WallTime(seconds: seconds &+ whole, nanoseconds: left &- whole &* 1_000_000_000)
    }
}
