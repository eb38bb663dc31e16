import DNSWire
import Testing

@Suite struct MessageReaderTests {
    @Test func readsAQuestionInLowerCaseAndItsCapitals() throws {
        let octets = GoldenPackets.query
        var reader = try MessageReader(octets.span)
        let header = reader.header
        #expect(header.identifier == 0x1234)
        #expect(header.flags == [.recursionDesired, .authenticData])
        let question = try reader.question()
        #expect(question == Question(try Name(text: "www.example.com"), .a))
        let letterCase = reader.letterCase(at: 12, count: question.name.count)
        #expect(letterCase == LetterCase(of: octets.span.extracting(12..<29)))
        let options = try reader.options(of: try reader.record())
        #expect(options.payloadSize == 1232)
        #expect(options.isDNSSECWanted)
        #expect(options.version == 0)
        try reader.end()
    }

    @Test func followsCompressionInOwnersAndData() throws {
        var records: [(owner: String, data: RecordData, timeToLive: UInt32)] = []
        let octets = GoldenPackets.chain
        var reader = try MessageReader(octets.span)
        _ = try reader.question()
        for _ in 0..<reader.header.answerCount {
            let record = try reader.record()
            records.append(
                (
                    try reader.owner(of: record).description, try reader.data(of: record),
                    record.timeToLive
                ))
        }
        let options = try reader.options(of: try reader.record())
        try reader.end()
        #expect(records.map(\.owner) == ["www.example.com", "cdn.example.com", "cdn.example.com"])
        #expect(records[0].data == .cname(try Name(text: "cdn.example.com")))
        #expect(records[1].data == .a(0xcb00_7107))
        #expect(records[2].data == .aaaa(0x2001_0db8_0000_0000, 7))
        #expect(records.map(\.timeToLive) == [300, 60, 1 << 31])
        #expect(options.payloadSize == 4096)
    }

    @Test func readsTheNumbersOfAnAuthorityWhoseMailboxHasADot() throws {
        let octets = GoldenPackets.negative
        var reader = try MessageReader(octets.span)
        let responseCode = reader.header.flags.responseCode
        _ = try reader.question()
        let data = try reader.data(of: try reader.record())
        try reader.end()
        #expect(responseCode == .nameError)
        let authority = StartOfAuthority(serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5)
        #expect(data == .soa(authority))
    }

    @Test func readsAnExtendedError() throws {
        let octets = GoldenPackets.blocked
        var reader = try MessageReader(octets.span)
        _ = try reader.question()
        let options = try reader.options(of: try reader.record())
        #expect(options.extendedError == ExtendedError(.blocked, "blocked"))
    }

    struct Refused: CustomTestStringConvertible, Sendable {
        let what: String
        let octets: [UInt8]
        let error: WireError
        var testDescription: String { what }
        init(_ what: String, _ annotated: String, _ error: WireError) {
            (self.what, self.octets, self.error) = (what, packet(annotated), error)
        }
    }

    static let header = "00 01 01 00 00 01 00 01 00 00 00 00"
    static let question = "01 \"a\" 00 00 01 00 01"

    @Test(arguments: [
        Refused("half a header", "00 01 01 00 00 01 00", .truncated),
        Refused("no question where one is counted", header, .truncated),
        Refused("label cut off", "\(header) 05 \"abc\"", .truncated),
        Refused("name without its end", "\(header) 01 \"a\"", .truncated),
        Refused("half a pointer", "\(header) c0", .truncated),
        Refused("pointer to itself", "\(header) c0 0c 00 01 00 01", .pointerForward),
        Refused("pointer ahead", "\(header) c0 10 00 01 00 01", .pointerForward),
        Refused(
            "pointer into the run it leaves", "\(header) 01 \"a\" c0 0c 00 01 00 01",
            .pointerForward),
        Refused("pointer into the header", "\(header) c0 04 00 01 00 01", .pointerIntoHeader),
        Refused("label type 01", "\(header) 41 \"a\" 00 00 01 00 01", .labelReserved),
        Refused("label type 10", "\(header) 81 \"a\" 00 00 01 00 01", .labelReserved),
        Refused("NUL inside a label", "\(header) 03 61 00 62 00 00 01 00 01", .octetForbidden),
        Refused("dot inside a label", "\(header) 03 \"a.b\" 00 00 01 00 01", .octetForbidden),
        Refused(
            "256 octets of name",
            header + String(repeating: " 3f" + String(repeating: " 61", count: 63), count: 4)
                + " 00 00 01 00 01", .nameTooLong),
        Refused("question cut off", "\(header) 01 \"a\" 00 00 01 00", .truncated),
        Refused("no record where one is counted", "\(header) \(question)", .truncated),
        Refused(
            "record cut off", "\(header) \(question) c0 0c 00 01 00 01 00 00 00 01", .truncated),
        Refused(
            "data longer than the message",
            "\(header) \(question) c0 0c 00 01 00 01 00 00 00 01 00 05 01 02 03 04", .truncated),
        Refused(
            "address of three octets, at the end",
            "\(header) \(question) c0 0c 00 01 00 01 00 00 00 01 00 03 01 02 03", .truncated),
        Refused(
            "address of five octets",
            "\(header) \(question) c0 0c 00 01 00 01 00 00 00 01 00 05 01 02 03 04 05",
            .dataLength),
        Refused(
            "alias with octets after its name",
            "\(header) \(question) c0 0c 00 05 00 01 00 00 00 01 00 03 c0 0c 00", .dataLength),
        Refused(
            "octets after the last record",
            "\(header) \(question) c0 0c 00 01 00 01 00 00 00 01 00 04 01 02 03 04 05",
            .trailingOctets),
    ])
    func refuses(_ refused: Refused) {
        #expect(throws: refused.error) { try readAll(refused.octets) }
    }

    @Test(arguments: [
        Refused(
            "owner is not the root", "01 \"a\" 00 00 29 02 00 00 00 00 00 00 00", .optMisplaced),
        Refused("half an option", "00 00 29 02 00 00 00 00 00 00 02 00 0f", .truncated),
        Refused(
            "option longer than the record", "00 00 29 02 00 00 00 00 00 00 04 00 0a 00 01",
            .dataLength),
        Refused(
            "extended error of one octet", "00 00 29 02 00 00 00 00 00 00 05 00 0f 00 01 00",
            .dataLength),
    ])
    func refusesOptions(_ refused: Refused) throws {
        let octets = packet("00 01 01 00 00 00 00 00 00 00 00 01") + refused.octets
        #expect(throws: refused.error) { try readAll(octets) }
    }

    @Test func longestNameIsAccepted() throws {
        let label = " 3f" + String(repeating: " 61", count: 63)
        let octets = packet(
            Self.header + label + label + label + " 3d" + String(repeating: " 61", count: 61)
                + " 00 00 01 00 01")
        var reader = try MessageReader(octets.span)
        let name = try reader.question().name
        #expect(name.count == Name.longest)
    }

    @Test func aHundredThousandMutationsNeverTrap() {
        var random = SeededRandom(state: 2026)
        var accepted = 0
        for round in 0..<100_000 {
            var octets = GoldenPackets.all[round % GoldenPackets.all.count]
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let place = Int.random(in: 0..<octets.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: octets[place] = UInt8.random(in: 0...255, using: &random)
                case 1: octets[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: octets[place] = [0, 0x3f, 0x40, 0xc0, 0xff].randomElement(using: &random)!
                case 3: octets.insert(UInt8.random(in: 0...255, using: &random), at: place)
                default: octets.removeSubrange(place...)
                }
                if octets.isEmpty { octets = [0] }
            }
            if (try? readAll(octets)) != nil { accepted += 1 }
        }
        #expect(1000..<99_000 ~= accepted, "mutations must reach past the first field")
    }
}

/// Reads everything that a message holds, in every way that the reader offers.
func readAll(_ octets: [UInt8]) throws(WireError) {
    var reader = try MessageReader(octets.span)
    for _ in 0..<reader.header.questionCount {
        let question = try reader.question()
        _ = reader.letterCase(at: 12, count: question.name.count)
        _ = question.name.description
    }
    let sections = reader.header
    for _ in 0..<Int(sections.answerCount) + Int(sections.authorityCount) {
        let record = try reader.record()
        _ = try reader.owner(of: record)
        _ = try reader.data(of: record)
    }
    for _ in 0..<sections.additionalCount {
        let record = try reader.record()
        if record.type == .opt { _ = try reader.options(of: record) }
    }
    try reader.end()
}
