import DNSWire
import Policy
import Testing

@testable import Resolver

@Suite struct UpstreamReplyTests {
    typealias Record = TestMessage.TestRecord

    static let asked = question("www.example.com")
    let inquiry = Inquiry(question: asked, identifier: 7, letterCase: LetterCase())

    func reply(_ message: TestMessage) -> UpstreamReply {
        inquiry.reply(in: message.octets.span) { $0.isPubliclyRoutable }
    }

    func answer(_ message: TestMessage) throws -> Answer {
        guard case .answer(let answer) = reply(message) else {
            Issue.record("no answer: \(reply(message))")
            throw WireError.truncated
        }
        return answer
    }

    @Test func keepsTheChainAndItsAddressesAndNothingElse() throws {
        let message = TestMessage(
            questions: [Self.asked],
            answers: [
                Record(owner: "www.example.com", timeToLive: 300, data: .cname("cdn.example.net")),
                Record(owner: "cdn.example.net", timeToLive: 60, data: .a(0x5db8_d701)),
                Record(owner: "cdn.example.net", timeToLive: 90, data: .a(0x5db8_d702)),
                Record(owner: "cdn.example.net", timeToLive: 60, data: .a(0x5db8_d701)),
                Record(owner: "bank.example.org", timeToLive: 60, data: .a(0x5db8_d703)),
                Record(owner: "www.example.com", timeToLive: 60, data: .a(0x5db8_d704)),
                Record(owner: "cdn.example.net", timeToLive: 60, data: .aaaa(0x2606 << 48, 1)),
                Record(
                    owner: "cdn.example.net", timeToLive: 60,
                    data: .raw(RecordType(rawValue: 16), [3, 1, 2, 3])),
            ])
        let answer = try answer(message)
        #expect(answer.addresses == [address(1), address(2)])
        #expect(answer.aliasCount == 1)
        #expect(answer.aliases == wire("cdn.example.net"))
        #expect(answer.timeToLive == 60)
        #expect(!answer.isNegative)
    }

    @Test(
        arguments: [
            (0, 1), (1, 1), (300, 300), (86_400, 86_400), (86_401, 86_400), (0x7fff_ffff, 86_400),
            (0x8000_0000, 1), (0xffff_ffff, 1),
        ] as [(UInt32, UInt32)])
    func clampsTimes(_ written: UInt32, _ kept: UInt32) throws {
        let message = TestMessage(
            questions: [Self.asked],
            answers: [Record(owner: "www.example.com", timeToLive: written, data: .a(0x5db8_d701))])
        #expect(try answer(message).timeToLive == kept)
    }

    @Test func withholdsAddressesThatAreNotPublic() throws {
        var message = TestMessage(questions: [Self.asked])
        message.answers = [0x0a00_0001, 0x7f00_0001, 0xa9fe_a9fe, 0x5db8_d701].map {
            Record(owner: "www.example.com", timeToLive: 60, data: .a($0))
        }
        let mixed = try answer(message)
        #expect(mixed.addresses == [address(1)])
        #expect(mixed.filteredCount == 3)
        #expect(!mixed.isEmpty)
        message.answers.removeLast()
        let withheld = try answer(message)
        #expect(withheld.addresses.isEmpty)
        #expect(withheld.filtered == .v4(0x0a00_0001))
        #expect(withheld.isEmpty)
    }

    @Test func boundsTheAddresses() throws {
        var message = TestMessage(questions: [Self.asked])
        message.answers = (0..<1000).map {
            Record(owner: "www.example.com", timeToLive: 60, data: .a(0x5db8_0000 + $0))
        }
        #expect(try answer(message).addresses.count == Answer.mostAddresses)
    }

    @Test func refusesAChainWithoutEnd() {
        var message = TestMessage(questions: [Self.asked])
        message.answers = [
            Record(owner: "www.example.com", timeToLive: 60, data: .cname("a.example.com")),
            Record(owner: "a.example.com", timeToLive: 60, data: .cname("www.example.com")),
        ]
        #expect(reply(message) == .failed(.serverFailure))
        message.answers = (0..<Answer.longestChain).map {
            Record(
                owner: $0 == 0 ? "www.example.com" : "\($0).example.com", timeToLive: 60,
                data: .cname("\($0 + 1).example.com"))
        }
        #expect((try? answer(message))?.aliasCount == Answer.longestChain)
    }

    @Test(
        arguments: [
            (nil, nil, 1), (3600, 60, 60), (30, 60, 30), (86_400, 86_400, 900), (0, 60, 1),
        ] as [(UInt32?, UInt32?, UInt32)])
    func keepsANegativeAnswerAsLongAsItsAuthorityAllows(
        _ timeToLive: UInt32?, _ minimum: UInt32?, _ kept: UInt32
    ) throws {
        for code in [ResponseCode.nameError, .noError] {
            var message = TestMessage(questions: [Self.asked])
            message.flags.responseCode = code
            if let timeToLive, let minimum {
                message.authority = [
                    Record(
                        owner: "example.com", timeToLive: timeToLive, data: .soa(minimum: minimum))
                ]
            }
            let answer = try answer(message)
            #expect(answer.isNegative)
            #expect(answer.responseCode == code)
            #expect(answer.timeToLive == kept)
        }
    }

    @Test func tellsAnswersFromForgeries() {
        let right = TestMessage(questions: [Self.asked])
        var wrong = right
        wrong.identifier = 8
        #expect(reply(wrong) == .forged, "identifier")
        wrong = right
        wrong.flags.remove(.response)
        #expect(reply(wrong) == .forged, "a question")
        wrong = right
        wrong.questions = [question("www.example.org")]
        #expect(reply(wrong) == .forged, "another name")
        wrong.questions = [question("www.example.com", .aaaa)]
        #expect(reply(wrong) == .forged, "another type")
        wrong.questions = []
        #expect(reply(wrong) == .forged, "no question")
        wrong = right
        wrong.letterCase = LetterCase(of: Array("xWxx".utf8).span)
        #expect(reply(wrong) == .letterCaseLost)
        wrong = right
        wrong.flags.insert(.truncated)
        #expect(reply(wrong) == .truncated)
        for code in [1, 2, 4, 5, 9] as [UInt8] {
            wrong = right
            wrong.flags.responseCode = ResponseCode(rawValue: code)
            #expect(reply(wrong) == .failed(ResponseCode(rawValue: code)))
        }
        guard case .answer = reply(right) else {
            Issue.record("the control is not an answer")
            return
        }
    }

    @Test func mutationsNeverTrapAndNeverWidenTheAnswer() {
        var message = TestMessage(questions: [Self.asked])
        message.answers = [
            Record(owner: "www.example.com", timeToLive: 300, data: .cname("cdn.example.net")),
            Record(owner: "cdn.example.net", timeToLive: 60, data: .a(0x5db8_d701)),
        ]
        let right = message.octets
        var random = SeededRandom(state: 4)
        for _ in 0..<50_000 {
            var octets = right
            for _ in 0...2 {
                let place = Int.random(in: 0..<octets.count, using: &random)
                octets[place] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                octets.removeLast(Int.random(in: 0..<octets.count, using: &random))
            }
            let reply = inquiry.reply(in: octets.span) { $0.isPubliclyRoutable }
            if case .answer(let answer) = reply {
                let isPublic = answer.addresses.allSatisfy(\.isPubliclyRoutable)
                #expect(answer.addresses.count <= 1 && isPublic)
            }
        }
    }
}
