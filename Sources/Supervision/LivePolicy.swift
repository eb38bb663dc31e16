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

    /// A name that the operator closed, with everything below it, whatever the files say.
    struct Denial: Equatable, Sendable {
        var name: String
        /// Until then it is open, because the operator allowed that for a time.
        var suspension: Instant?
    }

    /// Why a rule cannot be opened, and what can be done.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The files' rules, canonical; an exception has a comment that says where it was written.
    private(set) var base: String
    private(set) var additions: [Addition] = []
    private(set) var denials: [Denial] = []
    /// The rule of the licence server's name, which opens it to the lease service alone; nil where
    /// there is none, or it is an address.
    let leased: String?

    /// What the source of that rule is called.
    static let leaseSource = "licence"
    private static let baseSource = "policy"
    private static let denialSource = "codetainer deny"

    public init(base: String, leased: String? = nil) { (self.base, self.leased) = (base, leased) }

    public init(of allowlist: Allowlist, leased: String? = nil) {
        self.init(base: allowlist.canonicalText { "\($0.origin)" }, leased: leased)
    }

    /// All of it as one allowlist.
    public func allowlist() throws(AllowlistErrors) -> Allowlist {
        try Allowlist(parsing: [
            Allowlist.Source(name: Self.baseSource, text: base),
            Allowlist.Source(
                name: "codetainer allow", text: additions.map { $0.rule + "\n" }.joined()),
            Allowlist.Source(
                name: Self.denialSource,
                text: denialsInForce.map { "!\($0.name)\n" }.joined()),
            // Last: where the operator's rules have the same, it is not only the service's.
            Allowlist.Source(name: Self.leaseSource, text: leased ?? ""),
        ])
    }

    /// All of it as one text, each exception with its place. Read as a list, it gives the same rules
    /// under the same numbers.
    var text: String {
        let start = base.isEmpty || base.hasSuffix("\n") ? base : base + "\n"
        let lines =
            additions.map(\.rule) + denialsInForce.map { "!\($0.name) # \(Self.denialSource)" }
            + (leased.map { [$0] } ?? [])
        return start + lines.map { $0 + "\n" }.joined()
    }

    private var denialsInForce: [Denial] { denials.filter { $0.suspension == nil } }

    /// The files were read again; what the operator opened and closed stays.
    func replacing(base: String) -> LivePolicy {
        var policy = self
        policy.base = base
        return policy
    }

    /// Opens `rule`, a line of the allowlist. A denial of its name goes, or waits until `end`; so does
    /// one of a name above, where nothing opens by that but the rule.
    ///
    /// - Throws: `Refusal` where the rule would open nothing.
    func allowing(_ rule: String, until end: Instant?) throws(Refusal) -> LivePolicy {
        var policy = self
        // For a time is for a time more: what was opened for longer stays open for longer.
        var last = end
        for addition in additions where addition.rule == rule {
            last = addition.end.flatMap { known in last.map { max($0, known) } }
        }
        policy.additions.removeAll { $0.rule == rule }
        policy.additions.append(Addition(rule: rule, end: last))
        // What is no rule the whole list says better.
        guard let subject = Self.rule(in: rule)?.subject else { return policy }
        let name: DomainName
        switch subject {
        case .addresses: return policy
        case .exception(let name):
            throw Self.refuse("!\(name) closes a name: say `codetainer deny \(name)`")
        case .exact(let subject), .below(let subject), .apexAndBelow(let subject): name = subject
        }
        let lifted = denials.filter { denial in
            denial.name == "\(name)"
                || name.isBelow(denial.name) && !opens(denial.name, besides: subject)
        }
        policy.denials.removeAll { end == nil && lifted.contains($0) }
        for index in policy.denials.indices where lifted.contains(policy.denials[index]) {
            let earlier = policy.denials[index].suspension
            policy.denials[index].suspension = end.map { max($0, earlier ?? $0) }
        }
        // A long list is read for nothing where it has no exceptions.
        guard !policy.denialsInForce.isEmpty || base.utf8.contains(UInt8(ascii: "!")),
            let list = try? policy.allowlist(), let exception = list.exception(over: name)
        else { return policy }
        guard exception.origin.source != Self.denialSource else {
            let denied = exception.subject.description.dropFirst()
            throw Self.refuse(
                "\(exception), `codetainer deny \(denied)` forbids it: say `codetainer allow \(denied)` first"
            )
        }
        throw Self.refuse(
            "\(exception), \(place(of: exception)) forbids it: take it out there and reload")
    }

    /// Closes `name` and everything below it; what the operator opened of that goes.
    func denying(_ name: DomainName) -> LivePolicy {
        var policy = self
        let text = name.description
        policy.additions.removeAll { addition in
            guard let opened = Self.rule(in: addition.rule)?.subject.name else { return false }
            return opened == name || opened.isBelow(text)
        }
        policy.denials.removeAll { $0.name == text }
        policy.denials.append(Denial(name: text))
        return policy
    }

    /// Takes back what `allowing` opened of addresses: all of them, or the ports that `rule` names.
    ///
    /// - Returns: nil where `rule` is not about addresses.
    /// - Throws: `Refusal` where nothing was opened so.
    func withdrawing(_ rule: String) throws(Refusal) -> LivePolicy? {
        guard let closed = Self.rule(in: rule), case .addresses = closed.subject else { return nil }
        var policy = self
        policy.additions.removeAll { addition in
            guard let opened = Self.rule(in: addition.rule) else { return false }
            return opened.subject == closed.subject
                && (rule == closed.subject.description || opened.service == closed.service)
        }
        guard policy.additions.count < additions.count else {
            throw Self.refuse(
                "\(rule): no `codetainer allow` opened it: take it out of the file that opens it, and reload"
            )
        }
        return policy
    }

    /// When the next addition ends, or the next denial is back.
    var nextEnd: Instant? {
        (additions.compactMap(\.end) + denials.compactMap(\.suspension)).min()
    }

    /// Without the additions that have ended, and with the denials that waited for that.
    func expiring(at now: Instant) -> LivePolicy {
        var policy = self
        policy.additions.removeAll { addition in addition.end.map { $0 <= now } ?? false }
        for index in policy.denials.indices {
            if let end = policy.denials[index].suspension, end <= now {
                policy.denials[index].suspension = nil
            }
        }
        return policy
    }

    // MARK: Exceptions

    private func place(of rule: Rule) -> String {
        Self.place(of: rule, in: base.split(separator: "\n", omittingEmptySubsequences: false))
    }

    /// Where a rule was written: in a file, or by a command.
    ///
    /// - Parameter lines: those of `base`.
    private static func place(of rule: Rule, in lines: [Substring]) -> String {
        let (source, line) = (rule.origin.source, rule.origin.line)
        guard source != denialSource else { return source }
        guard source == baseSource, lines.indices.contains(line - 1) else {
            return "\(rule.origin)"
        }
        return Allowlist.place(in: lines[line - 1]) ?? "\(rule.origin)"
    }

    /// Whether more than rules about `subject` would open without the denial of a name.
    private func opens(_ denied: String, besides subject: Rule.Subject) -> Bool {
        guard let list = try? allowlist(), let denied = try? DomainName(parsing: denied) else {
            return true
        }
        return list.rules.contains { rule in
            guard rule.subject != subject, let name = rule.subject.name else { return false }
            if case .exception = rule.subject { return false }
            if name == denied || name.isBelow("\(denied)") { return true }
            if case .exact = rule.subject { return false }
            return denied.isBelow("\(name)")
        }
    }

    private static func rule(in line: String) -> Rule? {
        (try? Allowlist(parsing: [Allowlist.Source(name: "", text: line)]))?.rules.first
    }

    private static func refuse(_ text: String) -> Refusal { Refusal(description: text) }
}

extension Rule.Subject {
    /// The name that a rule is written with.
    fileprivate var name: DomainName? {
        switch self {
        case .exact(let name), .below(let name), .apexAndBelow(let name), .exception(let name): name
        case .addresses: nil
        }
    }
}

extension DomainName {
    fileprivate func isBelow(_ name: String) -> Bool { description.hasSuffix("." + name) }
}

extension LivePolicy: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(base)
        writer.write(additions) { writer, addition in
            writer.write(addition.rule)
            writer.write(addition.end) { $0.write($1.nanoseconds) }
        }
        writer.write(denials) { writer, denial in
            writer.write(denial.name)
            writer.write(denial.suspension) { $0.write($1.nanoseconds) }
        }
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
        denials = try reader.list { reader throws(RecordError) in
            let name = try reader.text()
            let suspension = try reader.optional { reader throws(RecordError) in
                Instant(nanoseconds: try reader.integer())
            }
            return Denial(name: name, suspension: suspension)
        }
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
