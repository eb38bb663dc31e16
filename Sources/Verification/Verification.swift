public import Linux

/// The outcome of `codetainer verify`.
public struct Verification: Sendable {
    public struct Entry: Sendable {
        public let attack: Attack
        public let finding: Finding
    }

    public let entries: [Entry]
    /// Nothing of the network is held back (`CODETAINER_EGRESS=audit`).
    public let audits: Bool
    /// The profile lets the agent make user namespaces, and mounts inside them.
    public let allowsNamespaces: Bool
    /// Whether rows that cannot be tried are of interest.
    public let isWhole: Bool
    public let time: Milliseconds

    public init(
        attacks: [Attack], findings: [Finding], audits: Bool, allowsNamespaces: Bool = false,
        isWhole: Bool, time: Milliseconds
    ) {
        let byName = Dictionary(findings.map { ($0.attack, $0) }) { first, _ in first }
        entries = attacks.map { attack in
            Entry(
                attack: attack,
                finding: byName[attack.name]
                    ?? Finding(attack: attack.name, verdict: .untold("it was not tried"), time: 0))
        }
        (self.audits, self.allowsNamespaces) = (audits, allowsNamespaces)
        (self.isWhole, self.time) = (isWhole, time)
    }

    /// Every attack was stopped, and none was left out because of an audit.
    public var holds: Bool { !audits && !entries.isEmpty && entries.allSatisfy(\.finding.isHeld) }
}
