import Egress
import Policy

/// What one allowlist opened and the next does not.
struct PolicyChange {
    /// Grants that the new allowlist still gives.
    let surviving: [Grant]
    /// Destinations to be closed, with the flows to them.
    let closed: [Destination]
    /// Whether anything that was allowed no longer is: then nothing of the old may be finished.
    let isShrinking: Bool

    /// - Parameter grants: what the kernel holds, each with the subject of the rule that gave it.
    init(from old: Allowlist, to new: Allowlist, grants: [LiveGrant]) {
        let rules = Set(new.rules.map(\.description))
        let denied = new.rules.compactMap(\.exceptedName)
        isShrinking =
            old.rules.contains { $0.exceptedName == nil && !rules.contains($0.description) }
            || denied.contains { name in
                !old.rules.contains { $0.exceptedName == name }
            }
        var rulesOf: [String: [Rule]] = [:]
        for rule in new.rules { rulesOf[rule.subject.description, default: []].append(rule) }
        var surviving: [Grant] = []
        var closed: [Destination] = []
        for live in grants {
            let destination = live.destination
            let isOpen = rulesOf[live.name, default: []].contains { rule in
                rule.transport == destination.transport && rule.service.contains(destination.port)
                    && (rule.opensPrivate || !live.isPrivate)
            }
            // A wildcard's grant does not say which name below it was asked for, so one denied name
            // closes them all: the others open again with their next answer.
            let isDenied = denied.contains { Self.covers(live.name, $0) }
            let isReachable =
                live.isPrivate || destination.address.isPubliclyRoutable
                || new.permits(destination.address)
            if isOpen, !isDenied, isReachable {
                surviving.append(live.grant)
            } else {
                closed.append(destination)
            }
        }
        self.surviving = surviving
        self.closed = closed
    }

    /// Whether `subject`, of a rule, allows `name` or something below it.
    private static func covers(_ subject: String, _ name: DomainName) -> Bool {
        let denied = name.description
        let isWildcard = subject.hasPrefix("*.") || subject.hasPrefix(".")
        let apex = String(subject.drop { $0 == "*" || $0 == "." })
        if apex == denied || apex.hasSuffix("." + denied) { return true }
        return isWildcard && denied.hasSuffix("." + apex)
    }
}

extension Rule {
    /// The name that an exception is about.
    fileprivate var exceptedName: DomainName? {
        if case .exception(let name) = subject { name } else { nil }
    }
}
