import CLinux
import Foundation
import Policy
import SystemPackage
import Testing

@testable import Egress

/// Port 53: who may ask whom, and where everybody else's queries go.
@Suite(.serialized)
struct NameTests {
    /// The responder's sockets, in the cage.
    struct Responder {
        let datagrams = TestSocket.listening(.udp, EgressPlan.responders[0], 53)
        let datagrams6 = TestSocket.listening(.udp, EgressPlan.responders[1], 53)
        let connections = TestSocket.listening(.tcp, EgressPlan.responders[0], 53)
        let connections6 = TestSocket.listening(.tcp, EgressPlan.responders[1], 53)
    }

    static let anywhere = [
        World.upstream, World.web, World.neighbour, Address("127.0.0.1"), World.upstream6,
        World.web6,
    ]

    /// Attack 1 of the catalogue. The client is connected to where it sent, so that an answer from
    /// any other address would not reach it.
    @Test(arguments: anywhere)
    func everyQueryIsTheResponders(_ server: Address) throws {
        let world = try World()
        let outside = world.outside.run { TestSocket.listening(.udp, server, 53) }
        try world.locked { _ in
            let responder = World.asResolver { Responder() }
            let client = World.agentSocket(.udp, server, 53)
            #expect(client.send("query") == .success)
            let listener = server.isIPv4 ? responder.datagrams : responder.datagrams6
            #expect(listener.answer("answer") == "query")
            #expect(client.receive() == "answer")

            let connection = World.agentSocket(.tcp, server, 53)
            let accepted = (server.isIPv4 ? responder.connections : responder.connections6)
                .accepted()
            #expect(accepted?.send("answer") == .success)
            #expect(connection.receive() == "answer")
        }
        #expect(outside.receive(within: 20) == nil)
    }

    @Test(arguments: [World.upstream, World.upstream6])
    func onlyTheResolverAsksItsUpstreams(_ upstream: Address) throws {
        let world = try World(carriesIPv6: !upstream.isIPv4)
        let datagrams = world.listener(.udp, upstream, 53)
        let connections = world.listener(.tcp, upstream, 53)
        let tls = world.listener(.tcp, upstream, 853)
        let other = world.listener(.udp, World.web, 53)
        try world.locked { netfilter in
            let query = World.asResolver { TestSocket(.udp, like: upstream) }
            #expect(query.connect(upstream, 53) == .success)
            #expect(query.send("query") == .success)
            #expect(datagrams.answer("answer") == "query")
            #expect(query.receive() == "answer")
            #expect(World.resolverConnects(upstream, 53) == .success)

            #expect(World.resolverConnects(upstream, 853) == .connectionRefused)
            #expect(World.agentConnects(upstream, 853) == .connectionRefused)
            // A grant opens nothing to the resolver either.
            try netfilter.grant([Grant(Destination(World.web, .tcp, 443), seconds: 300)])
            #expect(World.resolverConnects(World.web, 443) == .connectionRefused)
            let stranger = World.asResolver { TestSocket(.udp, like: World.web) }
            #expect(stranger.connect(World.web, 53) == .success)
            #expect(stranger.send("query") == .notPermitted)
        }
        #expect(connections.accepted() != nil)
        #expect(tls.accepted(within: 20) == nil)
        #expect(other.receive(within: 20) == nil)
    }

    /// Connection tracking knows the resolver's flow by its ports. Once its socket is closed, the
    /// agent may bind the same port, and is taken for the same flow.
    @Test func portOfAClosedQueryIsNoWayOut() throws {
        let world = try World()
        let server = world.listener(.udp, World.upstream, 53)
        try world.locked { netfilter in
            do {
                let query = World.asResolver { TestSocket(.udp, like: World.own) }
                query.bind(World.own, 40_000)
                #expect(query.connect(World.upstream, 53) == .success)
                #expect(query.send("query") == .success)
                #expect(server.answer("answer") == "query")
                #expect(query.receive() == "answer")
            }
            let flow = Destination(World.upstream, .udp, 53)
            let flows = try netfilter.flows()
            #expect(flows.map(\.destination) == [flow])
            let heir = World.asAgent { TestSocket(.udp, like: World.own) }
            heir.bind(World.own, 40_000)
            #expect(heir.connect(World.upstream, 53) == .success)
            #expect(heir.send("stolen") == .notPermitted)
        }
        #expect(server.receive(within: 50) == nil)
    }

    /// A socket bound to a device keeps to it even when its packet is redirected.
    @Test func redirectedQueryDoesNotLeaveThroughADevice() throws {
        let world = try World()
        let server = world.listener(.udp, World.web, 443)
        _ = try world.outside.run {
            try shell(
                """
                nft 'add table ip watch
                add chain ip watch arrived { type filter hook prerouting priority -500; }
                add rule ip watch arrived udp dport 53 counter'
                """)
        }
        func sendsThroughDevice(_ port: UInt16) -> Errno {
            let socket = World.agentSocket(.udp, World.web, port)
            let device = Array("eth0\0".utf8)
            #expect(socket.set(1, 25, device) == .success)  // SO_BINDTODEVICE
            return socket.send("query")
        }
        try world.locked { netfilter in
            try netfilter.grant([Grant(Destination(World.web, .udp, 443), seconds: 300)])
            #expect(sendsThroughDevice(443) == .success)
            _ = sendsThroughDevice(53)
            let leave = try netfilter.table()?.chains.first { $0.name == "leave" }
            let fence = leave?.rules.first { $0.reason == "loopback addresses stay inside" }
            #expect(fence?.packets == 1)
        }
        #expect(server.receive() == "query")
        let seen = try world.outside.run { try shell("nft list table ip watch") }
        #expect(seen.contains("counter packets 0 bytes 0"))
    }

    // MARK: - Docker's resolver

    /// What Docker puts into a container on a user-defined network: NAT from port 53 of 127.0.0.11
    /// to dockerd's sockets, which belong to uid 0.
    private struct Docker {
        static let datagramPort: UInt16 = 40_053
        static let connectionPort: UInt16 = 40_054
        let datagrams = TestSocket.listening(.udp, EgressPlan.dockerResolver, datagramPort)
        let connections = TestSocket.listening(.tcp, EgressPlan.dockerResolver, connectionPort)

        init() throws {
            try shell(
                """
                nft 'add table ip nat
                add chain ip nat OUTPUT { type nat hook output priority -100; }
                add chain ip nat POSTROUTING { type nat hook postrouting priority 100; }
                add rule ip nat OUTPUT ip daddr 127.0.0.11 tcp dport 53 dnat to 127.0.0.11:40054
                add rule ip nat OUTPUT ip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:40053
                add rule ip nat POSTROUTING ip saddr 127.0.0.11 tcp sport 40054 snat to :53
                add rule ip nat POSTROUTING ip saddr 127.0.0.11 udp sport 40053 snat to :53'
                """)
        }
    }

    @Test func dockersResolverIsTheResolversAlone() throws {
        let world = try World()
        let external = world.listener(.udp, World.web, 53)
        try world.locked { _ in
            let docker = try Docker()
            let responder = World.asResolver { Responder() }
            let server = EgressPlan.dockerResolver

            let query = World.asResolver { TestSocket(.udp, like: server) }
            query.bind(Address("127.0.0.1"), 41_000)
            #expect(query.connect(server, 53) == .success)
            #expect(query.send("query") == .success)
            #expect(docker.datagrams.answer("answer") == "query")
            #expect(query.receive() == "answer")
            #expect(World.resolverConnects(server, 53) == .success)
            #expect(docker.connections.accepted() != nil)

            // The name port leads to the responder, the real ports nowhere.
            let redirected = World.agentSocket(.udp, server, 53)
            #expect(redirected.send("agent's") == .success)
            #expect(responder.datagrams.answer("answer") == "agent's")
            #expect(redirected.receive() == "answer")
            let direct = World.agentSocket(.udp, server, Docker.datagramPort)
            #expect(direct.send("direct") == .notPermitted)
            #expect(World.agentConnects(server, Docker.connectionPort) == .connectionRefused)
            #expect(World.resolverConnects(server, Docker.connectionPort) == .connectionRefused)

            // Nor does a flow that the resolver has left behind.
            _ = consume query
            let heir = World.asAgent { TestSocket(.udp, like: server) }
            heir.bind(Address("127.0.0.1"), 41_000)
            #expect(heir.connect(server, 53) == .success)
            #expect(heir.send("stolen") == .notPermitted)
            #expect(docker.datagrams.receive(within: 20) == nil)

            // dockerd asks the outside from in here.
            let dockerd = TestSocket(.udp, like: World.web)
            #expect(dockerd.connect(World.web, 53) == .success)
            // A datagram may be lost, as while the neighbour is looked for on a busy machine.
            var heard: String?
            for _ in 0..<3 where heard == nil {
                #expect(dockerd.send("external") == .success)
                heard = external.answer("answer")
            }
            #expect(heard == "external")
            #expect(dockerd.receive() == "answer")
        }
    }

    @Test func dockersResolverIsClosedWhenItIsNoUpstream() throws {
        let world = try World()
        var plan = World.plan
        plan.upstreams = [World.upstream]
        let external = world.listener(.udp, World.web, 53)
        try world.locked(plan) { _ in
            let docker = try Docker()
            let responder = World.asResolver { Responder() }
            let query = World.asResolver { TestSocket(.udp, like: World.own) }
            #expect(query.connect(EgressPlan.dockerResolver, 53) == .success)
            #expect(query.send("query") == .notPermitted)
            #expect(docker.datagrams.receive(within: 20) == nil)

            let root = TestSocket(.udp, like: World.web)
            #expect(root.connect(World.web, 53) == .success)
            #expect(root.send("root's") == .success)
            #expect(responder.datagrams.answer("answer") == "root's")
        }
        #expect(external.receive(within: 20) == nil)
    }
}

extension World {
    static func asResolver<Result>(_ body: () throws -> Result) rethrows -> Result {
        try asUser(resolver, body)
    }

    static func resolverConnects(_ address: Address, _ port: UInt16) -> Errno {
        asResolver { TestSocket(.tcp, like: address) }.connect(address, port)
    }
}
