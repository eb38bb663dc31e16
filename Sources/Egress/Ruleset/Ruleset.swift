/// An nftables table as a value: what the kernel shall hold, before any of it is sent.
///
/// `description` is the same table in the language of nft(8); the tests load it with `nft -f` and
/// compare what the kernel then lists with what it lists after `NetfilterSocket.replace(with:)`.
public struct Ruleset: Equatable, Sendable {
    /// Family `inet`: one table for IPv4 and IPv6.
    public var table: String
    public var sets: [NamedSet]
    public var chains: [Chain]

    public init(table: String, sets: [NamedSet], chains: [Chain]) {
        self.table = table
        self.sets = sets
        self.chains = chains
    }

    /// The sum over all chains.
    public var ruleCount: Int { chains.reduce(0) { $0 + $1.rules.count } }
}

extension Ruleset {
    /// The version of IP that a match or a set is about.
    public enum Family: Hashable, Sendable, CaseIterable {
        case v4, v6
    }

    /// A chain: rules in order, and, for a base chain, where the kernel calls it.
    public struct Chain: Equatable, Sendable {
        public var name: String
        /// nil for a chain that other chains go to.
        public var base: Base?
        public var rules: [Rule]

        public init(_ name: String, _ base: Base? = nil, _ rules: [Rule]) {
            self.name = name
            self.base = base
            self.rules = rules
        }

        /// A base chain's place.
        public struct Base: Equatable, Sendable {
            public var kind: Kind
            public var hook: Hook
            /// Chains of lower priority run first; the kernel's own NAT sits at -100 in `output`.
            public var priority: Int32
            public var policy: Policy

            public init(_ kind: Kind, _ hook: Hook, priority: Int32, policy: Policy) {
                self.kind = kind
                self.hook = hook
                self.priority = priority
                self.policy = policy
            }
        }

        public enum Kind: String, Sendable {
            case filter, nat
        }

        public enum Hook: UInt32, Sendable {
            case prerouting, input, forward, output, postrouting
        }

        public enum Policy: UInt32, Sendable {
            case drop, accept
        }
    }

    /// One rule: when all of `matches` hold, `statements` are carried out and then `verdict`.
    public struct Rule: Equatable, Sendable {
        public var matches: [Match]
        public var statements: [Statement]
        /// nil lets the next rule decide.
        public var verdict: Verdict?
        /// Why the rule is there, at most 127 octets; the kernel keeps it and `nft list` shows it.
        public var reason: String

        public init(
            _ matches: [Match] = [], _ statements: [Statement] = [], _ verdict: Verdict?,
            _ reason: String
        ) {
            self.matches = matches
            self.statements = statements
            self.verdict = verdict
            self.reason = reason
        }
    }
}

// Short inside this module. Outside they are Ruleset's, for Policy has a Rule of its own.
typealias Family = Ruleset.Family
typealias Chain = Ruleset.Chain
typealias Rule = Ruleset.Rule
typealias Match = Ruleset.Match
typealias NamedSet = Ruleset.NamedSet
