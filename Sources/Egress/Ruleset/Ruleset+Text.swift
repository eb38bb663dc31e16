import Policy

extension Ruleset: CustomStringConvertible {
    /// The table as nft(8) reads it.
    public var description: String {
        let blocks = sets.map(\.description) + chains.map(\.description)
        return "table inet \(table) {\n" + blocks.joined(separator: "\n") + "}\n"
    }
}

extension Ruleset.NamedSet: CustomStringConvertible {
    public var description: String {
        let address = family == .v4 ? "ipv4_addr" : "ipv6_addr"
        let endpoint = "\(address) . inet_proto . inet_service"
        var lines: [String]
        switch content {
        case .addresses(let ranges):
            lines = ["type \(address)", "flags interval"] + Self.elements(ranges.map(\.nftText))
        case .endpoints(let boxes):
            lines = ["type \(endpoint)", "flags interval"] + Self.elements(boxes.map(\.nftText))
        case .grants(let limit):
            lines = ["type \(endpoint)", "size \(limit)", "flags timeout"]
        }
        lines = lines.map { "        \($0)\n" }
        return "    set \(name) {\n" + lines.joined() + "    }\n"
    }

    private static func elements(_ texts: [String]) -> [String] {
        texts.isEmpty ? [] : ["elements = { " + texts.joined(separator: ", ") + " }"]
    }
}

extension Ruleset.Chain: CustomStringConvertible {
    public var description: String {
        var lines: [String] = []
        if let base {
            lines.append(
                "type \(base.kind) hook \(base.hook) priority \(base.priority); "
                    + "policy \(base.policy);")
        }
        lines += rules.map(\.description)
        return "    chain \(name) {\n" + lines.map { "        \($0)\n" }.joined() + "    }\n"
    }
}

extension Ruleset.Rule: CustomStringConvertible {
    public var description: String {
        let parts =
            matches.map(\.description) + statements.map(\.description)
            + (verdict.map { [$0.description] } ?? []) + ["comment \"\(reason)\""]
        return parts.joined(separator: " ")
    }
}

extension Ruleset.Match: CustomStringConvertible {
    public var description: String {
        switch self {
        case .leaves(let loopback): loopback ? "oif lo" : "oif != lo"
        case .arrives(let loopback): loopback ? "iif lo" : "iif != lo"
        case .owner(let uid): "meta skuid \(uid)"
        case .anyOwner: "meta skuid != 4294967295"
        case .destination(let address): "\(address.family.nftText) daddr \(address)"
        case .destinations(let range): "\(range.lowerBound.family.nftText) daddr \(range.nftText)"
        case .destinationIn(let set, let family): "\(family.nftText) daddr @\(set)"
        case .source(let address): "\(address.family.nftText) saddr \(address)"
        case .foreignSource: "fib saddr type != local"
        case .foreignDestination: "fib daddr type != local"
        case .goesTo(let set, let family):
            "\(family.nftText) daddr . meta l4proto . th dport @\(set)"
        case .comesFrom(let set, let family):
            "\(family.nftText) saddr . meta l4proto . th sport @\(set)"
        case .transport(let transport): "meta l4proto \(transport)"
        case .otherTransport(let transport): "meta l4proto != \(transport)"
        case .sourcePort(let transport, let ports): "\(transport) sport \(ports.nftText)"
        case .destinationPort(let transport, let ports): "\(transport) dport \(ports.nftText)"
        case .originalDestinationPort(let transport, let port):
            "meta l4proto \(transport) ct original proto-dst \(port)"
        case .acknowledges: "tcp flags & ack != 0"
        case .opensNothing: "tcp flags & (syn | ack) != syn"
        case .controlMessage(let family):
            "meta l4proto \(family == .v4 ? "icmp" : "ipv6-icmp")"
        case .controlMessage6(let types):
            types.count == 1
                ? "icmpv6 type \(types.lowerBound)"
                : "icmpv6 type \(types.lowerBound)-\(types.upperBound)"
        case .fromThisLink: "ip6 hoplimit 255"
        case .state(let state): "ct state \(state)"
        case .marked(let mark): "ct mark \(mark)"
        case .family(let family): "meta nfproto \(family == .v4 ? "ipv4" : "ipv6")"
        case .headerOptions: "ip hdrlength != 5"
        case .routingHeader: "exthdr rt exists"
        }
    }
}

extension Ruleset.ConnectionState: CustomStringConvertible {
    public var description: String {
        let names: [(Self, String)] = [
            (.invalid, "invalid"), (.established, "established"), (.related, "related"),
            (.new, "new"), (.untracked, "untracked"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}

extension Ruleset.Statement: CustomStringConvertible {
    public var description: String {
        switch self {
        case .counter: "counter"
        case .mark(let mark): "ct mark set \(mark)"
        case .limit(let perSecond, let burst):
            "limit rate \(perSecond)/second burst \(burst) packets"
        case .log(let group, let prefix, let octets):
            "log prefix \"\(prefix)\" group \(group) snaplen \(octets)"
        }
    }
}

extension Ruleset.Verdict: CustomStringConvertible {
    public var description: String {
        switch self {
        case .accept: "accept"
        case .drop: "drop"
        case .go(let chain): "goto \(chain)"
        case .tcpReset: "reject with tcp reset"
        case .prohibited: "reject with icmpx admin-prohibited"
        case .destination(let address, let port):
            address.isIPv4 ? "dnat ip to \(address):\(port)" : "dnat ip6 to [\(address)]:\(port)"
        }
    }
}

extension Ruleset.Family {
    fileprivate var nftText: String { self == .v4 ? "ip" : "ip6" }
}

extension ClosedRange<Address> {
    fileprivate var nftText: String {
        lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)"
    }
}

extension PortRange {
    fileprivate var nftText: String { first == last ? "\(first)" : "\(first)-\(last)" }
}

extension DestinationRange {
    fileprivate var nftText: String {
        let ports =
            ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
        return "\(addresses.nftText) . \(transport) . \(ports)"
    }
}
