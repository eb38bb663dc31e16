import DNSWire
import Egress
import Linux
import Policy
import Testing

@testable import Inspection
@testable import Resolver

private func name(_ text: String) -> Name { try! Name(text: text) }
private func address(_ last: UInt32) -> Address { .v4(0x5db8_d700 | last) }

private func second(_ count: Int) -> Instant { Instant(nanoseconds: Int64(count) * 1_000_000_000) }

/// A log and who reads it, over one memory.
private final class Fixture {
    let file: OwnedDescriptor
    var log: DecisionLog
    var reader: DecisionReader

    init() throws {
        file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        log = try DecisionLog(mapping: file.raw)
        reader = try DecisionReader(mapping: file.raw)
    }

    func deny(_ text: String, _ reason: Decision.Reason = .noRule, hash: UInt64 = 1, at moment: Int)
    {
        log.deny(name(text), reason, hash, at: second(moment))
    }

    func next(at moment: Int) -> [Decision] { reader.next(at: second(moment)).decisions }
    /// Names with their counts.
    func counts(at moment: Int) -> [String] {
        next(at: moment).map { "\($0.name ?? "-") \($0.count)" }
    }
}

@Suite struct DecisionLogTests {
    @Test func eachKindSaysWhatIsKnown() throws {
        let fixture = try Fixture()
        fixture.deny("evil.test", at: 1)
        fixture.log.allow(
            name("good.test"), [address(1), address(2)], rule: { "good.test:80" }, 2, at: second(2))
        fixture.log.note(
            .refused, .v6(1, 2), protocolNumber: 17, port: 53, user: 1000, at: second(3))
        fixture.log.note(
            .audited, address(9), protocolNumber: 1, port: 0, user: nil, at: second(4))
        fixture.log.deny(name("inside.test"), .notPublic, 3, address: address(7), at: second(5))
        fixture.log.deny(name("audit.test"), .noRule, 4, audits: true, at: second(6))
        let found = fixture.next(at: 7)
        #expect(found.map(\.verdict) == [.denied, .allowed, .refused, .refused, .denied, .denied])
        #expect(found.map(\.first) == (1...6).map(second))
        #expect(found.map(\.count) == [1, 1, 1, 1, 1, 1])
        #expect(
            found.map(\.name) == ["evil.test", "good.test", nil, nil, "inside.test", "audit.test"])
        #expect(
            found.map(\.address) == [nil, address(1), .v6(1, 2), address(9), address(7), nil])
        #expect(found.map(\.others) == [0, 1, 0, 0, 0, 0])
        #expect(found.map(\.protocolNumber) == [0, 0, 17, 1, 0, 0])
        #expect(found.map(\.port) == [0, 0, 53, 0, 0, 0])
        #expect(found.map(\.user) == [nil, nil, 1000, nil, nil, nil])
        #expect(found.map(\.rule) == [nil, "good.test:80", nil, nil, nil, nil])
        #expect(found.map(\.reason) == [.noRule, .none, .none, .none, .notPublic, .noRule])
        #expect(found.map(\.isAudit) == [false, false, false, true, false, true])
    }

    @Test func aFlowThatOpensIsAllowedAndHasItsOwnRing() throws {
        let fixture = try Fixture()
        fixture.log.note(
            .opened, address(1), protocolNumber: 6, port: 443, user: 1000, at: second(1))
        for port in 1...600 {
            fixture.log.note(
                .refused, address(2), protocolNumber: 6, port: UInt16(port), user: 1000,
                at: second(2))
        }
        fixture.log.note(
            .opened, address(1), protocolNumber: 6, port: 443, user: 1000, at: second(3))
        let opened = fixture.next(at: 4).filter { $0.verdict == .allowed }
        #expect(opened.map(\.isPacket) == [true])
        #expect(opened.map(\.address) == [address(1)])
        #expect(opened.map(\.port) == [443])
        #expect(opened.map(\.protocolNumber) == [6])
        #expect(opened.map(\.user) == [1000])
        #expect(opened.map(\.count) == [2])
        #expect(opened.map(\.isAudit) == [false])
    }

    @Test func whatIsAlikeIsCounted() throws {
        let fixture = try Fixture()
        // The second hash is that of another type of the same name.
        fixture.deny("a.test", hash: 1, at: 1)
        fixture.deny("a.test", hash: 2, at: 1)
        fixture.deny("b.test", hash: 3, at: 2)
        fixture.deny("a.test", hash: 1, at: 3)
        fixture.deny("a.test", hash: 2, at: 3)
        // One name, another reason; and a name of the same length and hash.
        fixture.deny("a.test", .budget, hash: 1, at: 4)
        fixture.deny("c.test", hash: 1, at: 5)
        #expect(fixture.counts(at: 6) == ["b.test 1", "a.test 4", "a.test 1", "c.test 1"])
        #expect(fixture.counts(at: 6) == [])
    }

    @Test func onePortIsNotAnother() throws {
        let fixture = try Fixture()
        for (port, user) in [(22, 1000), (22, 1000), (23, 1000), (22, 1001), (22, 1000)] {
            fixture.log.note(
                .refused, address(1), protocolNumber: 6, port: UInt16(port), user: UInt32(user),
                at: second(1))
        }
        let found = fixture.next(at: 2)
        let counts = found.map { "\($0.port) \($0.user ?? 0) \($0.count)" }
        #expect(counts.sorted() == ["22 1000 3", "22 1001 1", "23 1000 1"])
    }

    @Test func afterTenSecondsItIsAnother() throws {
        let fixture = try Fixture()
        fixture.deny("a.test", at: 0)
        fixture.deny("a.test", at: 9)
        fixture.deny("a.test", at: 10)
        #expect(fixture.counts(at: 30) == ["a.test 2", "a.test 1"])
    }

    /// A follower hears of the first at once, and of the rest when their time is over.
    @Test func aFollowerMissesNoneAndHearsNoneTwice() throws {
        let fixture = try Fixture()
        fixture.deny("a.test", at: 0)
        #expect(fixture.counts(at: 0) == ["a.test 1"])
        for moment in 1..<9 { fixture.deny("a.test", at: moment) }
        #expect(fixture.counts(at: 9) == [])
        fixture.deny("b.test", hash: 2, at: 9)
        #expect(fixture.counts(at: 9) == ["b.test 1"])
        #expect(fixture.counts(at: 11) == ["a.test 8"])
        #expect(fixture.counts(at: 40) == [])
        fixture.deny("a.test", at: 41)
        #expect(fixture.counts(at: 41) == ["a.test 1"])
    }

    @Test func aFloodWashesOnlyItsOwnKindAwayAndTheLossIsTold() throws {
        let fixture = try Fixture()
        fixture.log.allow(name("good.test"), [address(1)], rule: { "good.test" }, 1, at: second(0))
        fixture.log.note(
            .refused, address(9), protocolNumber: 6, port: 22, user: nil, at: second(0))
        for index in 0..<2_000 {
            fixture.deny("n\(index).test", hash: UInt64(index) &* 0x9e37_79b9_7f4a_7c15, at: 1)
        }
        let (found, lost) = fixture.reader.next(at: second(2))
        #expect(found.count == 512 + 2)
        #expect(found.first?.name == "good.test")
        #expect(found.last?.name == "n1999.test")
        #expect(lost == 2_000 - 512)
        let again = fixture.reader.next(at: second(3))
        #expect(again.decisions.isEmpty && again.lost == 0)
    }

    @Test func theNextResolverGoesOnWhereItIs() throws {
        let fixture = try Fixture()
        fixture.deny("a.test", at: 1)
        fixture.log = try DecisionLog(mapping: fixture.file.raw)
        fixture.deny("b.test", at: 2)
        #expect(fixture.counts(at: 3) == ["a.test 1", "b.test 1"])
    }

    @Test func longestNameAndRule() throws {
        let fixture = try Fixture()
        let label = String(repeating: "a", count: 63)
        let long = "\(label).\(label).\(label).\(String(repeating: "b", count: 61))"
        fixture.deny(long, at: 1)
        fixture.log.allow(
            name(long), [], rule: { "*.\(long):1,2,3,4,5,6,7,8,9,10" }, 9, at: second(2))
        let found = fixture.next(at: 3)
        #expect(found.map(\.name) == [long, long])
        #expect(found[1].rule?.utf8.count == DecisionLog.longestRule)
        #expect(found[1].address == nil)
    }

    /// The resolver is not believed: whatever stands there, its reader comes to an end.
    @Test func anyMemoryCanBeRead() throws {
        var random = SeededRandom(state: 8)
        for _ in 0..<50 {
            let fixture = try Fixture()
            let memory = try SharedMemory(
                mapping: fixture.file.raw, byteCount: ResolverStatistics.byteCount)
            for moment in 0..<4 { fixture.deny("n\(moment).test", hash: random.next(), at: moment) }
            _ = fixture.next(at: 5)
            for _ in 0..<2_000 {
                let words = (ResolverStatistics.byteCount - ResolverStatistics.ownByteCount) / 8 - 1
                let word = Int(random.next() % UInt64(words)) + 1
                memory.store(
                    random.next() & (random.next() & 1 == 0 ? .max : 0x3ff),
                    at: ResolverStatistics.ownByteCount + word * 8)
            }
            for head in 1...3 {
                memory.store(
                    random.next() >> (random.next() % 64),
                    at: ResolverStatistics.ownByteCount + head * 8)
            }
            for moment in 5..<9 {
                _ = fixture.next(at: moment)
                fixture.deny("m\(moment).test", hash: random.next(), at: moment)
            }
        }
    }

    @Test func memoryOfAnotherLayoutIsNotRead() throws {
        let file = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        #expect(throws: SystemCallError.self) { _ = try DecisionReader(mapping: file.raw) }
        _ = try DecisionLog(mapping: file.raw)
        _ = try DecisionReader(mapping: file.raw)
    }
}

/// Numbers that are the same in every run.
private struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ state >> 29) &* 0x9e37_79b9_7f4a_7c15
    }
}
