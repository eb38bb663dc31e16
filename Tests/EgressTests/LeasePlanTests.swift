import Foundation
import Policy
import Testing

@testable import Egress

/// The rules of a licensed image: one server, for one uid.
struct LeasePlanTests {
    private static func text(_ server: Destination?) -> [String] {
        var plan = PlanTests.plan
        plan.lease = EgressPlan.Lease(user: 64056, server: server)
        let without = Set(PlanTests.text(PlanTests.plan).split(separator: "\n"))
        return PlanTests.text(plan).split(separator: "\n").filter { !without.contains($0) }
            .map { String($0.trimmingPrefix { $0 == " " }) }
    }

    @Test func aNamesAddressesAreTheServicesAlone() {
        #expect(
            Self.text(nil).filter {
                $0.hasSuffix("\"") && ($0.contains("licence") || $0.contains("lease "))
            } == [
                "meta skuid 64056 goto lease comment \"the lease service asks its server only\"",
                "ip daddr . meta l4proto . th dport @leased4 accept comment \"resolved from the licence server's name\"",
                "ip6 daddr . meta l4proto . th dport @leased6 accept comment \"resolved from the licence server's name\"",
                "goto refuse comment \"not the licence server\"",
            ])
    }

    @Test func anAddressIsInARule() {
        let server = Destination(.v4(0x0a01_0203), .tcp, 8443)
        #expect(
            Self.text(server).contains(
                "ip daddr 10.1.2.3 tcp dport 8443 accept comment \"the licence server\""))
    }

    /// Before the loopback, where the agent may listen, and before what the agent may reach.
    @Test func theServiceHasNoOtherWay() {
        var plan = PlanTests.plan
        plan.lease = EgressPlan.Lease(user: 64056, server: nil)
        let output = PlanTests.text(plan, ["output"]).split(separator: "\n").map(String.init)
        let guardian = output.firstIndex { $0.contains("skuid 64056") }!
        let inside = output.firstIndex { $0.hasSuffix("\"stays inside\"") }!
        #expect(guardian < inside)
    }
}
