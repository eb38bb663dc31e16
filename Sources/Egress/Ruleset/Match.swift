public import Policy

extension Ruleset {
    /// One condition of a rule.
    public enum Match: Equatable, Sendable {
        /// The packet leaves through the loopback interface, or through any other.
        ///
        /// In `output` this is the interface chosen *before* a NAT chain of the same hook rerouted the
        /// packet; only `postrouting` sees the interface that it will really leave through.
        case leaves(loopback: Bool)
        case arrives(loopback: Bool)

        /// The uid that opened the socket. Packets without one (a closed socket's last segments, the
        /// kernel's own) never match.
        case owner(UInt32)
        /// Some uid opened the socket and still holds it.
        case anyOwner

        case destination(Address)
        case destinations(ClosedRange<Address>)
        case destinationIn(set: String, Family)
        case source(Address)
        /// The source, or the destination, is not an address of this network namespace.
        case foreignSource
        case foreignDestination
        /// It goes to an address, protocol and port of the set …
        case goesTo(set: String, Family)
        /// … or comes from one.
        case comesFrom(set: String, Family)

        case transport(Transport)
        case otherTransport(than: Transport)
        case sourcePort(Transport, PortRange)
        case destinationPort(Transport, PortRange)
        /// The port that the flow's first packet was sent to, before any NAT.
        case originalDestinationPort(Transport, UInt16)
        /// TCP with the ACK bit: all of a connection but the segment that opens it (RFC 9293 §3.1).
        case acknowledges
        /// TCP but for a segment with SYN and without ACK, which opens a connection.
        case opensNothing

        /// ICMP, or ICMPv6 for `.v6`.
        case controlMessage(Family)
        case controlMessage6(types: ClosedRange<UInt8>)
        /// Hop limit 255: the packet did not pass a router (RFC 4861 §3.1).
        case fromThisLink

        case state(ConnectionState)
        /// The flow has this mark.
        case marked(UInt32)
        case family(Family)
        /// An IPv4 header of more than 20 octets: it carries options (RFC 791 §3.1).
        case headerOptions
        /// IPv6 with a routing header (RFC 8200 §4.4).
        case routingHeader
    }

    /// What connection tracking knows of a packet's flow.
    public struct ConnectionState: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        // linux/netfilter/nf_conntrack_common.h, NF_CT_STATE_BIT.
        public static let invalid = Self(rawValue: 1)
        public static let established = Self(rawValue: 2)
        public static let related = Self(rawValue: 4)
        public static let new = Self(rawValue: 8)
        public static let untracked = Self(rawValue: 64)
    }

    /// What a rule does beside its verdict.
    public enum Statement: Equatable, Sendable {
        case counter
        /// The packet's flow has this mark from now on.
        case mark(UInt32)
        /// Goes on while the rate is below `perSecond`, after a `burst`; otherwise the rule ends here.
        case limit(perSecond: UInt64, burst: UInt32)
        /// A copy of the packet's first `octets` to an NFLOG group, with a word that marks it.
        case log(group: UInt16, prefix: String, octets: UInt32)
    }

    /// How a rule ends.
    public enum Verdict: Equatable, Sendable {
        case accept
        case drop
        case go(to: String)
        case tcpReset
        /// ICMP or ICMPv6 "communication administratively prohibited".
        case prohibited
        /// The flow's destination becomes this address and port.
        case destination(Address, port: UInt16)
    }
}
