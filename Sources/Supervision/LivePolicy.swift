import Control
import Linux
public import Policy

/// The policy in force: the allowlist files as they were last read, and what the operator has
/// opened and closed since. Pure: time comes in as an argument.
public struct LivePolicy: Equatable, Sendable {
    /// A rule that the operator opened; nil `end` means until the container ends.
    struct Addition: Equatable, Sendable {
        var rule: String
        var end: Instant?
    }

    /// The files' rules, canonical.
    private(set) var base: String
    private(set) var additions: [Addition] = []
    /// Names that are denied, and everything below them, whatever the files say.
    private(set) var exceptions: [String] = []
    /// The rule of the licence server's name, which opens it to the lease service alone; nil where
    /// there is none, or it is an address.
    let leased: String?

    /// What the source of that rule is called.
    static let leaseSource = "licence"

    public init(base: String, leased: String? = nil) { (self.base, self.leased) = (base, leased) }

    /// All of it as one allowlist.
    public func allowlist() throws(AllowlistErrors) -> Allowlist {
        try Allowlist(parsing: [
            Allowlist.Source(name: "policy", text: base),
            Allowlist.Source(
                name: "codetainer allow", text: additions.map { $0.rule + "\n" }.joined()),
            Allowlist.Source(
                name: "codetainer deny", text: exceptions.map { "!\($0)\n" }.joined()),
            // Last: where the operator's rules have the same, it is not only the service's.
            Allowlist.Source(name: Self.leaseSource, text: leased ?? ""),
        ])
    }

    /// All of it as one text. Read as a list, it gives the same rules under the same numbers.
    var text: String {
        let ends = additions.map(\.rule) + exceptions.map { "!\($0)" } + (leased.map { [$0] } ?? [])
        let start = base.isEmpty || base.hasSuffix("\n") ? base : base + "\n"
        return start + ends.map { $0 + "\n" }.joined()
    }

    /// The files were read again; what the operator opened and closed stays.
    func replacing(base: String) -> LivePolicy {
        var policy = self
        policy.base = base
        return policy
    }

    /// Opens `rule`, a line of the allowlist; of a name that was denied the denial goes.
    func allowing(_ rule: String, until end: Instant?) -> LivePolicy {
        var policy = self
        policy.additions.removeAll { $0.rule == rule }
        policy.additions.append(Addition(rule: rule, end: end))
        let name = rule.prefix { $0 != ":" && $0 != " " }
        policy.exceptions.removeAll { $0 == name }
        return policy
    }

    /// Closes `name` and everything below it; what the operator opened for it goes.
    func denying(_ name: DomainName) -> LivePolicy {
        var policy = self
        let text = name.description
        policy.additions.removeAll { addition in
            addition.rule.prefix { $0 != ":" && $0 != " " } == text
        }
        if !policy.exceptions.contains(text) { policy.exceptions.append(text) }
        return policy
    }

    /// When the next addition ends.
    var nextEnd: Instant? { additions.compactMap(\.end).min() }

    /// Without the additions that have ended.
    func expiring(at now: Instant) -> LivePolicy {
        var policy = self
        policy.additions.removeAll { addition in addition.end.map { $0 <= now } ?? false }
        return policy
    }
}

extension LivePolicy: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(base)
        writer.write(additions) { writer, addition in
            writer.write(addition.rule)
            writer.write(addition.end) { $0.write($1.nanoseconds) }
        }
        writer.write(exceptions)
        writer.write(leased) { $0.write($1) }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        base = try reader.text()
        additions = try reader.list { reader throws(RecordError) in
            let rule = try reader.text()
            let end = try reader.optional { reader throws(RecordError) in
                Instant(nanoseconds: try reader.integer())
            }
            return Addition(rule: rule, end: end)
        }
        exceptions = try reader.texts()
        leased = try reader.optional { reader throws(RecordError) in try reader.text() }
    }
}

extension Allowlist {
    /// The rule of the licence server's name, and whether the operator has it as well.
    ///
    /// - Parameter leased: the rule as a line; nil where there is none.
    func leasedRule(_ leased: String?) -> (index: RuleIndex, isShared: Bool)? {
        guard let leased, let last = rules.last else { return nil }
        if last.origin.source == LivePolicy.leaseSource {
            return (RuleIndex(rules.count - 1), false)
        }
        let source = Source(name: LivePolicy.leaseSource, text: leased)
        guard let line = (try? Allowlist(parsing: [source]))?.rules.first?.description,
            let index = rules.firstIndex(where: { $0.description == line })
        else { return nil }
        return (RuleIndex(index), true)
    }
}
