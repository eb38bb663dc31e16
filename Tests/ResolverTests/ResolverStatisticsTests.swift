import DNSWire
import Linux
import Policy
import Testing

@testable import Resolver

@Suite struct ResolverStatisticsTests {
    @Test func anotherMappingSeesWhatWasWritten() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let writer = try ResolverStatistics(mapping: file.raw, writable: true)
        let reader = try ResolverStatistics(mapping: file.raw, writable: false)
        #expect(reader.deniedNames.isEmpty)
        #expect(reader.attributions.isEmpty)
        writer.add(2, to: .denied)
        writer.add(3, to: .denied)
        writer.deny(name("evil.test"), 17, at: at(1))
        writer.deny(name("evil.test"), 17, at: at(2))
        writer.deny(name("worse.test"), 17, at: at(3))
        writer.attribute(address(1), to: name("a.test"), at: at(4), until: at(5))
        writer.attribute(address(1), to: name("b.test"), at: at(6), until: at(7))
        writer.attribute(.v6(1, 2), to: name("six.test"), at: at(5), until: at(7))
        let denied = reader.value(of: .denied)
        #expect(denied == 5)
        let names = reader.deniedNames
        #expect(
            names == [
                .init(name: "worse.test", count: 1, last: at(3)),
                .init(name: "evil.test", count: 2, last: at(2)),
            ])
        let attributions = reader.attributions
        #expect(
            attributions == [
                .init(address: address(1), name: "b.test", granted: at(6), ends: at(7)),
                .init(address: .v6(1, 2), name: "six.test", granted: at(5), ends: at(7)),
            ])
    }

    @Test func aFloodOfNamesStaysBoundedAndTheLatestAreKept() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let statistics = try ResolverStatistics(mapping: file.raw, writable: true)
        var random = SeededRandom(state: 6)
        for index in 0..<10_000 {
            statistics.deny(name("\(index).test"), random.next(), at: at(index))
            statistics.attribute(
                .v4(UInt32(index)), to: name("\(index).test"), at: at(index), until: at(index))
        }
        let names = statistics.deniedNames
        #expect(names.count == 256)
        #expect(names.first?.name == "9999.test")
        #expect(names.allSatisfy { $0.last > at(9000) })
        let count = statistics.attributions.count
        #expect(count == 256)
    }

    @Test func refusesAFileThatIsTooShort() throws {
        let file = try MemoryFile.empty("test", byteCount: 4096)
        #expect(throws: SystemCallError.self) {
            _ = try ResolverStatistics(mapping: file.raw, writable: true)
        }
    }
}
