import Policy
import Testing

@testable import Egress

struct PacketHeaderTests {
    static let v4: [UInt8] =
        [0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 2, 9, 9, 9, 9]
        + [0x9C, 0x40, 0x01, 0xBB, 0, 0, 0, 0]
    static let v6: [UInt8] =
        [0x60, 0, 0, 0, 0, 20, 17, 64]
        + [UInt8](repeating: 1, count: 16) + [UInt8](repeating: 2, count: 16)
        + [0x9C, 0x40, 0x01, 0xBB]
    static let two = Address.v6(0x0202_0202_0202_0202, 0x0202_0202_0202_0202)

    @Test func headersAreRead() {
        let four = header(Self.v4)
        #expect(four?.protocolNumber == 6)
        #expect(four?.destination == Address("9.9.9.9"))
        #expect(four?.destinationPort == 443)
        let six = header(Self.v6)
        #expect(six?.protocolNumber == 17)
        #expect(six?.destination == Self.two)
        #expect(six?.destinationPort == 443)
    }

    @Test func portFollowsOptions() {
        var packet = Self.v4
        packet[0] = 0x46
        packet.insert(contentsOf: [131, 3, 4, 0], at: 20)
        #expect(header(packet)?.destinationPort == 443)
    }

    @Test func laterFragmentHasNoPort() {
        var packet = Self.v4
        packet[7] = 1
        #expect(header(packet)?.destinationPort == nil)
        #expect(header(packet)?.destination == Address("9.9.9.9"))
    }

    @Test(arguments: [UInt8(1), 2, 47, 50])
    func protocolWithoutPortsHasNone(_ number: UInt8) {
        var packet = Self.v4
        packet[9] = number
        #expect(header(packet)?.destinationPort == nil)
        #expect(header(packet)?.protocolNumber == number)
    }

    /// Hop-by-hop options, destination options, a fragment header, then UDP.
    @Test func extensionHeadersArePassedOver() {
        var packet = Self.v6
        packet[6] = 0
        packet.insert(
            contentsOf: [60, 1] + [UInt8](repeating: 0, count: 14)
                + [44, 0, 0, 0, 0, 0, 0, 0] + [17, 0, 0, 0, 0, 0, 0, 9], at: 40)
        #expect(header(packet)?.protocolNumber == 17)
        #expect(header(packet)?.destinationPort == 443)
        packet[40 + 16 + 8 + 3] = 8
        #expect(header(packet)?.destinationPort == nil)
    }

    @Test func extensionHeadersThatNeverEndAreLeftAlone() {
        var packet = Self.v6
        packet[6] = 60
        packet += [UInt8](repeating: 60, count: 2000)
        #expect(header(packet)?.destination == Self.two)
        #expect(header(packet)?.destinationPort == nil)
    }

    @Test func whatIsNoPacketIsNil() {
        #expect(header([]) == nil)
        #expect(header([0x45]) == nil)
        #expect(header([UInt8](repeating: 0x50, count: 64)) == nil)
        var short = Self.v4
        short[0] = 0x44
        #expect(header(short) == nil)
    }

    /// Every prefix and every changed octet: an answer or nil, never a trap.
    @Test func damageNeverTraps() {
        for packet in [Self.v4, Self.v6] {
            for length in 0...packet.count { _ = header(Array(packet[..<length])) }
            for place in packet.indices {
                for value in UInt8.min...UInt8.max {
                    var damaged = packet
                    damaged[place] = value
                    _ = header(damaged)
                }
            }
        }
    }

    private func header(_ packet: [UInt8]) -> PacketHeader? { PacketHeader(packet.span) }
}
