public import Linux
public import Policy

/// Something that the policy let pass or did not, as `codetainer logs` shows it.
public struct Decision: Sendable {
    public enum Verdict: UInt8, Sendable {
        /// A name was resolved, and its addresses are open; or a packet opened a flow.
        case allowed = 1
        /// A name was not.
        case denied
        /// The kernel refused a packet.
        case refused
    }

    /// Why a name was denied.
    public enum Reason: UInt8, Sendable {
        case none
        /// No rule has it.
        case noRule
        /// Its wildcard has let through as many new names as it may in a minute.
        case budget
        /// It has no address but one that is not public.
        case notPublic
        /// PID 1 did not open its addresses.
        case notOpened
    }

    public var verdict: Verdict
    public var reason = Reason.none
    /// Whether it passed all the same, because the policy is only audited.
    public var isAudit = false
    /// When it came first, and when last.
    public var first: Instant
    public var last: Instant
    /// How many like it came meanwhile.
    public var count: UInt64 = 1
    /// As DNS writes it: what is not printable ASCII is escaped.
    public var name: String?
    /// The first of those that the name has, the one that is not public, or where the packet went.
    public var address: Address?
    /// Addresses that the name has besides.
    public var others = 0
    /// Whether it is about a packet, not about a name.
    public var isPacket = false
    /// Of a packet; the IP protocol's number, and 0 where it has no ports.
    public var protocolNumber: UInt8 = 0
    public var port: UInt16 = 0
    /// Who sent the packet; nil when its socket was closed already.
    public var user: UInt32?
    /// The line of the allowlist that allows the name.
    public var rule: String?

    public init(_ verdict: Verdict, first: Instant, last: Instant) {
        (self.verdict, self.first, self.last) = (verdict, first, last)
    }
}
