import DNSWire
import Linux
import Policy

@testable import Resolver

func name(_ text: String) -> Name { try! Name(text: text) }

func question(_ text: String, _ type: RecordType = .a) -> Question { Question(name(text), type) }

/// A moment so many milliseconds after the tests' clock began.
func at(_ milliseconds: Int) -> Instant {
    Instant(nanoseconds: 1_000_000_000_000) + Milliseconds(milliseconds)
}

/// A public address by its last octet.
func address(_ last: UInt32) -> Address { .v4(0x5db8_d700 | last) }

func allowlist(_ text: String) -> Allowlist {
    try! Allowlist(parsing: [Allowlist.Source(name: "test", text: text)])
}

/// A generator whose numbers are the same in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// A message as a test spells it: header, questions, records, options.
struct TestMessage {
    enum Data {
        case a(UInt32)
        case aaaa(UInt64, UInt64)
        case cname(String)
        case soa(minimum: UInt32)
        case raw(RecordType, [UInt8])
    }

    struct TestRecord {
        var owner: String
        var timeToLive: UInt32
        var data: Data
    }

    var identifier: UInt16 = 7
    var flags: Header.Flags = [.response, .recursionDesired, .recursionAvailable]
    var questions: [Question] = []
    var letterCase = LetterCase()
    var answers: [TestRecord] = []
    var authority: [TestRecord] = []
    var options: [ExtendedOptions] = []

    var octets: [UInt8] {
        try! [UInt8](capacity: 65_535) { (output: inout OutputSpan<UInt8>) throws(WireError) in
            try output.put(
                Header(
                    identifier: identifier, flags: flags,
                    questionCount: UInt16(questions.count), answerCount: UInt16(answers.count),
                    authorityCount: UInt16(authority.count),
                    additionalCount: UInt16(options.count)))
            for question in questions { try output.put(question, letterCase: letterCase) }
            for record in answers + authority { try output.put(record) }
            for options in options { try output.put(options) }
        }
    }
}

extension OutputSpan where Element == UInt8 {
    @_lifetime(self: copy self)
    fileprivate mutating func put(_ record: TestMessage.TestRecord) throws(WireError) {
        let owner = wire(record.owner)
        let (type, data) = record.data.wire
        try put(owner.span)
        try put(type.rawValue)
        try put(RecordClass.internet.rawValue)
        try put(record.timeToLive)
        try put(UInt16(data.count))
        try put(data.span)
    }
}

extension TestMessage.Data {
    fileprivate var wire: (RecordType, [UInt8]) {
        switch self {
        case .a(let bits): return (.a, bits.octets)
        case .aaaa(let high, let low): return (.aaaa, high.octets + low.octets)
        case .cname(let target): return (.cname, ResolverTests.wire(target))
        case .soa(let minimum):
            let numbers: [UInt32] = [1, 2, 3, 4, minimum]
            return (.soa, [0, 0] + numbers.flatMap(\.octets))
        case .raw(let raw, let octets): return (raw, octets)
        }
    }
}

extension FixedWidthInteger {
    fileprivate var octets: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: self >> Self($0))
        }
    }
}

/// A name's wire form.
func wire(_ text: String) -> [UInt8] { name(text).bytes }

/// A message as a client sees it.
struct ParsedMessage {
    var header: Header
    var question: Question?
    var records: [(owner: String, data: RecordData, timeToLive: UInt32)] = []
    var options: ExtendedOptions?

    init(_ octets: [UInt8]) throws {
        var reader = try MessageReader(octets.span)
        header = reader.header
        if header.questionCount == 1 { question = try reader.question() }
        for _ in 0..<Int(header.answerCount) + Int(header.authorityCount) {
            let record = try reader.record()
            records.append(
                (
                    try reader.owner(of: record).description, try reader.data(of: record),
                    record.timeToLive
                ))
        }
        if header.additionalCount == 1 { options = try reader.options(of: try reader.record()) }
        try reader.end()
    }
}
