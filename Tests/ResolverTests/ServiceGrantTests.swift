import DNSWire
import Foundation
import Linux
import Policy
import Synchronization
import Testing

@testable import Resolver

/// What waits for PID 1, and what does not.
extension ServiceTests {
    @Test func anAnswerLeavesOnlyAfterItsGrants() throws {
        let upstream = try ScriptedUpstream { asked in
            var message = ScriptedUpstream.answer(asked, 1, timeToLive: 20)
            message.answers.append(
                .init(owner: "a.test", timeToLive: 30, data: .a(0x5db8_d702)))
            return [message]
        }
        let bench = try Bench(
            allowing: "a.test\na.test:80\n", upstreams: [upstream.endpoint]
        ) { _ in
            usleep(20_000)
            return 0
        }
        let client = try Client(of: bench.endpoint)
        let before = Instant.now
        let message = try client.ask(question("A.test"))
        #expect(Instant.now.since(before) >= 80, "four records of 20 ms each")
        #expect(message.records.map(\.data) == [.a(0x5db8_d701), .a(0x5db8_d702)])
        #expect(message.records.allSatisfy { $0.timeToLive == 20 })
        let granted = bench.granted.withLock { $0 }
        #expect(granted.map(\.rule) == [0, 1, 0, 1])
        #expect(granted.map(\.address) == [address(1), address(1), address(2), address(2)])
        #expect(granted.allSatisfy { $0.timeToLive == 21 })
    }

    @Test func aRefusedGrantIsNoAnswer() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "a.test\nb.test\n", upstreams: [upstream.endpoint]) {
            $0.rule == 0 ? 5 : 0
        }
        let client = try Client(of: bench.endpoint)
        let refused = try client.ask(question("a.test"))
        #expect(refused.header.flags.responseCode == .serverFailure)
        #expect(refused.options?.extendedError?.code == .prohibited)
        #expect(refused.records.isEmpty)
        #expect(try client.ask(question("b.test")).header.answerCount == 1, "the control")
        #expect(try bench.count(.grantsRefused) == 1)
    }

    @Test func aGrantThatIsNotAcknowledgedIsNoAnswer() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint]) { _ in nil }
        let client = try Client(of: bench.endpoint)
        let before = Instant.now
        let message = try client.ask(question("a.test"))
        #expect(message.header.flags.responseCode == .serverFailure)
        #expect(message.options?.extendedError?.code == .other)
        let waited = Instant.now.since(before)
        #expect(waited >= 1000 && waited < 1500)
        #expect(bench.granted.withLock { $0.count } == 2, "asked twice")
    }

    @Test func anAnswerFromTheCacheRenewsItsGrants() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0, timeToLive: 900)] }
        let isSilent = Mutex(false)
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint]) { _ in
            isSilent.withLock { $0 } ? nil : 0
        }
        let client = try Client(of: bench.endpoint)
        let times = { bench.granted.withLock { $0.map(\.timeToLive) } }
        _ = try client.ask(question("a.test"))
        for _ in 0..<5 { _ = try client.ask(question("a.test")) }
        #expect(times() == [901], "once a second is enough")
        usleep(1_100_000)
        isSilent.withLock { $0 = true }
        for _ in 0..<5 {
            #expect(try client.ask(question("a.test")).records[0].timeToLive == 899)
        }
        for _ in 0..<200 where times().count < 2 { usleep(10_000) }
        #expect(times().count == 2)
        #expect(899...901 ~= times().last ?? 0)
        #expect(upstream.asked.withLock { $0.count } == 1)
    }

    @Test func aGrantChannelThatIsFullWaits() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(
            allowing: "*.zone.test\n", upstreams: [upstream.endpoint], newNamesPerMinute: 1000)
        bench.holdGrants(true)
        let client = try Client(of: bench.endpoint)
        for identifier in 0..<400 as Range<UInt16> {
            try client.send(query(question("a\(identifier).zone.test"), identifier))
            if identifier % 16 == 15 { usleep(2000) }
        }
        usleep(100_000)
        bench.holdGrants(false)
        var good = 0
        for _ in 0..<400 where try ParsedMessage(try client.receive()).header.answerCount == 1 {
            good += 1
        }
        #expect(good == 400)
    }

    @Test func theEndOfTheGrantChannelIsTheEnd() throws {
        let upstream = try ScriptedUpstream { [ScriptedUpstream.answer($0)] }
        let bench = try Bench(allowing: "a.test\n", upstreams: [upstream.endpoint])
        #expect(try Client(of: bench.endpoint).ask(question("a.test")).header.answerCount == 1)
        bench.closeGrantChannel()
        #expect(bench.end)
    }
}
