import DNSWire
import Linux
import Testing

@testable import Resolver

@Suite struct LookupTableTests {
    let peer: Peer

    init() throws { peer = try DatagramReceiver(longest: 1).source(0) }

    func waiter(_ identifier: UInt16, on socket: Int = 0) -> Waiter {
        let asker = Asker(
            identifier: identifier, flags: [], letterCase: LetterCase(), payloadSize: nil)
        return Waiter(origin: .datagram(socket: socket, peer), asker: asker)
    }

    func lookup(_ text: String, _ hash: UInt64) -> Lookup {
        let plan = RetryPlan(order: [], started: at(0))
        return Lookup(question(text), hash, rules: [], plan: plan, at: at(0))
    }

    func admit(
        _ waiter: Waiter, to lookup: Lookup, in table: inout LookupTable, expected: Bool = true
    ) {
        let isAdmitted = table.admit(waiter, to: lookup)
        #expect(isAdmitted == expected)
    }

    @Test func boundsWhoWaitsOverAllQuestions() {
        var table = LookupTable()
        let (crowded, other) = (lookup("a.test", 1), lookup("b.test", 2))
        for lookup in [crowded, other] { table.insert(lookup) }
        let identifiers = 0..<UInt16(LookupTable.mostWaiters)
        let isRoom = identifiers.allSatisfy { table.admit(waiter($0), to: crowded) }
        #expect(isRoom)
        admit(waiter(9999), to: crowded, in: &table, expected: false)
        // The first of its question.
        admit(waiter(0), to: other, in: &table)
        admit(waiter(1), to: other, in: &table, expected: false)
        let left = table.remove(crowded)
        #expect(left.count == LookupTable.mostWaiters)
        // There is room again.
        admit(waiter(1), to: other, in: &table)
        let others = table.remove(other)
        #expect(others.map(\.asker.identifier) == [0, 1])
        #expect(MemoryLayout<Waiter>.stride * LookupTable.mostWaiters < 512 << 10)
    }

    @Test func whoAsksAgainWaitsOnce() {
        var table = LookupTable()
        let lookup = lookup("a.test", 1)
        table.insert(lookup)
        for _ in 0..<2 {
            for identifier in 1...3 as ClosedRange<UInt16> {
                admit(waiter(identifier), to: lookup, in: &table)
            }
            admit(waiter(1, on: 1), to: lookup, in: &table)
        }
        let waiters = table.remove(lookup)
        #expect(waiters.map(\.asker.identifier) == [1, 2, 3, 1])
    }
}
