import DNSWire
import Foundation
import Linux
import Policy
import Synchronization
import Testing

@testable import Resolver

/// The whole service over real sockets on loopback.
@Suite(.serialized) struct ServiceTests {
    @Test func aDeniedNameReachesNobody() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        for type in [.a, .aaaa, .any, RecordType(rawValue: 16)] {
            let message = try client.ask(question("secret-data.evil.test", type))
            #expect(message.header.flags.responseCode == .nameError)
            #expect(
                message.options?.extendedError
                    == ExtendedError(.blocked, "secret-data.evil.test"))
        }
        for type in [.aaaa, .any, RecordType(rawValue: 16), RecordType(rawValue: 65)] {
            let message = try client.ask(question("a.test", type))
            #expect(message.header.flags.responseCode == .noError)
            #expect(message.header.answerCount == 0)
            #expect(message.header.authorityCount == 1)
        }
        #expect(upstream.asked.withLock { $0.isEmpty })
        #expect(try client.ask(question("a.test")).header.answerCount == 1)
        #expect(upstream.asked.withLock { $0.count } == 1, "the control")
        let statistics = try ResolverStatistics(mapping: bench.statisticsFile.raw, writable: false)
        let denied = statistics.deniedNames
        #expect(denied.contains { $0.name == "secret-data.evil.test" })
    }

    @Test func answersFromTheCacheWithTheTimeThatIsLeft() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0, timeToLive: 2)] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        #expect(try client.ask(question("a.test")).records[0].timeToLive == 2)
        usleep(1_100_000)
        #expect(try client.ask(question("a.test")).records[0].timeToLive == 1)
        #expect(upstream.asked.withLock { $0.count } == 1)
        usleep(1_000_000)
        #expect(try client.ask(question("a.test")).records[0].timeToLive == 2)
        #expect(upstream.asked.withLock { $0.count } == 2)
    }

    /// It is open for as long as if it had been asked for just now, without anybody's waiting.
    @Test func manyWhoAskTheSameAskOnce() throws {
        let upstream = try ScriptedUpstream { asked in
            usleep(100_000)
            return [ScriptedUpstream.answer(asked)]
        }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        for identifier in 0..<20 as Range<UInt16> {
            try client.send(query(question("a.test"), identifier))
            try client.send(query(question("a.test"), identifier))
        }
        var answered: Set<UInt16> = []
        for _ in 0..<20 {
            let message = try ParsedMessage(try client.receive())
            #expect(message.header.answerCount == 1)
            answered.insert(message.header.identifier)
        }
        #expect(answered.count == 20)
        #expect(throws: Client.Failure.noAnswer, "a repeated question is answered once") {
            try client.receive(50)
        }
        #expect(upstream.asked.withLock { $0.count } == 1)
    }

    /// A failure would be final for a client that only has to ask again.
    @Test func aCrowdIsAnsweredAndWhoFindsNoRoomHearsNothing() throws {
        let isHeld = Mutex(true)
        let upstream = try ScriptedUpstream { asked in
            while isHeld.withLock({ $0 }) { usleep(1000) }
            return [ScriptedUpstream.answer(asked)]
        }
        let bench = try Bench(allowing: "a.test\nb.test\n", upstreams: [upstream.endpoint])
        let crowd = try (0..<64).map { _ in
            try InternetSocket.datagrams(connectedTo: bench.endpoint).release()
        }
        defer { for socket in crowd { close(socket) } }
        var octets = query(question("a.test"))
        for identifier in 0..<75 as Range<UInt8> {
            octets[1] = identifier
            for socket in crowd { _ = send(octets.span, to: socket) }
            usleep(2000)
        }
        let stream = try Client(streamTo: bench.endpoint)
        try stream.send(framed(query(question("a.test"))))
        let refused = try ParsedMessage(Array(try stream.receive(2000).dropFirst(2)))
        #expect(refused.header.flags.responseCode == .serverFailure)
        let other = try Client(of: bench.endpoint)
        try other.send(query(question("b.test")))
        usleep(20_000)
        isHeld.withLock { $0 = false }
        #expect(try ParsedMessage(try other.receive()).header.answerCount == 1)
        usleep(300_000)
        var answered = 0
        var buffer = [UInt8](repeating: 0, count: 2048)
        for socket in crowd {
            while case .moved(let count) = receive(into: &buffer, limit: 2048, from: socket) {
                let message = try ParsedMessage(Array(buffer.prefix(count)))
                #expect(message.header.answerCount == 1)
                answered += 1
            }
        }
        #expect(answered == LookupTable.mostWaiters)
        #expect(try bench.count(.dropped) > 0)
    }

    @Test func forgedAnswersChangeNothing() throws {
        let upstream = try ScriptedUpstream { asked in
            let right = ScriptedUpstream.answer(asked, 1)
            var identifier = ScriptedUpstream.answer(asked, 2)
            identifier.identifier &+= 1
            var name = ScriptedUpstream.answer(asked, 3)
            name.questions = [question("b.test")]
            var isQuery = ScriptedUpstream.answer(asked, 4)
            isQuery.flags.remove(.response)
            return [identifier, name, isQuery, right]
        }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let message = try Client(of: bench.endpoint).ask(question("a.test"))
        #expect(message.records.map(\.data) == [.a(0x5db8_d701)])
    }

    @Test func capitalsThatAreLostLeadToTCP() throws {
        let upstream = try ScriptedUpstream { asked in
            var message = ScriptedUpstream.answer(asked, asked.isStream ? 1 : 2)
            message.letterCase = LetterCase()
            return [message]
        }
        let long = "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz.test"
        let bench = try Bench(allowing: "\(long)\n", upstreams: [upstream.endpoint])
        let message = try Client(of: bench.endpoint).ask(question(long))
        #expect(message.records.map(\.data) == [.a(0x5db8_d701)])
        #expect(upstream.asked.withLock { $0.map(\.isStream) } == [false, true])
    }

    @Test func aTruncatedAnswerIsFetchedOverTCP() throws {
        let upstream = try ScriptedUpstream { asked in
            var message = ScriptedUpstream.answer(asked)
            guard !asked.isStream else {
                message.answers = (0..<60).map {
                    .init(owner: "a.test", timeToLive: 60, data: .a(0x5db8_d700 | $0))
                }
                return [message]
            }
            message.answers = []
            message.flags.insert(.truncated)
            return [message]
        }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        #expect(try client.ask(question("a.test")).header.answerCount == 60)
        // The same answer for a client without EDNS does not fit, and it is told so.
        try client.send(
            TestMessage(flags: .recursionDesired, questions: [question("a.test")]).octets)
        let cut = try ParsedMessage(try client.receive())
        #expect(cut.header.flags.contains(.truncated))
        #expect(cut.header.answerCount == 0)
    }

    @Test func asksTheNextUpstream() throws {
        let nobody = try closedEndpoint()
        let broken = try ScriptedUpstream { asked in
            var message = TestMessage(
                identifier: asked.identifier, questions: [asked.question],
                letterCase: asked.letterCase)
            message.flags.responseCode = .serverFailure
            return [message]
        }
        let silent = try ScriptedUpstream { _ in [] }
        let right = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(
            allowing: "*.zone.test\n",
            upstreams: [nobody, broken.endpoint, silent.endpoint, right.endpoint])
        let client = try Client(of: bench.endpoint)
        let before = Instant.now
        #expect(try client.ask(question("a.zone.test")).header.answerCount == 1)
        #expect(Instant.now.since(before) < 1000, "only the silent one costs time")
        for index in 0..<5 { _ = try client.ask(question("a\(index).zone.test")) }
        let later = Instant.now
        #expect(try client.ask(question("b.zone.test")).header.answerCount == 1)
        #expect(Instant.now.since(later) < 200, "by now the dead are known")
    }

    @Test func nobodyAnswersWithinTheClientsPatience() throws {
        let silent = try ScriptedUpstream { _ in [] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [silent.endpoint])
        let before = Instant.now
        let message = try Client(of: bench.endpoint).ask(question("a.test"))
        #expect(Instant.now.since(before) < 5000)
        #expect(message.header.flags.responseCode == .serverFailure)
        #expect(message.options?.extendedError?.code == .noReachableAuthority)
    }

    @Test func aServerWithoutOptionsIsAskedWithoutThem() throws {
        let isPlain = Mutex(false)
        let upstream = try ScriptedUpstream { asked in
            // The first question had an OPT record; this server calls that malformed.
            if isPlain.withLock({ plain in
                defer { plain = true }
                return plain
            }) {
                return [ScriptedUpstream.answer(asked)]
            }
            var message = TestMessage(
                identifier: asked.identifier, questions: [asked.question],
                letterCase: asked.letterCase)
            message.flags.responseCode = .formatError
            return [message]
        }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let message = try Client(of: bench.endpoint).ask(question("a.test"))
        #expect(message.header.answerCount == 1)
    }

    @Test func aWildcardHasABudget() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(
            allowing: "*.wild.test\nexact.wild.test\n", upstreams: [upstream.endpoint],
            newNamesPerMinute: 5)
        let client = try Client(of: bench.endpoint)
        for index in 0..<5 {
            #expect(try client.ask(question("a\(index).wild.test")).header.answerCount == 1)
        }
        let refused = try client.ask(question("exfiltrated.wild.test"))
        #expect(refused.header.flags.responseCode == .refused)
        #expect(refused.options?.extendedError?.code == .blocked)
        #expect(try client.ask(question("a0.wild.test")).header.answerCount == 1)
        #expect(try client.ask(question("exact.wild.test")).header.answerCount == 1)
        #expect(upstream.asked.withLock { $0.count } == 6)
    }

    @Test func pipelinedQuestionsOverOneConnection() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "*.zone.test\n", upstreams: [upstream.endpoint])
        let client = try Client(streamTo: bench.endpoint)
        var stream: [UInt8] = []
        for identifier in 0..<50 as Range<UInt16> {
            let name = identifier % 2 == 0 ? "a\(identifier).zone.test" : "evil.example"
            stream += framed(query(question(name), identifier))
        }
        // In two halves, cut in the middle of a message.
        try client.send(Array(stream[..<777]))
        usleep(20_000)
        try client.send(Array(stream[777...]))
        var reassembly = StreamReassembly(longestMessage: 65_535)
        var answered: Set<UInt16> = []
        while answered.count < 50 {
            let part = try client.receive(2000)
            try reassembly.append(part.span)
            while let octets = try reassembly.next() {
                let message = try ParsedMessage(octets)
                answered.insert(message.header.identifier)
                let expected: ResponseCode =
                    message.header.identifier % 2 == 0 ? .noError : .nameError
                #expect(message.header.flags.responseCode == expected)
            }
        }
        #expect(try bench.count(.tcpConnections) == 1)
    }

    @Test func aThousandIdleConnectionsDoNoHarm() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "*.zone.test\n", upstreams: [upstream.endpoint])
        var idle: [CInt] = []
        for index in 0..<1000 {
            let socket = try InternetSocket.stream(connectingTo: bench.endpoint)
            // A few leave a question half said.
            if index % 10 == 0 { _ = socket.send([0, 40, 1].span) }
            idle.append(socket.release())
        }
        defer { for socket in idle { close(socket) } }
        let client = try Client(of: bench.endpoint)
        #expect(try client.ask(question("a.zone.test")).header.answerCount == 1)
        let stream = try Client(streamTo: bench.endpoint)
        try stream.send(framed(query(question("b.zone.test"))))
        let answer = try stream.receive(2000)
        #expect(try ParsedMessage(Array(answer.dropFirst(2))).header.answerCount == 1)
    }

    @Test func hostileMessagesChangeNothing() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let attacker = try Client(of: bench.endpoint)
        var random = SeededRandom(state: 8)
        let right = query(question("a.test"))
        for _ in 0..<20_000 {
            var octets = right
            for _ in 0..<3 {
                octets[Int.random(in: 0..<octets.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            _ = attacker.socket.send(octets.span)
        }
        for length in [0, 1, 11, 1232, 1233, 9000, 60_000] {
            _ = attacker.socket.send([UInt8](repeating: 0xc0, count: length).span)
        }
        for octets in [
            [0, 0], [0, 11], [255, 255], [0, 12] + [UInt8](repeating: 255, count: 12),
        ] {
            let stream = try Client(streamTo: bench.endpoint)
            try stream.send(octets)
            #expect(throws: Client.Failure.noAnswer, "closed") { try stream.receive(2000) }
        }
        #expect(try Client(of: bench.endpoint).ask(question("a.test")).header.answerCount == 1)
    }

    @Test func aFloodOfDeniedNamesLeavesTheAllowedOnesAnswered() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let attacker = try Client(of: bench.endpoint)
        for index in 0..<100_000 {
            _ = attacker.socket.send(query(question("\(index).evil.test")).span)
        }
        // As any stub resolver, the client asks again when its datagram was lost in the crowd.
        let client = try Client(of: bench.endpoint)
        var answer: ParsedMessage?
        for _ in 0..<5 where answer == nil {
            answer = try? client.ask(question("a.test"), patience: 1000)
        }
        #expect(answer?.header.answerCount == 1)
    }

    @Test func terminationFinishesWhatIsInFlightAndLosesNothing() throws {
        let upstream = try ScriptedUpstream { asked in
            usleep(200_000)
            return [ScriptedUpstream.answer(asked)]
        }
        let bench = try Bench(allowing: "*.zone.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        try client.send(query(question("a.zone.test"), 1))
        usleep(50_000)
        bench.terminate()
        usleep(50_000)
        try client.send(query(question("b.zone.test"), 2))
        let first = try ParsedMessage(try client.receive())
        #expect(first.header.identifier == 1)
        #expect(first.header.answerCount == 1)
        #expect(bench.end)
        bench.rearm()
        bench.start()
        let second = try ParsedMessage(try client.receive())
        #expect(second.header.identifier == 2, "it waited in the socket")
        #expect(second.header.answerCount == 1)
        #expect(try bench.count(.starts) == 2)
        #expect(try bench.count(.queries) == 2, "the counters go on")
    }

    /// A client that hears nothing waits out its patience; one that hears a failure asks again.
    @Test func whoWaitsIsSentAwayWhenTheGrantChannelEnds() throws {
        let upstream = try ScriptedUpstream { asked in
            asked.question == question("granted.test") ? [ScriptedUpstream.answer(asked)] : []
        }
        let bench = try Bench(
            allowing: "*.zone.test\ngranted.test\n", upstreams: [upstream.endpoint]
        ) { _ in nil }
        let asking = try Client(of: bench.endpoint)
        try asking.send(query(question("a.zone.test")))
        let granting = try Client(of: bench.endpoint)
        try granting.send(query(question("granted.test")))
        // More than are taken at a time; the rest waits in the connection.
        let stream = try Client(streamTo: bench.endpoint)
        for identifier in 0..<40 as Range<UInt16> {
            try stream.send(framed(query(question("n\(identifier).zone.test"), identifier)))
        }
        usleep(100_000)
        #expect(bench.granted.withLock { $0.count } == 1)
        let closed = Instant.now
        bench.closeGrantChannel()
        try expectSentAway(try asking.receive())
        try expectSentAway(try granting.receive())
        var reassembly = StreamReassembly(longestMessage: 65_535)
        var identifiers: Set<UInt16> = []
        while identifiers.count < 40 {
            let part = try stream.receive()
            try reassembly.append(part.span)
            while let octets = try reassembly.next() {
                identifiers.insert(try expectSentAway(octets))
            }
        }
        #expect(Instant.now.since(closed) < 200)
        #expect(bench.end)
    }

    @Test func whoWaitsForTooLongIsSentAwayAtTheEndOfTheDrain() throws {
        let silent = try ScriptedUpstream { _ in [] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [silent.endpoint])
        let client = try Client(of: bench.endpoint)
        try client.send(query(question("a.test")))
        usleep(50_000)
        let asked = Instant.now
        bench.terminate()
        try expectSentAway(try client.receive())
        #expect(Instant.now.since(asked) >= 900, "the upstream had its time")
        #expect(bench.end)
    }

    @discardableResult
    private func expectSentAway(_ octets: [UInt8]) throws -> UInt16 {
        let message = try ParsedMessage(octets)
        #expect(message.header.flags.responseCode == .serverFailure)
        #expect(message.options?.extendedError?.code == .notReady)
        return message.header.identifier
    }

    /// RFC 8020: what is said not to exist has nothing below it.
    @Test func aDeniedNameWithAllowedOnesBelowItExists() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "*.wild.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        for (name, text) in [
            ("wild.test", "wild.test"), ("test", "test"),
            (".", "not a host name: no line can allow it"),
        ] {
            let message = try client.ask(question(name, RecordType(rawValue: 2)))
            #expect(message.header.flags.responseCode == .noError)
            #expect(message.header.answerCount == 0)
            #expect(message.header.authorityCount == 1)
            #expect(message.options?.extendedError == ExtendedError(.blocked, text))
        }
        let other = try client.ask(question("tame.test"))
        #expect(other.header.flags.responseCode == .nameError, "the control")
        #expect(try client.ask(question("a.wild.test")).header.answerCount == 1)
        #expect(try bench.count(.denied) == 4)
    }

    /// RFC 6891 §6.1.1.
    @Test func refusalsHaveOptionsForThoseWhoHaveThem() throws {
        let upstream = try ScriptedUpstream { _ in [] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        var options = ExtendedOptions(payloadSize: 4096)
        options.isDNSSECWanted = true
        for (opcode, code) in [(0, .formatError), (5, .notImplemented)] as [(UInt16, ResponseCode)]
        {
            for asked in [[], [options]] {
                let message = TestMessage(
                    flags: Header.Flags(rawValue: opcode << 11), questions: [question("a.test")],
                    options: asked)
                try client.send(message.octets + [0])
                let refusal = try ParsedMessage(try client.receive())
                #expect(refusal.header.flags.responseCode == code)
                #expect(refusal.question == nil)
                #expect(refusal.options?.payloadSize == (asked.isEmpty ? nil : 1232))
                #expect(refusal.options?.isDNSSECWanted == (asked.isEmpty ? nil : true))
            }
        }
    }

    @Test(arguments: [(1232, true), (1233, false)])
    func takesWhatItAnnounces(_ length: Int, _ isTaken: Bool) throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        var octets = Array(query(question("a.test")).dropLast(2))
        // The option "padding" (RFC 7830).
        let padding = length - octets.count - 6
        for value in [padding + 4, 12, padding] {
            octets += [UInt8(value >> 8), UInt8(value & 255)]
        }
        octets += [UInt8](repeating: 0, count: padding)
        try client.send(octets)
        let answer = try? client.receive(isTaken ? 6000 : 100)
        #expect((answer != nil) == isTaken)
        #expect(try bench.count(.dropped) == (isTaken ? 0 : 1))
    }

    @Test func everyQuestionHasAnIdentifierAndCapitalsOfItsOwn() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(
            allowing: "*.long-enough-for-capitals.test\n", upstreams: [upstream.endpoint])
        let client = try Client(of: bench.endpoint)
        for index in 0..<50 {
            _ = try client.ask(question("a\(index).long-enough-for-capitals.test"))
        }
        let asked = upstream.asked.withLock { $0 }
        #expect(Set(asked.map(\.identifier)).count >= 49)
        #expect(asked.contains { $0.letterCase != asked[0].letterCase })
    }
}
