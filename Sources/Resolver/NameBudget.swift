import Linux

/// How many new names a minute each wildcard rule may send upstream, and how many questions about
/// others: what is left of the channel that labels under an allowed wildcard are.
struct NameBudget {
    private static let window: Milliseconds = .seconds(60)
    /// Most wildcard rules that are counted at a time; of more, the one used first is forgotten
    /// only when its minute has passed, and until then the new one is refused.
    private static let mostRules = 1024
    /// Names that are remembered as not new.
    private static let mostNames = 8192
    /// Questions about names that are not new, for each new one that is let through: which of many
    /// names is asked again carries something, too, where their owner lets no answer last.
    static let questionsPerName = 10

    /// New names a minute and rule.
    let limit: Int
    /// When each of a rule's last `limit` new names was let through, as a ring.
    private var spent: [UInt32: (times: [Instant], next: Int)] = [:]
    /// Since when each rule's questions about names that are not new are counted, and how many.
    private var repeated: [UInt32: (since: Instant, count: Int)] = [:]
    private var known: Set<UInt64> = []
    private var knownInOrder: [UInt64] = []
    private var oldest = 0

    init(limit: Int) { self.limit = limit }

    /// Charges a name to a rule; false when the rule's minute is used up.
    ///
    /// - Parameter name: a hash of the name under a secret key.
    mutating func admit(_ name: UInt64, under rule: UInt32, at now: Instant) -> Bool {
        if known.contains(name) { return admitAgain(under: rule, at: now) }
        guard limit > 0 else { return false }
        if spent[rule] == nil {
            if spent.count >= Self.mostRules { forgetUnused(at: now) }
            guard spent.count < Self.mostRules else { return false }
            spent[rule] = ([], 0)
        }
        let next = spent[rule]?.next ?? 0
        if spent[rule]?.times.count == limit {
            guard let time = spent[rule]?.times[next], now >= time + Self.window else {
                return false
            }
            spent[rule]?.times[next] = now
        } else {
            spent[rule]?.times.append(now)
        }
        spent[rule]?.next = (next + 1) % limit
        remember(name)
        return true
    }

    private mutating func admitAgain(under rule: UInt32, at now: Instant) -> Bool {
        if let counted = repeated[rule], now < counted.since + Self.window {
            guard counted.count < limit * Self.questionsPerName else { return false }
            repeated[rule]?.count += 1
            return true
        }
        if repeated.count >= Self.mostRules {
            repeated = repeated.filter { now < $0.value.since + Self.window }
            guard repeated.count < Self.mostRules else { return false }
        }
        repeated[rule] = (now, 1)
        return true
    }

    private mutating func remember(_ name: UInt64) {
        known.insert(name)
        if knownInOrder.count < Self.mostNames {
            knownInOrder.append(name)
        } else {
            known.remove(knownInOrder[oldest])
            knownInOrder[oldest] = name
            oldest = (oldest + 1) % Self.mostNames
        }
    }

    private mutating func forgetUnused(at now: Instant) {
        spent = spent.filter { entry in
            entry.value.times.contains { now < $0 + Self.window }
        }
    }
}
