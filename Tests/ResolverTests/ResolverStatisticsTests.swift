import DNSWire
import Glibc
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
        writer.attribute(address(1), to: name("a.test").octets, at: at(4), until: at(5))
        writer.attribute(address(1), to: name("b.test").octets, at: at(6), until: at(7))
        writer.attribute(.v6(1, 2), to: name("six.test").octets, at: at(5), until: at(7))
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
                .init(address: address(1), name: "a.test", granted: at(4), ends: at(5)),
            ])
    }

    /// Of two names with one address it is the one that was asked for last before.
    @Test func whatAnAddressWasAskedForAs() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let statistics = try ResolverStatistics(mapping: file.raw, writable: true)
        func attribute(_ text: String, at moment: Int) {
            statistics.attribute(
                address(1), to: name(text).octets, at: at(moment), until: at(moment + 300))
        }
        func origin(at moment: Int) -> String? {
            statistics.attributions.name(of: address(1), at: at(moment))
        }
        #expect(origin(at: 1) == nil)
        attribute("a.test", at: 1)
        attribute("b.test", at: 3)
        #expect(origin(at: 1) == "a.test")
        #expect(origin(at: 2) == "a.test")
        #expect(origin(at: 4) == "b.test")
        attribute("a.test", at: 5)
        #expect(origin(at: 4) == "b.test")
        #expect(origin(at: 6) == "a.test")
        #expect(origin(at: 0) == "b.test")
        #expect(statistics.attributions.name(of: address(2), at: at(9)) == nil)
    }

    @Test func aFloodOfNamesStaysBoundedAndTheLatestAreKept() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let statistics = try ResolverStatistics(mapping: file.raw, writable: true)
        var random = SeededRandom(state: 6)
        for index in 0..<10_000 {
            statistics.deny(name("\(index).test"), random.next(), at: at(index))
            statistics.attribute(
                .v4(UInt32(index)), to: name("\(index).test").octets, at: at(index),
                until: at(index))
        }
        let names = statistics.deniedNames
        #expect(names.count == 1024)
        #expect(names.first?.name == "9999.test")
        #expect(statistics.attributions.count == 1024)
        #expect(statistics.lost.names == 10_000 - 1024)
    }

    @Test func nothingIsLostWhileThereIsRoomWhateverTheHashes() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let statistics = try ResolverStatistics(mapping: file.raw, writable: true)
        for index in 0..<1024 {
            // Asked for A and AAAA, which are two hashes.
            statistics.deny(name("\(index).test"), 0, at: at(index))
            statistics.deny(name("\(index).test"), 1, at: at(index))
        }
        for index in 0..<1024 {
            for number: UInt8 in [6, 17] {
                statistics.refuse(
                    address(1), protocolNumber: number, port: UInt16(index), user: nil,
                    at: at(index))
            }
        }
        #expect(statistics.deniedNames.count == 1024)
        #expect(statistics.deniedNames.allSatisfy { $0.count == 2 })
        #expect(statistics.refusedDestinations.count == 2048)
        #expect(statistics.lost == (0, 0))
    }

    @Test func whatCameOftenOutlivesAFloodOfWhatCameOnce() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let statistics = try ResolverStatistics(mapping: file.raw, writable: true)
        var random = SeededRandom(state: 7)
        for index in 0..<600 {
            statistics.deny(name("needed\(index / 3).test"), random.next(), at: at(index))
        }
        for index in 0..<20_000 {
            statistics.deny(name("noise\(index).test"), random.next(), at: at(1000 + index))
        }
        let needed = statistics.deniedNames.filter { $0.name.hasPrefix("needed") }
        #expect(needed.count == 200)
        #expect(needed.allSatisfy { $0.count == 3 })
    }

    @Test func strayDatagramsTakeNoRoomOfConnections() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let statistics = try ResolverStatistics(mapping: file.raw, writable: true)
        statistics.attribute(address(1), to: name("git.test").octets, at: at(0), until: at(9))
        statistics.refuse(address(1), protocolNumber: 6, port: 22, user: 1000, at: at(1))
        for index in 0..<5000 {
            statistics.refuse(
                .v4(UInt32(index)), protocolNumber: 17, port: 5353, user: nil, at: at(2 + index))
            statistics.attribute(
                .v4(UInt32(index)), to: name("n.test").octets, at: at(2 + index), until: at(9))
        }
        let connections = statistics.refusedDestinations.filter { $0.protocolNumber == 6 }
        #expect(
            connections == [
                .init(
                    address: address(1), protocolNumber: 6, port: 22, user: 1000, count: 1,
                    last: at(1))
            ])
        #expect(statistics.lost.destinations == 5000 - 1024)
        #expect(statistics.attributions.contains { $0.name == "git.test" })
    }

    /// What was never written takes no memory, neither of the resolver nor of who reads.
    @Test func memoryIsTakenAsItIsUsed() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let statistics = try ResolverStatistics(mapping: file.raw, writable: true)
        for index in 0..<20 { statistics.deny(name("\(index).test"), 0, at: at(index)) }
        #expect(statistics.deniedNames.count == 20)
        #expect(statistics.refusedDestinations.isEmpty && statistics.attributions.isEmpty)
        var status = stat()
        #expect(unsafe fstat(file.raw, &status) == 0)
        // The chains, the records, and the heads of the other tables.
        #expect(status.st_blocks * 512 <= 10 * 4096)
    }

    /// An earlier life of the resolver may have left anything.
    @Test func aTableThatIsWrongIsNeitherBelievedNorWalkedForEver() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        let memory = try SharedMemory(mapping: file.raw, byteCount: ResolverStatistics.byteCount)
        var random = SeededRandom(state: 8)
        for place in stride(from: 0, to: ResolverStatistics.ownByteCount, by: 8) {
            memory.store(random.next() & (place % 16 == 0 ? .max : 0x7ff), at: place)
        }
        let statistics = try ResolverStatistics(mapping: file.raw, writable: true)
        for index in 0..<3000 {
            statistics.deny(name("\(index).test"), random.next(), at: at(index))
            statistics.refuse(
                address(1), protocolNumber: 6, port: UInt16(index), user: nil, at: at(index))
            statistics.attribute(
                .v4(UInt32(index)), to: name("n.test").octets, at: at(index), until: at(9))
        }
        #expect(statistics.deniedNames.count <= 1024)
        #expect(statistics.attributions.count <= 1024)
        #expect(statistics.refusedDestinations.count <= 2048)
    }

    @Test func refusesAFileThatIsTooShort() throws {
        let file = try MemoryFile.empty("test", byteCount: 4096)
        #expect(throws: SystemCallError.self) {
            _ = try ResolverStatistics(mapping: file.raw, writable: true)
        }
    }
}
