import Egress
import Policy

/// What one allowlist opened and the next does not.
struct PolicyChange {
    /// Whether anything that was allowed no longer is.
    let isShrinking: Bool
    private let old: Allowlist
    private let new: Allowlist
    /// Names that are denied from now on.
    private let denied: [String]
    /// By the old list's rules, whether a name that they allow is denied from now on.
    private var isDenied: [RuleIndex: Bool] = [:]

    init(from old: Allowlist, to new: Allowlist) {
        (self.old, self.new) = (old, new)
        denied = new.exceptions(besides: old).map(\.description)
        isShrinking = !denied.isEmpty || !new.hasAll(of: old)
    }

    /// A reason under the next list; nil where that does not open the destination for it.
    mutating func surviving(
        _ reason: GrantBook.Reason, for destination: Destination
    ) -> GrantBook.Reason? {
        // Where it is not known which rule it was, it may be one that is gone.
        guard let rule = reason.rule else { return isShrinking ? nil : reason }
        let next = new.rules(covering: rule, of: old).first {
            new.opens(
                destination.port, destination.transport, isPrivate: reason.isPrivate, by: $0)
        }
        guard let next, !isShrinking || isStillOpen(rule, reason, destination) else { return nil }
        var surviving = reason
        surviving.rule = next
        return surviving
    }

    private mutating func isStillOpen(
        _ rule: RuleIndex, _ reason: GrantBook.Reason, _ destination: Destination
    ) -> Bool {
        guard
            reason.isPrivate || destination.address.isPubliclyRoutable
                || new.permits(destination.address)
        else { return false }
        if let known = isDenied[rule] { return !known }
        let names = old.opening(of: rule)?.names ?? ""
        // A wildcard's grant does not say which name below it was asked for, so one denied name
        // closes them all: the others open again with their next answer.
        let isCovered = denied.contains { Self.covers(names, $0) }
        isDenied[rule] = isCovered
        return !isCovered
    }

    /// What the kernel calls it.
    func names(of reason: GrantBook.Reason) -> String? {
        reason.rule.flatMap { new.opening(of: $0)?.names }
    }

    /// Whether `subject`, of a rule, allows `denied` or something below it.
    private static func covers(_ subject: String, _ denied: String) -> Bool {
        let isWildcard = subject.hasPrefix("*.") || subject.hasPrefix(".")
        let apex = String(subject.drop { $0 == "*" || $0 == "." })
        if apex == denied || apex.hasSuffix("." + denied) { return true }
        return isWildcard && denied.hasSuffix("." + apex)
    }
}
