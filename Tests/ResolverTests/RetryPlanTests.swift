import Linux
import Testing

@testable import Resolver

@Suite struct RetryPlanTests {
    @Test func asksOneAfterTheOtherAndEndsBeforeTheClientDoes() {
        var plan = RetryPlan(order: [0, 1], started: at(0))
        var step = plan.begin(at: at(0))
        var asked: [Int] = []
        var last = at(0)
        while case .ask(let upstream, .datagram, let deadline) = step, asked.count < 20 {
            asked.append(upstream)
            #expect(deadline > last)
            last = deadline
            step = plan.silence(at: deadline)
        }
        #expect(asked == [0, 1, 0, 1, 0])
        #expect(step == .giveUp)
        #expect(last == at(0) + RetryPlan.limit)
    }

    @Test func leavesOutWhoeverHasRefused() {
        var plan = RetryPlan(order: [2, 0], started: at(0))
        #expect(plan.begin(at: at(0)) == .ask(upstream: 2, .datagram, deadline: at(400)))
        #expect(
            plan.failure(of: 2, at: at(1)) == .ask(upstream: 0, .datagram, deadline: at(601)))
        #expect(plan.silence(at: at(601)) == .ask(upstream: 0, .datagram, deadline: at(1501)))
        #expect(plan.failure(of: 0, at: at(602)) == .giveUp)
    }

    @Test func asksAgainOverAStream() {
        var plan = RetryPlan(order: [0], started: at(0))
        _ = plan.begin(at: at(0))
        #expect(
            plan.again(0, by: .stream, at: at(5))
                == .ask(upstream: 0, .stream, deadline: at(2005)))
        for _ in 0..<3 { _ = plan.again(0, by: .stream, at: at(6)) }
        #expect(plan.again(0, by: .stream, at: at(7)) == .giveUp)
    }

    @Test func hasNobodyToAsk() {
        var plan = RetryPlan(order: [], started: at(0))
        #expect(plan.begin(at: at(0)) == .giveUp)
    }

    @Test func theDeadGoToTheBackForAWhile() {
        var health = UpstreamHealth(count: 3)
        health.failed(0, at: at(0))
        #expect(health.order(at: at(0)) == [0, 1, 2])
        health.failed(0, at: at(0))
        #expect(health.order(at: at(1)) == [1, 2, 0])
        #expect(health.order(at: at(10_000)) == [0, 1, 2])
        health.failed(0, at: at(10_000))
        health.answered(0)
        #expect(health.order(at: at(10_001)) == [0, 1, 2])
    }
}
