import Testing

@testable import Control

@Suite struct RecordTests {
    @Test func integersAreLittleEndian() throws {
        var writer = RecordWriter()
        writer.write(0x0102_0304 as UInt32)
        writer.write(-2 as Int64)
        writer.write(-1 as CInt)
        writer.write(UInt16.max)
        writer.write(true)
        #expect(
            writer.octets == [
                4, 3, 2, 1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 1,
            ])
        var reader = RecordReader(writer.octets)
        #expect(try reader.integer(UInt32.self) == 0x0102_0304)
        #expect(try reader.integer(Int64.self) == -2)
        #expect(try reader.integer(CInt.self) == -1)
        #expect(try reader.integer(UInt16.self) == .max)
        #expect(try reader.bool())
        try reader.end()
    }

    @Test func textsListsAndOptionalsComeBack() throws {
        var writer = RecordWriter()
        writer.write(["", "é", "a\0b"])
        writer.write(nil as String?) { $0.write($1) }
        writer.write("there" as String?) { $0.write($1) }
        writer.write([1, 2] as [UInt8])
        var reader = RecordReader(writer.octets)
        #expect(try reader.texts() == ["", "é", "a\0b"])
        let absent = try reader.optional { reader throws(RecordError) in try reader.text() }
        let present = try reader.optional { reader throws(RecordError) in try reader.text() }
        #expect(absent == nil && present == "there")
        #expect(try reader.octets() == [1, 2])
    }

    @Test func refusesWhatIsNotARecord() {
        func reading<Value>(
            _ octets: [UInt8], _ read: (inout RecordReader) throws(RecordError) -> Value
        ) -> RecordError? {
            var reader = RecordReader(octets)
            do throws(RecordError) {
                _ = try read(&reader)
                return nil
            } catch {
                return error
            }
        }
        #expect(
            reading([1, 2, 3]) { r throws(RecordError) in try r.integer(UInt32.self) } == .truncated
        )
        #expect(reading([2, 0, 0, 0, 65]) { r throws(RecordError) in try r.text() } == .truncated)
        #expect(reading([1, 0, 0, 0, 65]) { r throws(RecordError) in try r.text() } == nil)
        #expect(reading([1, 0, 0, 0, 0xff]) { r throws(RecordError) in try r.text() } == .notUTF8)
        // A count that the octets cannot hold is refused before anything is allocated for it.
        #expect(
            reading([0xff, 0xff, 0xff, 0xff, 0]) { r throws(RecordError) in try r.texts() }
                == .truncated)
        #expect(reading([7]) { r throws(RecordError) in try r.end() } == .trailingOctets(1))
    }
}

@Suite struct SupervisorFactsTests {
    static let full: SupervisorFacts = {
        var facts = SupervisorFacts()
        facts.boot.profile = "claude-code"
        facts.boot.started = 1_700_000_000
        facts.boot.stages = [.init(name: "configure", nanoseconds: 1_234_567)]
        facts.boot.current = "secrets"
        facts.boot.warnings = ["a warning", ""]
        facts.resolver.process = 12
        facts.resolver.restarts = 3
        facts.resolver.user = 64053
        facts.resolver.upstreams = ["192.0.2.1", "2001:db8::1"]
        var session = SessionFacts(
            name: "claude", command: ["claude", "-p"], server: 20, since: 22)
        session.runner = 21
        session.exitCode = -1
        facts.session = session
        facts.cage.agentUser = 1000
        facts.cage.agentGroup = 1001
        facts.cage.agentName = "claude"
        facts.cage.writablePaths = ["/tmp"]
        facts.cage.keptCapabilities = .max
        facts.cage.missing = [.init(layer: "hidepid", reason: "no CAP_SYS_ADMIN")]
        facts.egress.rules = 40
        facts.egress.published = [.init(transport: 6, first: 80, last: 90)]
        facts.egress.refusedGrants = 5
        facts.egress.evictedGrants = 6
        facts.credentials.hosts = [.init(name: "github.com", served: 6)]
        facts.credentials.refused = 7
        facts.comeback.traps = 8
        facts.comeback.lastTrap = "SIGILL"
        facts.comeback.upgrades = 9
        facts.comeback.stalls = 10
        facts.comeback.lastStall = "PID 1 stood still"
        facts.healthPort = 8001
        facts.metricsPort = 9464
        return facts
    }()

    @Test(arguments: [SupervisorFacts(), full])
    func comeBackAsTheyWere(facts: SupervisorFacts) throws {
        var writer = RecordWriter()
        facts.write(to: &writer)
        var reader = RecordReader(writer.octets)
        #expect(try SupervisorFacts(from: &reader) == facts)
        try reader.end()
    }

    @Test func everyTruncationIsRefused() {
        var writer = RecordWriter()
        Self.full.write(to: &writer)
        for count in 0..<writer.octets.count {
            var reader = RecordReader(Array(writer.octets.prefix(count)))
            #expect(throws: RecordError.truncated) { try SupervisorFacts(from: &reader) }
        }
    }

    @Test func anotherFormatIsRefused() {
        var writer = RecordWriter()
        Self.full.write(to: &writer)
        var octets = writer.octets
        octets[0] = 99
        var reader = RecordReader(octets)
        #expect(throws: RecordError.otherFormat(99)) { try SupervisorFacts(from: &reader) }
    }
}
