import CNftnl
import Policy

extension Ruleset.Rule {
    /// The rule as the kernel executes it, instruction by instruction.
    var expressions: [Expression] {
        matches.flatMap(\.expressions) + statements.flatMap(\.expressions)
            + (verdict?.expressions ?? [])
    }
}

extension Ruleset.Match {
    var expressions: [Expression] {
        switch self {
        case .leaves(let loopback): Self.interface(NFT_META_OIF, loopback)
        case .arrives(let loopback): Self.interface(NFT_META_IIF, loopback)
        case .owner(let uid): [.meta(NFT_META_SKUID), .equal(uid.host)]
        // The kernel never gives out (uid_t)-1 (credentials(7)); without a socket, loading fails.
        case .anyOwner: [.meta(NFT_META_SKUID), .different(from: UInt32.max.host)]
        case .destination(let address): Self.destination(address...address)
        case .destinations(let range): Self.destination(range)
        case .destinationIn(let set, let family):
            [
                .meta(NFT_META_NFPROTO), .equal([family.number]), family.load(.destination),
                .lookup(set),
            ]
        case .source(let address):
            [
                .meta(NFT_META_NFPROTO), .equal([address.family.number]),
                address.family.load(.source), .equal(address.bytes),
            ]
        case .foreignSource: [.addressType(NFTA_FIB_F_SADDR), .different(from: UInt32(2).host)]
        case .foreignDestination:
            [.addressType(NFTA_FIB_F_DADDR), .different(from: UInt32(2).host)]
        case .goesTo(let set, let family): Self.endpoint(.destination, set, family)
        case .comesFrom(let set, let family): Self.endpoint(.source, set, family)
        case .transport(let transport): Self.transport(transport)
        case .otherTransport(let transport):
            [.meta(NFT_META_L4PROTO), .different(from: [transport.rawValue])]
        case .sourcePort(let transport, let ports): Self.port(transport, offset: 0, ports)
        case .destinationPort(let transport, let ports): Self.port(transport, offset: 2, ports)
        case .originalDestinationPort(let transport, let port):
            Self.transport(transport) + [
                .connection(NFT_CT_PROTO_DST, ofOriginal: true), .equal(port.network),
            ]
        // The flags are octet 13, ACK is 0x10 (RFC 9293 §3.1).
        case .acknowledges:
            Self.transport(.tcp) + [
                .payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 13, length: 1),
                .masked(by: [0x10]), .different(from: [0]),
            ]
        // SYN is 0x02.
        case .opensNothing:
            Self.transport(.tcp) + [
                .payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 13, length: 1),
                .masked(by: [0x12]), .different(from: [0x02]),
            ]
        case .controlMessage(let family):
            [.meta(NFT_META_L4PROTO), .equal([family == .v4 ? 1 : 58])]
        case .controlMessage6(let types):
            [
                .meta(NFT_META_NFPROTO), .equal([Family.v6.number]),
                .meta(NFT_META_L4PROTO), .equal([58]),
                .payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 0, length: 1),
            ] + Expression.within([types.lowerBound], [types.upperBound])
        case .fromThisLink:
            [.payload(NFT_PAYLOAD_NETWORK_HEADER, offset: 7, length: 1), .equal([255])]
        case .state(let state):
            [
                .connection(NFT_CT_STATE), .masked(by: state.rawValue.host),
                .different(from: UInt32(0).host),
            ]
        case .marked(let mark): [.connection(NFT_CT_MARK), .equal(mark.host)]
        case .family(let family): [.meta(NFT_META_NFPROTO), .equal([family.number])]
        // The header's length in words of four octets is the low half of octet 0 (RFC 791 §3.1).
        case .headerOptions:
            [
                .meta(NFT_META_NFPROTO), .equal([Family.v4.number]),
                .payload(NFT_PAYLOAD_NETWORK_HEADER, offset: 0, length: 1),
                .masked(by: [0x0F]), .different(from: [5]),
            ]
        case .routingHeader:
            [
                .meta(NFT_META_NFPROTO), .equal([Family.v6.number]),
                .hasRoutingHeader(), .equal([1]),
            ]
        }
    }

    /// `lo` is interface 1 in every network namespace: the kernel creates it first.
    private static func interface(_ key: nft_meta_keys, _ loopback: Bool) -> [Expression] {
        [.meta(key), loopback ? .equal(UInt32(1).host) : .different(from: UInt32(1).host)]
    }

    private static func transport(_ transport: Transport) -> [Expression] {
        [.meta(NFT_META_L4PROTO), .equal([transport.rawValue])]
    }

    private static func port(
        _ transport: Transport, offset: UInt32, _ ports: PortRange
    ) -> [Expression] {
        Self.transport(transport)
            + [.payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset: offset, length: 2)]
            + Expression.within(ports.first.network, ports.last.network)
    }

    private static func destination(_ range: ClosedRange<Address>) -> [Expression] {
        let family = range.lowerBound.family
        return [.meta(NFT_META_NFPROTO), .equal([family.number]), family.load(.destination)]
            + Expression.within(range.lowerBound.bytes, range.upperBound.bytes)
    }

    /// Address, protocol and port side by side in the registers, as the set keeps them.
    private static func endpoint(
        _ end: Family.End, _ set: String, _ family: Family
    ) -> [Expression] {
        let words = UInt32(family.addressLength / 4)
        return [
            .meta(NFT_META_NFPROTO), .equal([family.number]), family.load(end),
            .meta(NFT_META_L4PROTO, to: Expression.Register(words)),
            .payload(
                NFT_PAYLOAD_TRANSPORT_HEADER, offset: end == .source ? 0 : 2, length: 2,
                to: Expression.Register(words + 1)),
            .lookup(set),
        ]
    }
}

extension Ruleset.Statement {
    var expressions: [Expression] {
        switch self {
        case .counter:
            [
                Expression(
                    "counter",
                    Expression.Field(NFTNL_EXPR_CTR_PACKETS, .long(0)),
                    Expression.Field(NFTNL_EXPR_CTR_BYTES, .long(0)))
            ]
        case .mark(let mark):
            [.immediate(mark.host, to: .first), .connectionBecomes(NFT_CT_MARK, .first)]
        case .limit(let perSecond, let burst):
            [
                Expression(
                    "limit",
                    Expression.Field(NFTNL_EXPR_LIMIT_RATE, .long(perSecond)),
                    Expression.Field(NFTNL_EXPR_LIMIT_UNIT, .long(1)),
                    Expression.Field(NFTNL_EXPR_LIMIT_BURST, .number(burst)),
                    Expression.Field(NFTNL_EXPR_LIMIT_TYPE, .number(NFT_LIMIT_PKTS.rawValue)),
                    Expression.Field(NFTNL_EXPR_LIMIT_FLAGS, .number(0)))
            ]
        case .log(let group, let prefix, let octets):
            [
                Expression(
                    "log",
                    Expression.Field(NFTNL_EXPR_LOG_PREFIX, .text(prefix)),
                    Expression.Field(NFTNL_EXPR_LOG_GROUP, .bytes(group.host)),
                    Expression.Field(NFTNL_EXPR_LOG_SNAPLEN, .number(octets)))
            ]
        }
    }
}

extension Ruleset.Verdict {
    /// NF_DROP and NF_ACCEPT of linux/netfilter.h, NFT_GOTO of linux/netfilter/nf_tables.h.
    var expressions: [Expression] {
        switch self {
        case .drop: [.verdict(0)]
        case .accept: [.verdict(1)]
        case .go(let chain): [.verdict(NFT_GOTO.rawValue, chain: chain)]
        case .tcpReset: [.reject(NFT_REJECT_TCP_RST, code: 0)]
        case .prohibited:
            [
                .reject(
                    NFT_REJECT_ICMPX_UNREACH,
                    code: UInt8(NFT_REJECT_ICMPX_ADMIN_PROHIBITED.rawValue))
            ]
        case .destination(let address, let port):
            Self.translation(to: address, port)
        }
    }

    private static func translation(to address: Address, _ port: UInt16) -> [Expression] {
        let target = Expression.Register.first
        let targetPort = Expression.Register(4)
        return [
            .immediate(address.bytes, to: target), .immediate(port.network, to: targetPort),
            Expression(
                "nat",
                Expression.Field(NFTNL_EXPR_NAT_TYPE, .number(NFT_NAT_DNAT.rawValue)),
                Expression.Field(NFTNL_EXPR_NAT_FAMILY, .number(UInt32(address.family.number))),
                Expression.Field(NFTNL_EXPR_NAT_REG_ADDR_MIN, .number(target.number)),
                Expression.Field(NFTNL_EXPR_NAT_REG_PROTO_MIN, .number(targetPort.number)),
                // NF_NAT_RANGE_PROTO_SPECIFIED of linux/netfilter/nf_nat.h.
                Expression.Field(NFTNL_EXPR_NAT_FLAGS, .number(2))),
        ]
    }
}

extension Ruleset.Family {
    /// NFPROTO_IPV4 and NFPROTO_IPV6 of linux/netfilter.h.
    var number: UInt8 { self == .v4 ? 2 : 10 }
    var addressLength: Int { self == .v4 ? 4 : 16 }

    enum End {
        case source, destination
    }

    /// Loads an address: octets 12–15 and 16–19 of an IPv4 header (RFC 791 §3.1), 8–23 and 24–39 of
    /// an IPv6 header (RFC 8200 §3).
    func load(_ end: End) -> Expression {
        let source: UInt32 = self == .v4 ? 12 : 8
        return .payload(
            NFT_PAYLOAD_NETWORK_HEADER,
            offset: end == .source ? source : source + UInt32(addressLength),
            length: UInt32(addressLength))
    }
}
