import Policy
import SystemPackage
import Testing

@testable import Egress

/// What the agent reaches and what it does not, in a cage with a cable to the outside.
@Suite(.serialized)
struct ReachTests {
    static let addresses = [World.web, World.web6]

    @Test(arguments: addresses)
    func connectionNeedsItsGrant(_ address: Address) throws {
        let world = try World(carriesIPv6: !address.isIPv4)
        let listener = world.listener(.tcp, address, 443)
        let other = world.listener(.tcp, address, 444)
        try world.locked { netfilter in
            #expect(World.agentConnects(address, 443) == .connectionRefused)
            try netfilter.grant([Grant(Destination(address, .tcp, 443), seconds: 300)])
            #expect(World.agentConnects(address, 443) == .success)
            #expect(World.agentConnects(address, 444) == .connectionRefused)
            try netfilter.revoke([Destination(address, .tcp, 443)])
            #expect(World.agentConnects(address, 443) == .connectionRefused)
        }
        #expect(listener.accepted() != nil)
        #expect(listener.accepted(within: 50) == nil)
        #expect(other.accepted(within: 50) == nil)
    }

    /// The send fails with the verdict; the ICMP error fails the socket's next call.
    @Test(arguments: [(World.web, Errno.noRouteToHost), (World.web6, .permissionDenied)])
    func datagramNeedsItsGrant(_ address: Address, pending: Errno) throws {
        let world = try World(carriesIPv6: !address.isIPv4)
        let listener = world.listener(.udp, address, 443)
        try world.locked { netfilter in
            let denied = World.agentSocket(.udp, address, 443)
            #expect(denied.send("no") == .notPermitted)
            #expect(denied.pendingError == pending)
            try netfilter.grant([Grant(Destination(address, .udp, 443), seconds: 300)])
            #expect(World.agentSocket(.udp, address, 443).send("yes") == .success)
        }
        #expect(listener.receive() == "yes")
        #expect(listener.receive(within: 50) == nil)
    }

    @Test func grantDiesByItself() throws {
        let world = try World()
        let listener = world.listener(.tcp, World.web, 443)
        try world.locked { netfilter in
            try netfilter.grant([Grant(Destination(World.web, .tcp, 443), seconds: 1)])
            #expect(World.agentConnects(World.web, 443) == .success)
            // The kernel's clock is nobody's to move.
            try shell("sleep 1.1")
            #expect(World.agentConnects(World.web, 443) == .connectionRefused)
        }
        #expect(listener.accepted() != nil)
    }

    @Test func privateAddressNeedsItsRuleWhateverIsGranted() throws {
        let world = try World()
        let listener = world.listener(.tcp, World.neighbour, 5432)
        let metadata = world.listener(.tcp, World.metadata, 80)
        try world.locked { netfilter in
            try netfilter.grant([
                Grant(Destination(World.metadata, .tcp, 80), seconds: 300),
                Grant(Destination(World.neighbour, .tcp, 443), seconds: 300),
            ])
            #expect(World.agentConnects(World.neighbour, 5432) == .success)
            #expect(World.agentConnects(World.neighbour, 443) == .connectionRefused)
            #expect(World.agentConnects(World.metadata, 80) == .connectionRefused)
        }
        #expect(listener.accepted() != nil)
        #expect(metadata.accepted(within: 50) == nil)
    }

    /// The set that is looked at before private addresses are refused is filled by PID 1 alone.
    @Test func privateGrantOpensOnePortOfAPrivateAddress() throws {
        let world = try World()
        let listener = world.listener(.tcp, World.neighbour, 443)
        let other = world.listener(.tcp, World.neighbour, 444)
        try world.locked { netfilter in
            let destination = Destination(World.neighbour, .tcp, 443)
            #expect(World.agentConnects(World.neighbour, 443) == .connectionRefused)
            try netfilter.grant([
                Grant(destination, seconds: 300, name: "peer", isPrivate: true)
            ])
            #expect(try netfilter.grants().map(\.grant.isPrivate) == [true])
            #expect(World.agentConnects(World.neighbour, 443) == .success)
            #expect(World.agentConnects(World.neighbour, 444) == .connectionRefused)
            try netfilter.revoke([destination], isPrivate: true)
            #expect(World.agentConnects(World.neighbour, 443) == .connectionRefused)
        }
        #expect(listener.accepted() != nil)
        #expect(other.accepted(within: 50) == nil)
    }

    @Test func onlyPublishedPortsAreReached() throws {
        let world = try World(carriesIPv6: true)
        try world.locked { _ in
            for address in [World.own, World.own6] {
                let published = World.asAgent { TestSocket.listening(.tcp, address, 8080) }
                let other = World.asAgent { TestSocket.listening(.tcp, address, 8081) }
                let client = world.outside.run { TestSocket(.tcp, like: address) }
                #expect(client.connect(address, 8080) == .success)
                let connection = published.accepted()
                #expect(connection?.send("hello") == .success)
                #expect(client.receive() == "hello")
                let denied = world.outside.run { TestSocket(.tcp, like: address) }
                #expect(denied.connect(address, 8081, within: 200) == .timedOut)
                #expect(other.accepted(within: 50) == nil)
            }
        }
    }

    @Test func loopbackStaysOpen() throws {
        let world = try World()
        try world.locked { _ in
            for address in [Address("127.0.0.1"), Address("::1"), World.own, World.own6] {
                let listener = World.asAgent { TestSocket.listening(.tcp, address, 3000) }
                #expect(World.agentConnects(address, 3000) == .success)
                #expect(listener.accepted() != nil)
            }
        }
    }

    /// A flow between two of the container's own addresses passes. What has an address of it and leaves
    /// by another interface would be one of its packets, and may go to whoever has the other one there.
    @Test func whatBeginsInsideStaysThere() throws {
        let world = try World()
        let other = Address("10.88.0.1")
        _ = try world.cage.run { try shell("ip addr add \(other)/32 dev lo") }
        let outside = world.outside.run {
            _ = try? shell("ip addr add \(other)/32 dev lo")
            return TestSocket.listening(.udp, other, 6000)
        }
        func sendsOut() -> Errno {
            let socket = World.asAgent { TestSocket(.udp, like: World.own) }
            socket.bind(World.own, 5000)
            #expect(socket.set(1, 25, Array("eth0\0".utf8)) == .success)  // SO_BINDTODEVICE
            #expect(socket.connect(other, 6000) == .success)
            return socket.send("out")
        }
        #expect(world.cage.run { sendsOut() } == .success, "it is the rules that keep it")
        #expect(outside.receive() == "out")
        try world.locked { _ in
            #expect(sendsOut() == .notPermitted, "nothing began inside")
            let receiver = World.asAgent { TestSocket.listening(.udp, other, 6000) }
            do {
                let sender = World.asAgent { TestSocket(.udp, like: World.own) }
                sender.bind(World.own, 5000)
                #expect(sender.connect(other, 6000) == .success)
                #expect(sender.send("in") == .success)
                #expect(receiver.answer("back") == "in")
                #expect(sender.receive() == "back")
            }
            #expect(sendsOut() == .notPermitted)
        }
        #expect(outside.receive(within: 50) == nil)
    }

    /// After a reset from outside connection tracking takes the next from the same port for the same.
    @Test func anotherConnectionFromTheSamePortIsAnother() throws {
        let world = try World()
        let listener = world.listener(.tcp, World.web, 443)
        try world.locked { netfilter in
            let destination = Destination(World.web, .tcp, 443)
            try netfilter.grant([Grant(destination, seconds: 300)])
            func connect() -> Errno {
                let socket = World.asAgent { TestSocket(.tcp, like: World.web) }
                socket.bind(World.own, 5000)
                let result = socket.connect(World.web, 443)
                guard result == .success, let server = listener.accepted() else { return result }
                // SO_LINGER of no time: the server resets it.
                #expect(server.set(1, 13, [1, 0, 0, 0, 0, 0, 0, 0]) == .success)
                return result
            }
            #expect(connect() == .success)
            #expect(connect() == .success, "it is open")
            try netfilter.revoke([destination])
            #expect(connect() == .connectionRefused)
        }
    }

    @Test func neighbourDiscoveryPasses() throws {
        let world = try World(carriesIPv6: true)
        let listener = world.listener(.tcp, World.web6, 443)
        try world.locked { netfilter in
            try netfilter.grant([Grant(Destination(World.web6, .tcp, 443), seconds: 300)])
            try shell("ip -6 neigh flush dev eth0")
            #expect(World.agentConnects(World.web6, 443) == .success)
        }
        #expect(listener.accepted() != nil)
    }

    @Test func otherProtocolsAreRefused() throws {
        let world = try World()
        let sctp: CInt = 132
        let echo = "\u{8}\0\0\0\0\0\0\0data"
        try world.locked { netfilter in
            try netfilter.grant([Grant(Destination(World.web, .udp, 443), seconds: 300)])
            let control = World.agentSocket(.udp, World.web, 443)
            #expect(control.send("yes") == .success)
            let ping = World.asAgent { TestSocket(2, type: 2, protocolNumber: 1) }
            #expect(ping.connect(World.web, 0) == .success)
            #expect(ping.send(echo) == .notPermitted)
            // Not the agent's to make; root's are refused as well.
            let raw = TestSocket(2, type: 3, protocolNumber: sctp)
            #expect(raw.connect(World.web, 0) == .success)
            #expect(raw.send("\u{1}\u{1}\u{1}\u{1}0123") == .notPermitted)
        }
        let pingWorks = try World()
        pingWorks.cage.run {
            let ping = World.asAgent { TestSocket(2, type: 2, protocolNumber: 1) }
            #expect(ping.connect(World.web, 0) == .success)
            #expect(ping.send(echo) == .success)
        }
    }

    @Test(arguments: ["224.0.0.251", "255.255.255.255", "10.77.0.255", "ff05::fb"])
    func multicastAndBroadcastAreRefused(_ text: String) throws {
        let world = try World()
        let address = Address(text)
        func sendsToAll() throws -> Errno {
            let socket = World.asAgent { TestSocket(.udp, like: address) }
            let on: [UInt8] = [1, 0, 0, 0]
            #expect(socket.set(1, 6, on) == .success)  // SO_BROADCAST
            #expect(socket.connect(address, 5353) == .success)
            return socket.send("anybody?")
        }
        try world.cage.run {
            try shell("ip -6 route replace multicast ff00::/8 dev eth0 table local")
            #expect(try sendsToAll() == .success)
        }
        #expect(try world.locked { _ in try sendsToAll() } == .notPermitted)
    }

    /// A loose source route puts a granted address in the header and another in an option.
    @Test func sourceRoutesAreRefused() throws {
        let world = try World()
        let listener = world.listener(.udp, World.web, 443)
        try world.locked { netfilter in
            try netfilter.grant([Grant(Destination(World.web, .udp, 443), seconds: 300)])
            let routed = World.agentSocket(.udp, World.web, 443)
            // IPOPT_LSRR, 7 octets, pointer 4, 9.9.9.9, end of options.
            #expect(routed.set(0, 4, [131, 7, 4, 9, 9, 9, 9, 0]) == .success)  // IP_OPTIONS
            #expect(routed.send("routed") == .notPermitted)
            #expect(World.agentSocket(.udp, World.web, 443).send("plain") == .success)
        }
        #expect(listener.receive() == "plain")
    }

    /// Fragments are put together before the rules see them (connection tracking does it).
    @Test func largeDatagramsAreJudgedAsOne() throws {
        let world = try World()
        let listener = world.listener(.udp, World.web, 443)
        let other = world.listener(.udp, World.web, 444)
        let large = String(repeating: "x", count: 4000)
        try world.locked { netfilter in
            try netfilter.grant([Grant(Destination(World.web, .udp, 443), seconds: 300)])
            #expect(World.agentSocket(.udp, World.web, 443).send(large) == .success)
            #expect(World.agentSocket(.udp, World.web, 444).send(large) == .notPermitted)
        }
        #expect(listener.receive() == large)
        #expect(other.receive(within: 50) == nil)
    }

    @Test func revokedFlowIsCut() throws {
        let world = try World()
        let listener = world.listener(.tcp, World.web, 443)
        try world.locked { netfilter in
            let destination = Destination(World.web, .tcp, 443)
            let other = Destination(World.neighbour, .tcp, 5432)
            try netfilter.grant([Grant(destination, seconds: 300)])
            let connection = World.agentSocket(.tcp, World.web, 443)
            let server = try #require(listener.accepted())
            #expect(connection.send("one") == .success)
            #expect(server.receive() == "one")
            try netfilter.revoke([destination])
            #expect(connection.send("two") == .success)
            #expect(server.receive() == "two")

            #expect(try netfilter.flows().map(\.destination) == [destination])
            #expect(try netfilter.closeFlows(to: [other]) == 0)
            #expect(try netfilter.closeFlows(to: [destination]) == 1)
            _ = connection.send("three")
            #expect(server.receive(within: 100) == nil)
            #expect(connection.send("four") == .connectionReset)
        }
    }

    @Test func auditLetsPassAndRecords() throws {
        let world = try World()
        let listener = world.listener(.tcp, World.web, 443)
        var plan = World.plan
        plan.mode = .audit
        try world.locked(plan) { netfilter in
            #expect(World.agentConnects(World.web, 443) == .success)
            let table = try #require(try netfilter.table())
            #expect(table.refusedPackets > 0)
        }
        #expect(listener.accepted() != nil)
    }

    /// A kernel that does not track IPv6, as on Fly Machines.
    @Test func worksWhereIPv6IsNotTracked() throws {
        let world = try World(carriesIPv6: true)
        let web = world.listener(.tcp, World.web6, 443)
        let other = world.listener(.tcp, World.web6, 444)
        let upstream = world.listener(.udp, World.upstream6, 53)
        try world.locked { netfilter in
            try shell(
                """
                nft 'add table ip6 raw
                add chain ip6 raw all6 { type filter hook prerouting priority -300; }
                add rule ip6 raw all6 notrack
                add chain ip6 raw out6 { type filter hook output priority -300; }
                add rule ip6 raw out6 notrack'
                """)
            try netfilter.grant([Grant(Destination(World.web6, .tcp, 443), seconds: 300)])
            let connection = World.agentSocket(.tcp, World.web6, 443)
            #expect(web.accepted()?.send("reply") == .success)
            #expect(connection.receive() == "reply")
            #expect(World.agentConnects(World.web6, 444) == .connectionRefused)

            let query = World.asResolver { TestSocket(.udp, like: World.upstream6) }
            #expect(query.connect(World.upstream6, 53) == .success)
            #expect(query.send("query") == .success)
            #expect(upstream.answer("answer") == "query")
            #expect(query.receive() == "answer")
            // Not tracked, it cannot be redirected; it does not leave either.
            let stranger = World.asAgent { TestSocket(.udp, like: World.upstream6) }
            #expect(stranger.connect(World.upstream6, 53) == .success)
            #expect(stranger.send("query") == .notPermitted)

            do {
                let published = World.asAgent { TestSocket.listening(.tcp, World.own6, 8080) }
                let client = world.outside.run { TestSocket(.tcp, like: World.own6) }
                #expect(client.connect(World.own6, 8080) == .success)
                #expect(published.accepted()?.send("hello") == .success)
                #expect(client.receive() == "hello")
            }
            // A published port is no way out, and a granted one no way in.
            let outward = World.asAgent { TestSocket(.tcp, like: World.own6) }
            outward.bind(World.own6, 8080)
            #expect(outward.connect(World.web6, 444) == .connectionRefused)
            let inside = World.asAgent { TestSocket.listening(.tcp, World.own6, 3000) }
            let inward = world.outside.run { TestSocket(.tcp, like: World.web6) }
            try netfilter.grant([Grant(Destination(World.web6, .tcp, 445), seconds: 300)])
            inward.bind(World.web6, 445)
            #expect(inward.connect(World.own6, 3000, within: 200) == .timedOut)
            #expect(inside.accepted(within: 20) == nil)
        }
        #expect(other.accepted(within: 20) == nil)
    }
}
