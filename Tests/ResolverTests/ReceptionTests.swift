import DNSWire
import Testing

@testable import Resolver

@Suite struct ReceptionTests {
    let right = TestMessage(flags: .recursionDesired, questions: [question("a.example")])

    @Test func readsAQuestion() throws {
        var message = right
        message.flags = [.recursionDesired, .checkingDisabled, .authenticData]
        var options = ExtendedOptions(payloadSize: 4096)
        options.isDNSSECWanted = true
        message.options = [options]
        var query = Query()
        guard case .query = query.read(message.octets.span) else {
            Issue.record("not a query")
            return
        }
        #expect(query.question == question("a.example"))
        #expect(query.asker.identifier == 7)
        #expect(query.asker.flags == [.recursionDesired, .checkingDisabled])
        #expect(query.asker.payloadSize == 4096)
        #expect(query.asker.isDNSSECWanted)
        #expect(query.asker.longestDatagram == 1232)
        message.options = [ExtendedOptions(payloadSize: 4096)]
        _ = query.read(message.octets.span)
        #expect(!query.asker.isDNSSECWanted, "nothing of the query before it")
    }

    @Test(
        arguments: [(nil, 512), (0, 512), (511, 512), (600, 600), (1232, 1232), (65_535, 1232)]
            as [(UInt16?, Int)])
    func boundsTheAnswer(_ payloadSize: UInt16?, _ longest: Int) {
        let asker = Asker(
            identifier: 0, flags: [], letterCase: LetterCase(), payloadSize: payloadSize)
        #expect(asker.longestDatagram == longest)
    }

    func code(_ octets: [UInt8]) -> ResponseCode? {
        var query = Query()
        return if case .refused(let code, _, _) = query.read(octets.span) { code } else { nil }
    }

    @Test func ignoresResponsesAndFragments() {
        var response = right
        response.flags.insert(.response)
        for octets in [response.octets, [], Array(right.octets.prefix(11))] {
            var query = Query()
            guard case .ignored = query.read(octets.span) else {
                Issue.record("answered")
                return
            }
        }
    }

    @Test func refusesWhatItDoesNotServe() {
        var message = right
        message.flags = Header.Flags(rawValue: 0x2800)
        #expect(code(message.octets) == .notImplemented, "UPDATE")
        message = right
        message.questions = []
        #expect(code(message.octets) == .formatError, "no question")
        message.questions = [question("a.example"), question("b.example")]
        #expect(code(message.octets) == .formatError, "two questions")
        message = right
        message.questions[0].recordClass = .chaos
        #expect(code(message.octets) == .refused, "CHAOS")
        message = right
        var options = ExtendedOptions(payloadSize: 512)
        message.options = [options, options]
        #expect(code(message.octets) == .formatError, "two OPT records")
        options.version = 1
        message.options = [options]
        #expect(code(message.octets) == .badVersion)
        message = right
        message.answers = [.init(owner: "a.example", timeToLive: 1, data: .a(1))]
        #expect(code(message.octets) == .formatError, "an answer in a question")
        #expect(code(right.octets + [0]) == .formatError, "octets after the end")
        #expect(code(right.octets) == nil, "the control")
    }

    /// RFC 6891 §6.1.1.
    @Test func findsTheOptionsOfWhatItRefuses() {
        func options(_ octets: [UInt8]) -> ExtendedOptions? { Query.options(of: octets.span) }
        var asked = ExtendedOptions(payloadSize: 512)
        asked.isDNSSECWanted = true
        var message = right
        #expect(options(message.octets) == nil, "it has none")
        message.options = [asked]
        #expect(options(message.octets + [0]) == asked, "octets after the end")
        message.flags = Header.Flags(rawValue: 0x2800)
        message.authority = [.init(owner: "a.example", timeToLive: 1, data: .a(1))]
        #expect(options(message.octets) == asked, "UPDATE")
        message.questions += [question("b.example"), question("c.example")]
        #expect(options(message.octets) == asked, "three questions")
        message.questions = []
        #expect(options(message.octets) == asked, "none")
        #expect(options(Array(message.octets.dropLast())) == nil, "cut off")
        #expect(options(Array(message.octets.prefix(11))) == nil)
    }
}
