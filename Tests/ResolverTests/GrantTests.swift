import Linux
import Policy
import Testing

@testable import Resolver

@Suite struct GrantRecordTests {
    static let records = [
        GrantRecord(sequence: 1, rule: 2, timeToLive: 300, address: .v4(0xc000_0201)),
        GrantRecord(
            sequence: .max, rule: 0x0102_0304, timeToLive: 86_400,
            address: .v6(0x2001_0db8_0000_0000, 1)),
    ]

    @Test func writesTheDocumentedOctets() {
        let message = GrantRecord.encode(Self.records)
        #expect(message.count == 64)
        #expect(
            message[..<32] == [
                1, 0, 0, 0, 2, 0, 0, 0, 0x2c, 1, 0, 0, 4, 0, 0, 0,
                192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ])
        #expect(
            message[32...] == [
                255, 255, 255, 255, 4, 3, 2, 1, 0x80, 0x51, 1, 0, 6, 0, 0, 0,
                0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
            ])
    }

    @Test func readsWhatItWrites() throws {
        #expect(try GrantRecord.decode(GrantRecord.encode(Self.records).span) == Self.records)
        let most = Array(repeating: Self.records[0], count: 64)
        #expect(try GrantRecord.decode(GrantRecord.encode(most).span).count == 64)
        let acknowledgements = [
            GrantAcknowledgement(sequence: 1, status: 0),
            GrantAcknowledgement(sequence: 2, status: 7),
        ]
        let message = GrantAcknowledgement.encode(acknowledgements)
        #expect(message == [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0])
        #expect(try GrantAcknowledgement.decode(message.span) == acknowledgements)
    }

    @Test(arguments: [
        (12, 5, GrantMessageError.family), (12, 0, .family), (13, 1, .reserved),
        (15, 1, .reserved), (20, 1, .reserved), (31, 1, .reserved),
    ])
    func refusesOctets(_ place: Int, _ value: UInt8, _ error: GrantMessageError) {
        var message = GrantRecord.encode([Self.records[0]])
        message[place] = value
        #expect(throws: error) { try GrantRecord.decode(message.span) }
    }

    @Test func refusesLengths() {
        for count in [0, 1, 31, 33, 63, 65 * 32] {
            let message = [UInt8](repeating: 0, count: count)
            #expect(throws: GrantMessageError.length) { try GrantRecord.decode(message.span) }
        }
        for count in [0, 7, 9, 65 * 8] {
            let message = [UInt8](repeating: 0, count: count)
            #expect(throws: GrantMessageError.length) {
                try GrantAcknowledgement.decode(message.span)
            }
        }
    }

    @Test func randomOctetsNeverTrap() {
        var random = SeededRandom(state: 3)
        for _ in 0..<20_000 {
            let count = 32 * Int.random(in: 0..<4, using: &random)
            let message = (0..<count).map { place -> UInt8 in
                place % 32 == 12
                    ? [4, 6].randomElement(using: &random)!
                    : UInt8.random(in: 0...255, using: &random)
            }
            _ = try? GrantRecord.decode(message.span)
            _ = try? GrantAcknowledgement.decode(message.span)
        }
    }
}

@Suite struct GrantLedgerTests {
    /// Each address under each rule.
    func all(_ addresses: [Address], rules: [RuleIndex]) -> [Opening] {
        rules.flatMap { rule in addresses.map { Opening(rule: rule, address: $0) } }
    }

    func acknowledge(
        _ ledger: inout GrantLedger<String>, _ sequence: UInt32, status: UInt32 = 0
    ) -> String? {
        ledger.acknowledge(GrantAcknowledgement(sequence: sequence, status: status))
            .map { "\($0.waiting) \($0.outcome)" }
    }

    @Test func anAnswerWaitsForAllItsRecords() {
        var ledger = GrantLedger<String>(sequence: .max)
        #expect(
            ledger.ask(
                for: "a", all([address(1), address(2)], rules: [5, 6]), timeToLive: 60, at: at(0))
                == true)
        let sent = Array(ledger.nextMessage)
        #expect(sent.map(\.sequence) == [.max, 0, 1, 2])
        #expect(sent.map(\.rule) == [5, 5, 6, 6])
        ledger.sent(4)
        #expect(!ledger.hasUnsent)
        for sequence in [2, .max, .max, 99, 0] as [UInt32] {
            #expect(acknowledge(&ledger, sequence) == nil)
        }
        #expect(acknowledge(&ledger, 1) == "a committed")
        #expect(ledger.isEmpty)
        #expect(ledger.recordCount == 0)
    }

    @Test func oneRefusalRefusesTheAnswer() {
        var ledger = GrantLedger<String>(sequence: 0)
        _ = ledger.ask(
            for: "a", all([address(1), address(2)], rules: [0]), timeToLive: 60, at: at(0))
        _ = ledger.ask(for: "b", all([address(1)], rules: [0]), timeToLive: 60, at: at(0))
        #expect(acknowledge(&ledger, 1, status: 1) == "a refused")
        #expect(acknowledge(&ledger, 0) == nil)
        #expect(Array(ledger.nextMessage).map(\.sequence) == [2], "what is decided is not sent")
        #expect(acknowledge(&ledger, 2) == "b committed")
    }

    @Test func asksTwiceAndThenGivesUp() {
        var ledger = GrantLedger<String>(sequence: 0)
        _ = ledger.ask(
            for: "a", all([address(1), address(2)], rules: [0]), timeToLive: 60, at: at(0))
        ledger.sent(2)
        _ = acknowledge(&ledger, 0)
        #expect(ledger.deadline == at(300))
        #expect(ledger.overdue(at: at(299)) == [])
        #expect(!ledger.hasUnsent)
        #expect(ledger.overdue(at: at(300)) == [])
        #expect(Array(ledger.nextMessage).map(\.sequence) == [1])
        ledger.sent(1)
        #expect(ledger.deadline == at(1000))
        #expect(ledger.overdue(at: at(1000)) == ["a"])
        #expect(acknowledge(&ledger, 1) == nil)
        #expect(ledger.deadline == nil)
    }

    @Test func isBounded() {
        var ledger = GrantLedger<String>(sequence: 0)
        var asked = 0
        while ledger.ask(
            for: "a", all((0..<64).map { address($0) }, rules: [0]), timeToLive: 1, at: at(0))
        {
            asked += 1
        }
        #expect(asked * 64 == GrantLedger<String>.mostRecords)
        #expect(ledger.nextMessage.count == GrantRecord.mostPerMessage)
        #expect(ledger.ask(for: "a", all([], rules: [0]), timeToLive: 1, at: at(0)) == false)
    }

    /// Nobody waits for it, and it makes nobody wait.
    @Test func aRenewalIsAskedForAndNotWaitedFor() {
        var ledger = GrantLedger<String>(sequence: .max)
        ledger.renew(
            all([address(2), address(3)], rules: [4]), elements: 2, timeToLive: 70, at: at(0))
        _ = ledger.ask(for: "b", all([address(4)], rules: [0]), timeToLive: 60, at: at(0))
        ledger.renew(all([address(5)], rules: [0]), elements: 1, timeToLive: 70, at: at(0))
        #expect(Array(ledger.nextMessage).map(\.sequence) == [.max, 0, 1])
        #expect(ledger.nextMessage[1].rule == 4)
        #expect(ledger.nextMessage[1].timeToLive == 70)
        ledger.sent(3)
        for sequence in [.max, 0] as [UInt32] {
            #expect(acknowledge(&ledger, sequence) == nil)
            #expect(acknowledge(&ledger, sequence, status: 1) == nil)
        }
        #expect(ledger.overdue(at: at(400)) == [])
        #expect(Array(ledger.nextMessage).map(\.sequence) == [1])
        #expect(acknowledge(&ledger, 1) == "b committed")
        #expect(ledger.isEmpty)
    }

    @Test func renewalsAreBounded() {
        var ledger = GrantLedger<String>(sequence: 0)
        func renew(at now: Int) -> Int {
            for _ in 0..<100 {
                ledger.renew(
                    all((0..<32).map { address($0) }, rules: [0]), elements: 32,
                    timeToLive: 60, at: at(now))
            }
            let count = ledger.nextMessage.count
            ledger.sent(count)
            return count
        }
        #expect(renew(at: 0) == 64, "no more than leave at once")
        var more = 0
        for _ in 0..<100 { more += renew(at: 999) }
        #expect(64 + more == GrantLedger<String>.mostRenewals)
        #expect(renew(at: 1000) == 64)
        // One that takes too many elements waits for its grants once half of them is over.
        ledger.renew(all([address(1)], rules: [0]), elements: 1025, timeToLive: 60, at: at(3000))
        #expect(!ledger.hasUnsent)
    }
}
