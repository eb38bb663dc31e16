import Control
import DNSWire
import Linux
import Policy
import Testing

@testable import Inspection
@testable import Resolver

/// What a report takes from the resolver's memory.
@Suite final class ResolverReadingTests {
    private let file: OwnedDescriptor
    private let statistics: ResolverStatistics

    init() throws {
        file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        statistics = try ResolverStatistics(mapping: file.raw, writable: true)
    }

    @Test func aNameIsPrivateWhereAnAddressOfItIs() throws {
        let addresses: [(Address, String)] = [
            (.v4(0x0A00_0007), "peer.test"), (.v6(0xFD00 << 48, 7), "six.test"),
            (.v4(0x5DB8_D822), "peer.test"), (.v4(0x5DB8_D823), "public.test"),
        ]
        for (address, name) in addresses {
            statistics.attribute(
                address, to: try Name(text: name).octets, at: Instant(nanoseconds: 1),
                until: Instant(nanoseconds: 2))
        }
        let reading = ResolverReading(statistics: file.raw, isAudit: true)
        #expect(reading.privateNames == ["peer.test", "six.test"])
    }

    @Test func whatVerifyItselfTriedIsLeftOutButForAnAudit() {
        let (probe, docker) = (ProbeTarget.address, ProbeTarget.dockerResolver)
        for (address, port) in [(probe, 443), (docker, 38_749), (0xCB00_7107, 443)] {
            statistics.refuse(
                .v4(address), protocolNumber: 6, port: UInt16(port), user: nil,
                at: Instant(nanoseconds: 1))
        }
        let enforced = ResolverReading(statistics: file.raw, isAudit: false)
        #expect(enforced.refused.map(\.address) == [.v4(0xCB00_7107)])
        #expect(ResolverReading(statistics: file.raw, isAudit: true).refused.count == 3)
    }
}
