import DNSWire
import Policy
import Testing

@testable import Resolver

@Suite struct ReplyTests {
    func write(
        _ reply: Reply, edns: UInt16? = 1232, limit: Int = 1232, wantsDNSSEC: Bool = false
    ) throws -> ParsedMessage {
        let asker = Asker(
            identifier: 9, flags: .recursionDesired, letterCase: LetterCase(), payloadSize: edns,
            isDNSSECWanted: wantsDNSSEC)
        let query = Query(question: question("www.example.com"), asker: asker)
        let octets = try [UInt8](capacity: limit) {
            (output: inout OutputSpan<UInt8>) throws(WireError) in
            try reply.write(to: query, into: &output) { "allow \($0)" }
        }
        return try ParsedMessage(octets)
    }

    func chain(addresses: Int) -> Answer {
        var answer = Answer()
        for alias in ["cdn.example.net", "edge.example.org"] {
            answer.aliases += wire(alias)
            answer.aliasCount += 1
        }
        answer.addresses = (0..<addresses).map { address(UInt32($0)) }
        return answer
    }

    @Test func writesAChain() throws {
        let message = try write(.answer(chain(addresses: 2), timeToLive: 33))
        #expect(message.header.flags == [.response, .recursionDesired, .recursionAvailable])
        #expect(
            message.records.map(\.owner) == [
                "www.example.com", "cdn.example.net", "edge.example.org", "edge.example.org",
            ])
        #expect(message.records[0].data == .cname(name("cdn.example.net")))
        #expect(message.records[3].data == .a(0x5db8_d701))
        #expect(message.records.allSatisfy { $0.timeToLive == 33 })
        #expect(message.options?.extendedError == nil)
    }

    @Test func saysWhyOnlyToThoseWhoCanRead() throws {
        let reply = Reply.negative(.nameError, timeToLive: 10, .notAllowed)
        let explained = try write(reply)
        #expect(explained.header.flags.responseCode == .nameError)
        #expect(
            explained.options?.extendedError == ExtendedError(.blocked, "allow www.example.com"))
        let plain = try write(reply, edns: nil, limit: 512)
        #expect(plain.options == nil)
        for message in [explained, plain] {
            #expect(message.records.count == 1)
            guard case .soa(let authority) = message.records[0].data else {
                Issue.record("no SOA")
                return
            }
            #expect(authority.minimum == 10)
        }
    }

    @Test func saysThatAllWasWithheld() throws {
        var answer = Answer()
        answer.filtered = .v4(0x0a00_0001)
        let message = try write(.answer(answer, timeToLive: 60))
        #expect(message.header.answerCount == 0)
        #expect(message.header.authorityCount == 1)
        #expect(message.options?.extendedError?.code == .filtered)
    }

    @Test func cutsWhatDoesNotFit() throws {
        let answer = Reply.answer(chain(addresses: 64), timeToLive: 60)
        let cut = try write(answer, edns: nil, limit: 512)
        #expect(cut.header.flags.contains(.truncated))
        #expect(cut.records.isEmpty)
        #expect(cut.question == question("www.example.com"))
        #expect(try write(answer, limit: 4096).header.answerCount == 66)
    }

    /// RFC 3225 §3, whether the answer fits or not.
    @Test(arguments: [true, false], [64, 1])
    func copiesDO(_ wantsDNSSEC: Bool, _ addresses: Int) throws {
        let reply = Reply.answer(chain(addresses: addresses), timeToLive: 60)
        let message = try write(reply, limit: 512, wantsDNSSEC: wantsDNSSEC)
        #expect(message.header.flags.contains(.truncated) == (addresses > 1))
        #expect(message.options?.isDNSSECWanted == wantsDNSSEC)
    }

    @Test func putsTheUpperBitsOfACodeIntoTheOptions() throws {
        let message = try write(.failure(.badVersion, nil))
        #expect(message.header.flags.responseCode.rawValue == 0)
        #expect(message.options?.extendedResponseCode == 1)
    }
}
