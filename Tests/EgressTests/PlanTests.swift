import Policy
import Testing

@testable import Egress

/// The plan as nft(8) would read it: what a reviewer signs off.
struct PlanTests {
    static let plan = EgressPlan(
        resolver: 200, upstreams: [World.upstream, World.upstream6],
        published: [PublishedPort(.tcp, PortRange(8080)!)],
        statics: [DestinationRange(World.neighbour...World.neighbour, .tcp, 5432...5432)])

    static func text(_ plan: EgressPlan, _ chains: [String]? = nil) -> String {
        let shown = plan.ruleset.chains.filter { chains?.contains($0.name) ?? true }
        return shown.map(\.description).joined()
    }

    @Test func enforcingPlanReadsAsExpected() {
        #expect(Self.text(Self.plan) == Self.enforcing)
    }

    @Test func auditBehindDockersResolverReadsAsExpected() {
        var plan = Self.plan
        plan.upstreams.append(EgressPlan.dockerResolver)
        plan.mode = .audit
        #expect(
            Self.text(plan, ["names", "docker", "refuse", "dns", "answers"])
                == Self.auditBehindDocker)
    }

    /// Open from outside, and from inside to nobody but root.
    @Test func metricsAddTheirPortAndGuardIt() {
        var plan = Self.plan
        plan.metricsPort = 9464
        let without = Set(Self.text(Self.plan).split(separator: "\n"))
        let added = Self.text(plan).split(separator: "\n").filter { !without.contains($0) }
        #expect(
            added.map { $0.trimmingPrefix { $0 == " " } } == [
                "meta skuid 0 oif lo tcp dport 9464 accept comment \"the operator reads the metrics\"",
                "oif lo tcp dport 9464 goto refuse comment \"and nobody else inside\"",
                "tcp dport 9464 accept comment \"metrics\"",
            ])
        let output = Self.text(plan, ["output"]).split(separator: "\n").map(String.init)
        let guardian = output.firstIndex { $0.hasSuffix("\"and nobody else inside\"") }
        let inside = output.firstIndex { $0.hasSuffix("\"stays inside\"") }
        #expect(guardian! + 1 == inside!)
    }

    @Test func everyChainThatIsGoneToExists() {
        let ruleset = Self.plan.ruleset
        let names = Set(ruleset.chains.map(\.name))
        for rule in ruleset.chains.flatMap(\.rules) {
            if case .go(let chain) = rule.verdict { #expect(names.contains(chain)) }
            #expect(!rule.reason.isEmpty && rule.reason.utf8.count < 128)
        }
    }

    /// Fail closed: what no rule decides is dropped, and no chain that is gone to comes back.
    @Test func nothingIsLeftToAPolicyOfAccept() {
        for plan in [Self.plan, World.plan] {
            for chain in plan.ruleset.chains
            where ["input", "forward", "output"].contains(chain.name) {
                #expect(chain.base?.policy == .drop)
            }
            for chain in plan.ruleset.chains where chain.base == nil {
                #expect(chain.rules.last?.verdict != nil)
                #expect(chain.rules.last?.matches == [])
            }
        }
    }

    private static let enforcing = """
            chain output {
                type filter hook output priority 0; policy drop;
                meta skuid != 4294967295 fib saddr type != local goto foreign comment "a source that is not ours"
                meta skuid != 4294967295 oif lo fib daddr type != local goto refuse comment "a destination that is not ours, inside"
                ip hdrlength != 5 goto refuse comment "IPv4 options can name other hops and carry data"
                exthdr rt exists goto refuse comment "so can an IPv6 routing header"
                ct state related meta l4proto icmp accept comment "the kernel's errors about flows that passed"
                ct state related meta l4proto ipv6-icmp accept comment "the kernel's errors about flows that passed"
                ip daddr 127.0.0.11 goto docker comment "before established: see the resolver's ports"
                tcp dport 53 goto names comment "before established: see the resolver's ports"
                udp dport 53 goto names comment "before established: see the resolver's ports"
                meta l4proto != tcp ct state established accept comment "flows that passed"
                ct state established tcp flags & (syn | ack) != syn accept comment "flows that passed, but for what opens another"
                meta nfproto ipv6 ct state invalid,untracked tcp sport 8080 tcp flags & ack != 0 accept comment "replies of a published port where IPv6 is not tracked"
                meta skuid 200 goto resolver comment "the resolver speaks DNS only"
                oif lo accept comment "stays inside"
                ip daddr . meta l4proto . th dport @static4 goto opened comment "named by the policy"
                ip6 daddr . meta l4proto . th dport @static6 goto opened comment "named by the policy"
                icmpv6 type 133 ip6 hoplimit 255 accept comment "router solicitation"
                icmpv6 type 135-136 ip6 hoplimit 255 accept comment "neighbour discovery"
                icmpv6 type 131-132 accept comment "multicast listener reports"
                icmpv6 type 143 accept comment "multicast listener reports"
                ip daddr . meta l4proto . th dport @private4 goto opened comment "resolved from a name that the policy has as private"
                ip6 daddr . meta l4proto . th dport @private6 goto opened comment "resolved from a name that the policy has as private"
                ip daddr @closed4 goto refuse comment "not public"
                ip6 daddr @closed6 goto refuse comment "not public"
                ip daddr . meta l4proto . th dport @granted4 goto opened comment "resolved from a name of the policy"
                ip6 daddr . meta l4proto . th dport @granted6 goto opened comment "resolved from a name of the policy"
                goto refuse comment "everything else"
            }
            chain foreign {
                counter comment "all that had one"
                limit rate 200/second burst 200 packets counter log prefix "refused" group 53 snaplen 64 comment "to codetainer status and logs"
                drop comment "a refusal would take it there"
            }
            chain names {
                ip daddr 127.0.0.53 accept comment "the responder"
                ip6 daddr ::1 accept comment "the responder"
                meta skuid 200 ip daddr 8.8.8.8 accept comment "an upstream"
                meta skuid 200 ip6 daddr 2001:4860:4860::8888 accept comment "an upstream"
                meta skuid != 4294967295 goto refuse comment "not the resolver"
                meta l4proto tcp ct state established accept comment "the end of a connection whose socket is closed"
                goto refuse comment "not the resolver"
            }
            chain docker {
                goto refuse comment "not an upstream"
            }
            chain resolver {
                oif lo tcp sport 53 accept comment "answers to clients inside"
                oif lo udp sport 53 accept comment "answers to clients inside"
                goto refuse comment "not an upstream"
            }
            chain opened {
                limit rate 200/second burst 200 packets counter log prefix "opened" group 53 snaplen 64 comment "to codetainer status and logs"
                accept comment "allowed by the policy"
            }
            chain refuse {
                counter comment "all that was refused"
                limit rate 200/second burst 200 packets counter log prefix "refused" group 53 snaplen 64 comment "to codetainer status and logs"
                meta l4proto tcp reject with tcp reset comment "connection refused, at once"
                reject with icmpx admin-prohibited comment "no route to host, at once"
            }
            chain leave {
                type filter hook postrouting priority 0; policy accept;
                oif lo ct state new ct mark set 1668244581 comment "what begins inside"
                oif != lo ct mark 1668244581 counter drop comment "stays inside"
                oif != lo ip daddr 127.0.0.0-127.255.255.255 counter drop comment "loopback addresses stay inside"
                oif != lo ip6 daddr ::1 counter drop comment "loopback addresses stay inside"
            }
            chain input {
                type filter hook input priority 0; policy drop;
                iif lo accept comment "from inside"
                ct state established accept comment "replies"
                ct state related meta l4proto icmp accept comment "errors about our flows"
                ct state related meta l4proto ipv6-icmp accept comment "errors about our flows"
                icmpv6 type 134-136 ip6 hoplimit 255 accept comment "router advertisement, neighbour discovery"
                icmpv6 type 130 accept comment "multicast listener query"
                ct state invalid,untracked tcp flags & ack != 0 ip6 saddr . meta l4proto . th sport @static6 accept comment "replies where IPv6 is not tracked"
                ct state invalid,untracked meta l4proto udp ip6 saddr . meta l4proto . th sport @static6 accept comment "replies where IPv6 is not tracked"
                ct state invalid,untracked tcp flags & ack != 0 ip6 saddr . meta l4proto . th sport @private6 accept comment "replies where IPv6 is not tracked"
                ct state invalid,untracked meta l4proto udp ip6 saddr . meta l4proto . th sport @private6 accept comment "replies where IPv6 is not tracked"
                ct state invalid,untracked tcp flags & ack != 0 ip6 saddr . meta l4proto . th sport @granted6 accept comment "replies where IPv6 is not tracked"
                ct state invalid,untracked meta l4proto udp ip6 saddr . meta l4proto . th sport @granted6 accept comment "replies where IPv6 is not tracked"
                ct state invalid,untracked ip6 saddr 2001:4860:4860::8888 tcp sport 53 tcp flags & ack != 0 accept comment "an upstream's replies where IPv6 is not tracked"
                ct state invalid,untracked ip6 saddr 2001:4860:4860::8888 udp sport 53 accept comment "an upstream's replies where IPv6 is not tracked"
                ct state invalid,untracked icmpv6 type 2 accept comment "packet too big, where IPv6 is not tracked"
                tcp dport 8080 accept comment "published"
                counter drop comment "everything else"
            }
            chain forward {
                type filter hook forward priority 0; policy drop;
            }
            chain dns {
                type nat hook output priority -150; policy accept;
                meta skuid 200 accept comment "the resolver asks its upstreams"
                ip daddr 127.0.0.53 accept comment "already there"
                meta nfproto ipv4 tcp dport 53 dnat ip to 127.0.0.53:53 comment "any query is the responder's"
                meta nfproto ipv4 udp dport 53 dnat ip to 127.0.0.53:53 comment "any query is the responder's"
                ip6 daddr ::1 accept comment "already there"
                meta nfproto ipv6 tcp dport 53 dnat ip6 to [::1]:53 comment "any query is the responder's"
                meta nfproto ipv6 udp dport 53 dnat ip6 to [::1]:53 comment "any query is the responder's"
            }

        """

    private static let auditBehindDocker = """
            chain names {
                ip daddr 127.0.0.53 accept comment "the responder"
                ip6 daddr ::1 accept comment "the responder"
                meta skuid 200 ip daddr 8.8.8.8 accept comment "an upstream"
                meta skuid 200 ip6 daddr 2001:4860:4860::8888 accept comment "an upstream"
                meta skuid 0 accept comment "dockerd asks the outside from inside, as uid 0"
                meta skuid != 4294967295 goto refuse comment "not the resolver"
                meta l4proto tcp ct state established accept comment "the end of a connection whose socket is closed"
                goto refuse comment "not the resolver"
            }
            chain docker {
                meta skuid 200 meta l4proto tcp ct original proto-dst 53 accept comment "the upstream"
                meta skuid 200 meta l4proto udp ct original proto-dst 53 accept comment "the upstream"
                meta skuid != 4294967295 goto refuse comment "not the resolver"
                meta l4proto tcp ct state established accept comment "the end of a connection whose socket is closed"
                goto refuse comment "not the resolver"
            }
            chain refuse {
                counter comment "all that was refused"
                limit rate 200/second burst 200 packets counter log prefix "audited" group 53 snaplen 64 comment "to codetainer status and logs"
                accept comment "AUDIT: recorded, not refused"
            }
            chain dns {
                type nat hook output priority -150; policy accept;
                meta skuid 200 accept comment "the resolver asks its upstreams"
                meta skuid 0 accept comment "dockerd asks the outside from inside, as uid 0"
                ip daddr 127.0.0.53 accept comment "already there"
                meta nfproto ipv4 tcp dport 53 dnat ip to 127.0.0.53:53 comment "any query is the responder's"
                meta nfproto ipv4 udp dport 53 dnat ip to 127.0.0.53:53 comment "any query is the responder's"
                ip6 daddr ::1 accept comment "already there"
                meta nfproto ipv6 tcp dport 53 dnat ip6 to [::1]:53 comment "any query is the responder's"
                meta nfproto ipv6 udp dport 53 dnat ip6 to [::1]:53 comment "any query is the responder's"
            }
            chain answers {
                meta skuid 0 accept comment "dockerd's answers"
                goto refuse comment "not dockerd"
            }

        """
}
