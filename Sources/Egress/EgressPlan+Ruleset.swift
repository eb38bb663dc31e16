import Policy

extension EgressPlan {
    /// The table's name, in family `inet`.
    public static let table = "codetainer"

    /// The table for this plan.
    public var ruleset: Ruleset {
        let chains =
            [
                output, foreign, names, docker, resolverChain, opened, refuse, leave, input,
                forward, dns,
            ]
            + (asksDocker ? [answersChain] : []) + leaseChains
        return Ruleset(
            table: Self.table, sets: Family.allCases.flatMap(sets), chains: chains)
    }

    static func name(_ purpose: String, _ family: Family) -> String {
        purpose + (family == .v4 ? "4" : "6")
    }

    /// The set of grants of a family.
    static func grantSet(_ family: Family, isPrivate: Bool) -> String {
        name(isPrivate ? "private" : "granted", family)
    }

    /// The set that a grant's destination is put into.
    static func set(of grant: Grant) -> String {
        let family = grant.destination.address.family
        return grant.isLeased
            ? name("leased", family) : grantSet(family, isPrivate: grant.isPrivate)
    }

    /// Every set of grants.
    static var grantSets: [(family: Family, isPrivate: Bool)] {
        Family.allCases.flatMap { [($0, false), ($0, true)] }
    }

    /// Most private destinations of one family: services that an operator named one by one.
    private static let privateLimit: UInt32 = 4_096

    private func sets(for family: Family) -> [NamedSet] {
        let closed = AddressRange.nonPublic.map { $0.first...$0.last }
        return [
            NamedSet(
                Self.name("static", family), family,
                .endpoints(DestinationRange.disjoint(statics, of: family))),
            NamedSet(
                Self.name("closed", family), family,
                .addresses(ClosedRange.disjoint(closed, of: family))),
            NamedSet(Self.name("private", family), family, .grants(limit: Self.privateLimit)),
            NamedSet(Self.name("granted", family), family, .grants(limit: grantLimit)),
        ]
            + (lease == nil
                ? []
                : [NamedSet(Self.name("leased", family), family, .grants(limit: Self.leaseLimit))])
    }

    // MARK: - What leaves

    /// The order is the policy: the first rule that matches decides.
    ///
    /// Port 53 and Docker's resolver come before `established`: connection tracking knows a flow by
    /// its ports, not by its uid, and for half a minute after the resolver closed a socket anybody
    /// could bind the same port and be taken for the flow that the resolver opened.
    private var output: Chain {
        // A packet with somebody else's address in it makes a flow of which that somebody is an end;
        // what is sent to them next would be its replies, and `established`. For a source IPv6 asks
        // no privilege (IPV6_FREEBIND). The resets that `refuse` makes come from such a source too,
        // but no socket sends them.
        var rules = [
            Rule([.anyOwner, .foreignSource], [], .go(to: "foreign"), "a source that is not ours"),
            Rule(
                [.anyOwner, .leaves(loopback: true), .foreignDestination], [], .go(to: "refuse"),
                "a destination that is not ours, inside"),
        ]
        if asksDocker {
            rules.append(
                Rule(
                    [.anyOwner, .source(Self.dockerResolver)], [], .go(to: "answers"),
                    "only dockerd answers for its resolver"))
        }
        rules += [
            Rule(
                [.headerOptions], [], .go(to: "refuse"),
                "IPv4 options can name other hops and carry data"),
            Rule([.routingHeader], [], .go(to: "refuse"), "so can an IPv6 routing header"),
            Rule(
                [.state(.related), .controlMessage(.v4)], [], .accept,
                "the kernel's errors about flows that passed"),
            Rule(
                [.state(.related), .controlMessage(.v6)], [], .accept,
                "the kernel's errors about flows that passed"),
            Rule(
                [.destination(Self.dockerResolver)], [], .go(to: "docker"),
                "before established: see the resolver's ports"),
            Rule(
                [.destinationPort(.tcp, .domain)], [], .go(to: "names"),
                "before established: see the resolver's ports"),
            Rule(
                [.destinationPort(.udp, .domain)], [], .go(to: "names"),
                "before established: see the resolver's ports"),
            Rule(
                [.otherTransport(than: .tcp), .state(.established)], [], .accept,
                "flows that passed"),
            // For ten seconds after a reset from outside connection tracking takes whoever opens from
            // the same port for the one who did before.
            Rule(
                [.state(.established), .opensNothing], [], .accept,
                "flows that passed, but for what opens another"),
        ]
        rules += published.filter { $0.transport == .tcp }.map { port in
            Rule(
                [
                    .family(.v6), Self.withoutTracking, .sourcePort(.tcp, port.ports),
                    .acknowledges,
                ], [], .accept,
                "replies of a published port where IPv6 is not tracked")
        }
        rules += [
            Rule([.owner(resolver)], [], .go(to: "resolver"), "the resolver speaks DNS only")
        ]
        rules += leaseGuard
        rules += metricsGuard
        rules.append(Rule([.leaves(loopback: true)], [], .accept, "stays inside"))
        rules += Family.allCases.map { family in
            Rule(
                [.goesTo(set: Self.name("static", family), family)], [], .go(to: "opened"),
                "named by the policy")
        }
        rules += Self.linkMaintenance
        // Filled from rules with the word `private` alone, and never with loopback, link-local or
        // metadata addresses: PID 1 looks at each.
        rules += Family.allCases.map { family in
            Rule(
                [.goesTo(set: Self.name("private", family), family)], [], .go(to: "opened"),
                "resolved from a name that the policy has as private")
        }
        rules += Family.allCases.map { family in
            Rule(
                [.destinationIn(set: Self.name("closed", family), family)], [], .go(to: "refuse"),
                "not public")
        }
        rules += Family.allCases.map { family in
            Rule(
                [.goesTo(set: Self.name("granted", family), family)], [], .go(to: "opened"),
                "resolved from a name of the policy")
        }
        rules.append(Rule([], [], .go(to: "refuse"), "everything else"))
        return Chain("output", Chain.Base(.filter, .output, priority: 0, policy: .drop), rules)
    }

    /// The agent could keep collectors from the metrics server, or look for a defect of it.
    private var metricsGuard: [Rule] {
        guard let port = metricsPorts else { return [] }
        let inside: [Match] = [.leaves(loopback: true), .destinationPort(.tcp, port)]
        return [
            Rule([.owner(0)] + inside, [], .accept, "the operator reads the metrics"),
            // In an audit "refuse" lets pass.
            Rule(
                inside, [], mode == .enforce ? .go(to: "refuse") : .tcpReset,
                "and nobody else inside"),
        ]
    }

    private var metricsPorts: PortRange? { metricsPort.flatMap { PortRange($0) } }

    /// What the kernel itself must send for IPv6 to work on a link (RFC 4861, RFC 3810). No process
    /// without CAP_NET_RAW can send these types; ping sockets send echo only. That joining a group
    /// makes the kernel report it is why the agent's system call filter refuses to join one.
    private static let linkMaintenance = [
        Rule(
            [.controlMessage6(types: 133...133), .fromThisLink], [], .accept,
            "router solicitation"),
        Rule(
            [.controlMessage6(types: 135...136), .fromThisLink], [], .accept,
            "neighbour discovery"),
        Rule([.controlMessage6(types: 131...132)], [], .accept, "multicast listener reports"),
        Rule([.controlMessage6(types: 143...143)], [], .accept, "multicast listener reports"),
    ]

    /// Port 53 over TCP or UDP, after NAT.
    private var names: Chain {
        var rules = Self.responders.map { responder in
            Rule([.destination(responder)], [], .accept, "the responder")
        }
        rules += upstreams.filter { $0 != Self.dockerResolver }.map { upstream in
            Rule([.owner(resolver), .destination(upstream)], [], .accept, "an upstream")
        }
        if asksDocker {
            rules.append(
                Rule(
                    [.owner(0)], [], .accept,
                    "dockerd asks the outside from inside, as uid 0"))
        }
        return Chain("names", nil, rules + Self.remains)
    }

    /// Docker's resolver, whichever port it was asked on.
    private var docker: Chain {
        var rules: [Rule] = []
        if asksDocker {
            rules = [Transport.tcp, .udp].map { transport in
                Rule(
                    [.owner(resolver), .originalDestinationPort(transport, 53)], [], .accept,
                    "the upstream")
            }
            rules += Self.remains
        } else {
            rules = [Rule([], [], .go(to: "refuse"), "not an upstream")]
        }
        return Chain("docker", nil, rules)
    }

    /// What comes from Docker's resolver's own address: anybody may bind it, and by the ports of
    /// /proc/net/udp be taken for the resolver's upstream.
    private var answersChain: Chain {
        Chain(
            "answers", nil,
            [
                Rule([.owner(0)], [], .accept, "dockerd's answers"),
                Rule([], [], .go(to: "refuse"), "not dockerd"),
            ])
    }

    /// A connection's last segments have no owner once its socket is closed; that it was
    /// established proves that an owner who may open it did.
    private static let remains = [
        Rule([.anyOwner], [], .go(to: "refuse"), "not the resolver"),
        Rule(
            [.transport(.tcp), .state(.established)], [], .accept,
            "the end of a connection whose socket is closed"),
        Rule([], [], .go(to: "refuse"), "not the resolver"),
    ]

    /// What the resolver sends that is neither port 53 nor a flow that connection tracking knows.
    private var resolverChain: Chain {
        let answers = [Transport.tcp, .udp].map { transport in
            Rule(
                [.leaves(loopback: true), .sourcePort(transport, .domain)], [], .accept,
                "answers to clients inside")
        }
        return Chain(
            "resolver", nil, answers + [Rule([], [], .go(to: "refuse"), "not an upstream")])
    }

    /// What the policy lets pass, the first packet of each flow where connection tracking knows flows.
    private var opened: Chain {
        Chain("opened", nil, [copy(as: .opened), Rule([], [], .accept, "allowed by the policy")])
    }

    /// A flood of one mark leaves the others theirs.
    private func copy(as mark: LoggedPacket.Mark) -> Rule {
        Rule(
            [],
            [
                .limit(perSecond: 200, burst: 200), .counter,
                .log(group: logGroup, prefix: mark.rawValue, octets: PacketLog.snapLength),
            ], nil, "to codetainer status and logs")
    }

    /// Dropped without a word: a refusal goes to the source, is related to what it refuses, and has
    /// most of it within (RFC 4443 §3.1).
    private var foreign: Chain {
        guard mode == .enforce else {
            return Chain("foreign", nil, [Rule([], [], .go(to: "refuse"), "as any other")])
        }
        return Chain(
            "foreign", nil,
            [
                Rule([], [.counter], nil, "all that had one"), copy(as: .refused),
                Rule([], [], .drop, "a refusal would take it there"),
            ])
    }

    /// Where every refusal ends. The reset and the ICMP error make a call fail at once.
    private var refuse: Chain {
        var rules = [
            Rule([], [.counter], nil, "all that was refused"),
            copy(as: mode == .enforce ? .refused : .audited),
        ]
        switch mode {
        case .enforce:
            rules += [
                Rule([.transport(.tcp)], [], .tcpReset, "connection refused, at once"),
                Rule([], [], .prohibited, "no route to host, at once"),
            ]
        case .audit:
            rules.append(Rule([], [], .accept, "AUDIT: recorded, not refused"))
        }
        return Chain("refuse", nil, rules)
    }

    /// Of flows that began inside.
    private static let insideMark: UInt32 = 0x636F_6465

    /// Only here is the interface the final one: a socket bound to a device (SO_BINDTODEVICE needs
    /// no privilege) would take a query that was redirected to the responder out through it.
    ///
    /// It would also take a flow there that passed because it was between two of the container's own
    /// addresses; and one of them may be another's by now, or be one of another link.
    private var leave: Chain {
        Chain(
            "leave", Chain.Base(.filter, .postrouting, priority: 0, policy: .accept),
            [
                // A refusal over `lo` has the flow of what it refuses, and is not its first packet.
                Rule(
                    [.leaves(loopback: true), .state(.new)], [.mark(Self.insideMark)], nil,
                    "what begins inside"),
                Rule(
                    [.leaves(loopback: false), .marked(Self.insideMark)], [.counter], .drop,
                    "stays inside"),
                Rule(
                    [.leaves(loopback: false), .destinations(.loopback4)], [.counter], .drop,
                    "loopback addresses stay inside"),
                Rule(
                    [.leaves(loopback: false), .destination(.v6(0, 1))], [.counter], .drop,
                    "loopback addresses stay inside"),
            ])
    }

    // MARK: - What arrives

    /// The rest is dropped without an answer: a reset or an ICMP error would be a packet that leaves,
    /// so `output` would need an exception for it, and a scanner would learn that we are here.
    private var input: Chain {
        var rules = [
            Rule([.arrives(loopback: true)], [], .accept, "from inside"),
            Rule([.state(.established)], [], .accept, "replies"),
            Rule([.state(.related), .controlMessage(.v4)], [], .accept, "errors about our flows"),
            Rule([.state(.related), .controlMessage(.v6)], [], .accept, "errors about our flows"),
            Rule(
                [.controlMessage6(types: 134...136), .fromThisLink], [], .accept,
                "router advertisement, neighbour discovery"),
            Rule([.controlMessage6(types: 130...130)], [], .accept, "multicast listener query"),
        ]
        rules += repliesWithoutTracking
        rules += published.map { port in
            Rule([.destinationPort(port.transport, port.ports)], [], .accept, "published")
        }
        if let port = metricsPorts {
            rules.append(Rule([.destinationPort(.tcp, port)], [], .accept, "metrics"))
        }
        rules.append(Rule([], [.counter], .drop, "everything else"))
        return Chain("input", Chain.Base(.filter, .input, priority: 0, policy: .drop), rules)
    }

    /// Some hosts (Fly Machines) have IPv6 without connection tracking: every packet is then invalid
    /// or untracked, and what follows the first one is known by its endpoints alone. A segment
    /// without ACK still opens nothing.
    private static let withoutTracking = Match.state([.invalid, .untracked])

    private var repliesWithoutTracking: [Rule] {
        let sets = (["static", "private", "granted"] + (lease == nil ? [] : ["leased"])).map {
            Self.name($0, .v6)
        }
        var rules = sets.flatMap { set -> [Rule] in
            [[.acknowledges], [.transport(.udp)]].map { (kind: [Match]) in
                Rule(
                    [Self.withoutTracking] + kind + [.comesFrom(set: set, .v6)], [], .accept,
                    "replies where IPv6 is not tracked")
            }
        }
        rules += upstreams.filter { !$0.isIPv4 }.flatMap { upstream -> [Rule] in
            [
                [.sourcePort(.tcp, .domain), .acknowledges], [.sourcePort(.udp, .domain)],
            ].map { (kind: [Match]) in
                Rule(
                    [Self.withoutTracking, .source(upstream)] + kind, [], .accept,
                    "an upstream's replies where IPv6 is not tracked")
            }
        }
        rules.append(
            Rule(
                [Self.withoutTracking, .controlMessage6(types: 2...2)], [], .accept,
                "packet too big, where IPv6 is not tracked"))
        return rules
    }

    private var forward: Chain {
        Chain("forward", Chain.Base(.filter, .forward, priority: 0, policy: .drop), [])
    }

    // MARK: - Where queries go

    /// Before the runtime's own NAT (priority -100), which then still sees what passes here.
    private var dns: Chain {
        var rules = [Rule([.owner(resolver)], [], .accept, "the resolver asks its upstreams")]
        if asksDocker {
            rules.append(
                Rule([.owner(0)], [], .accept, "dockerd asks the outside from inside, as uid 0"))
        }
        for responder in Self.responders {
            rules.append(Rule([.destination(responder)], [], .accept, "already there"))
            rules += [Transport.tcp, .udp].map { transport in
                Rule(
                    [.family(responder.family), .destinationPort(transport, .domain)], [],
                    .destination(responder, port: 53), "any query is the responder's")
            }
        }
        return Chain(
            "dns", Chain.Base(.nat, .output, priority: -150, policy: .accept), rules)
    }
}

extension PortRange {
    static let domain = PortRange(53)!
}

extension ClosedRange<Address> {
    /// 127.0.0.0/8 (RFC 1122 §3.2.1.3).
    static var loopback4: ClosedRange<Address> { .v4(0x7F00_0000)...Address.v4(0x7FFF_FFFF) }
}
