/// The rules that allow a name. Up to six are held in place; more, which is rare, in an array.
public struct Matches: RandomAccessCollection, Sendable {
    private static let mostInPlace = 6

    private let inPlace: InlineArray<6, RuleIndex>
    private let more: [RuleIndex]
    /// At most `Allowlist.mostRulesPerName` for each suffix of the name.
    public let count: Int

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    /// The number of a rule.
    public subscript(position: Int) -> RuleIndex {
        // They were found from the right end of the name, the least specific first.
        let order = count - 1 - position
        return order < Self.mostInPlace ? inPlace[order] : more[order - Self.mostInPlace]
    }

    /// Takes rules in the opposite of the order in which they are read.
    struct Collector {
        private var inPlace = InlineArray<6, RuleIndex>(repeating: 0)
        private var more: [RuleIndex] = []
        private var count = 0

        mutating func append(_ rule: RuleIndex) {
            if count < Matches.mostInPlace { inPlace[count] = rule } else { more.append(rule) }
            count += 1
        }

        var matches: Matches { Matches(inPlace: inPlace, more: more, count: count) }
    }

    fileprivate init(inPlace: InlineArray<6, RuleIndex>, more: [RuleIndex], count: Int) {
        self.inPlace = inPlace
        self.more = more
        self.count = count
    }
}
