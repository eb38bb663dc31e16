import Egress
import Policy
import Testing

@testable import Supervision

@Suite struct GrantHistoryTests {
    private func grant(_ number: Int, _ name: String) -> Grant {
        Grant(Destination(.v4(UInt32(number)), .tcp, 443), seconds: 300, name: name)
    }

    @Test func whatTheKernelLacksHasExpired() {
        var history = GrantHistory()
        history.note([grant(1, "a.example"), grant(2, "b.example"), grant(2, "c.example")])
        let live = LiveGrant(
            destination: grant(1, "").destination, seconds: 300, secondsLeft: 9, name: "")
        let expired = history.expired(besides: [live])
        #expect(expired.map(\.destination) == [grant(2, "").destination])
        #expect(expired.map(\.name) == ["c.example"])
    }

    @Test func whatNobodyNeedsIsForgotten() {
        let limit = GrantHistory.leastLimit
        let needed = limit / 2 + 100
        var history = GrantHistory()
        func note(_ numbers: Range<Int>) {
            history.note(numbers.map { grant($0, "a.example") })
        }
        // As a Boolean: a history that is not as expected is too long to be printed.
        func isFull() -> Bool { history.isFull }
        note(0..<limit - 1)
        #expect(!isFull())
        note(limit - 1..<limit)
        #expect(isFull())
        history.keep(Set((0..<needed).map { grant($0, "").destination }))
        #expect(!isFull())
        let remembered = history.expired(besides: []).count
        #expect(remembered == needed)
        note(needed..<2 * needed - 1)
        #expect(!isFull())
        note(2 * needed - 1..<2 * needed)
        #expect(isFull())
    }
}
