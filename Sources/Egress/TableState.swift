/// What the kernel says it holds in our table: the ground truth for `codetainer status`.
public struct TableState: Equatable, Sendable {
    public var chains: [ChainState]

    public struct ChainState: Equatable, Sendable {
        public var name: String
        public var base: Ruleset.Chain.Base?
        public var rules: [RuleState]
    }

    public struct RuleState: Equatable, Sendable {
        public var reason: String
        /// The names of its instructions, in order: `meta`, `cmp`, `lookup`, …
        public var instructions: [String]
        /// Packets that passed its counter; nil when it has none.
        public var packets: UInt64?
    }

    public var ruleCount: Int { chains.reduce(0) { $0 + $1.rules.count } }

    /// Packets that were refused on their way out (in audit: would have been), since the table was
    /// put in its place.
    public var refusedPackets: UInt64 { packets(in: "refuse") + packets(in: "foreign") }
    /// Of those, what nobody was told of: more in a second than are copied.
    public var uncopiedPackets: UInt64 {
        let copied = counters(of: "refuse").dropFirst().first ?? 0
        let copiedForeign = counters(of: "foreign").dropFirst().first ?? 0
        return refusedPackets - min(refusedPackets, copied + copiedForeign)
    }
    /// Packets that were dropped on their way in.
    public var droppedInbound: UInt64 { packets(in: "input") }

    private func packets(in chain: String) -> UInt64 { counters(of: chain).first ?? 0 }

    private func counters(of chain: String) -> [UInt64] {
        chains.first { $0.name == chain }?.rules.compactMap(\.packets) ?? []
    }

    /// Where the kernel's table is not `ruleset`, in words; empty when the lockdown is on.
    ///
    /// Compared are chains with their hook, priority and policy, and every rule's reason and
    /// instructions. Elements of sets are not: they come and go.
    public func differences(from ruleset: Ruleset) -> [String] {
        var found: [String] = []
        for chain in ruleset.chains {
            guard let state = chains.first(where: { $0.name == chain.name }) else {
                found.append("chain \(chain.name) is missing")
                continue
            }
            if state.base != chain.base {
                found.append("chain \(chain.name) has another hook, priority or policy")
            }
            let expected = chain.rules.map { RuleShape($0.reason, $0.expressions.map(\.name)) }
            if state.rules.map({ RuleShape($0.reason, $0.instructions) }) != expected {
                found.append("chain \(chain.name) has other rules")
            }
        }
        for state in chains where !ruleset.chains.contains(where: { $0.name == state.name }) {
            found.append("chain \(state.name) is not ours")
        }
        return found
    }

    private struct RuleShape: Equatable {
        let reason: String
        let instructions: [String]

        init(_ reason: String, _ instructions: [String]) {
            self.reason = reason
            self.instructions = instructions
        }
    }
}
