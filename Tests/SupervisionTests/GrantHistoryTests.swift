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
        var history = GrantHistory()
        history.note((0..<1023).map { grant($0, "a.example") })
        #expect(!history.isFull)
        history.note([grant(1023, "a.example")])
        #expect(history.isFull)
        history.keep(Set((0..<600).map { grant($0, "").destination }))
        #expect(!history.isFull)
        #expect(history.expired(besides: []).count == 600)
        history.note((600..<1199).map { grant($0, "a.example") })
        #expect(!history.isFull)
        history.note([grant(1199, "a.example")])
        #expect(history.isFull)
    }
}
