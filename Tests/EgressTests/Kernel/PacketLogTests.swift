import CLinux
import Glibc
import Linux
import Policy
import SystemPackage
import Testing

@testable import Egress

@Suite(.serialized)
struct PacketLogTests {
    @Test func packetsArriveWithTheirOwnerAndMark() throws {
        let world = try World()
        let packets = try world.locked { netfilter in
            let log = try PacketLog.open(group: World.plan.logGroup)
            try netfilter.grant([Grant(Destination(World.web, .udp, 443), seconds: 300)])
            #expect(World.agentSocket(.udp, World.web, 443).send("granted") == .success)
            #expect(World.agentConnects(World.web, 443) == .connectionRefused)
            #expect(World.agentSocket(.udp, World.web6, 444).send("denied") == .notPermitted)
            return Self.packets(from: log, atLeast: 3)
        }
        let expected = [
            LoggedPacket(
                protocolNumber: 17, destination: World.web, port: 443, user: World.agent,
                sequence: 0, mark: .opened),
            LoggedPacket(
                protocolNumber: 6, destination: World.web, port: 443, user: World.agent,
                sequence: 1, mark: .refused),
            LoggedPacket(
                protocolNumber: 17, destination: World.web6, port: 444, user: World.agent,
                sequence: 2, mark: .refused),
        ]
        #expect(packets == expected)
    }

    @Test func auditedPacketsSayThatTheyPassed() throws {
        let world = try World()
        var plan = World.plan
        plan.mode = .audit
        let packets = try world.locked(plan) { _ in
            let log = try PacketLog.open(group: plan.logGroup)
            #expect(World.agentSocket(.udp, World.web, 444).send("passes") == .success)
            return Self.packets(from: log, atLeast: 1)
        }
        #expect(packets.map(\.mark) == [.audited])
        #expect(packets.map(\.port) == [444])
    }

    @Test func floodIsThinnedAndCounted() throws {
        let world = try World()
        try world.locked { netfilter in
            let log = try PacketLog.open(group: World.plan.logGroup)
            let flood = World.agentSocket(.udp, World.web, 9)
            // Some sends report the ICMP error of the one before and send nothing.
            let refused = (0..<2000).count { _ in flood.send("x") == .notPermitted }
            let table = try #require(try netfilter.table())
            #expect(table.refusedPackets == refused)
            #expect(refused > 1000)
            // A burst of 200, and 200 a second for as long as sending took.
            let packets = Self.packets(from: log, atLeast: 200)
            #expect(200...800 ~= packets.count)
            #expect(table.uncopiedPackets == table.refusedPackets - UInt64(packets.count))
        }
    }

    @Test func secondReaderIsRefused() throws {
        try inNetworkNamespace {
            let log = try PacketLog.open(group: 53)
            #expect(log.raw >= 0)
            do throws(NetlinkError) {
                _ = try PacketLog.open(group: 53)
                Issue.record("two readers")
            } catch {
                #expect("\(error)" == "cannot bind NFLOG group 53: Operation not permitted")
            }
            _ = try PacketLog.open(group: 54)
        }
    }

    /// Reads until so many packets came, or none came for half a second.
    static func packets(
        from log: borrowing OwnedDescriptor, atLeast count: Int
    ) -> [LoggedPacket] {
        var packets: [LoggedPacket] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while packets.count < count {
            var interest = pollfd(fd: log.raw, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&interest, 1, 500) == 1 else { break }
            let length = unsafe recv(log.raw, &buffer, buffer.count, 0)
            guard length > 0 else { break }
            packets += LoggedPacket.packets(in: buffer.span.extracting(first: length))
        }
        return packets
    }
}
