import Control
import DNSWire
import Linux
import Policy
import Testing

@testable import Inspection
@testable import Resolver

/// Reports over what the resolver shares; the rest of them is of the machine that runs the test.
@Suite final class InspectorTests {
    private let statisticsFile: OwnedDescriptor
    private let policyFile: OwnedDescriptor
    private let statistics: ResolverStatistics

    init() throws {
        statisticsFile = try MemoryFile.empty("test", byteCount: ResolverStatistics.byteCount)
        statistics = try ResolverStatistics(mapping: statisticsFile.raw, writable: true)
        policyFile = try MemoryFile.sealed(
            "policy", holding: Array("!no.test # domains.conf:12\n".utf8))
    }

    private func report(isComplete: Bool) -> StatusReport {
        Inspector(
            facts: SupervisorFacts(), version: "0", statistics: statisticsFile.raw,
            policy: policyFile.raw
        ).report(isComplete: isComplete)
    }

    /// A screen has thirty of each; what an audit suggests is all there is.
    @Test func nothingIsLeftOutOfAWholeReport() throws {
        for index in 0..<100 {
            let now = Instant(nanoseconds: Int64(index + 1))
            statistics.deny(try Name(text: "n\(index).test"), 0, at: now)
            statistics.refuse(
                .v4(0x5DB8_D800 + UInt32(index)), protocolNumber: 6, port: 22, user: 1000, at: now)
        }
        let shown = report(isComplete: false)
        #expect(shown.egress.denied.count == 30 && shown.egress.moreDenied == 70)
        #expect(shown.egress.refused.count == 30 && shown.egress.moreRefused == 70)
        let whole = report(isComplete: true)
        #expect(whole.egress.denied.count == 100 && whole.egress.moreDenied == 0)
        #expect(whole.egress.refused.count == 100 && whole.egress.moreRefused == 0)
        #expect(whole.suggestedRules.count == 200)
        #expect(whole.egress.lostDenied == 0 && whole.egress.lostRefused == 0)
    }

    @Test func whatIsForgottenIsTold() throws {
        for index in 0..<2_060 {
            let now = Instant(nanoseconds: Int64(index + 1))
            statistics.deny(try Name(text: "n\(index).test"), 0, at: now)
            for number: UInt8 in [6, 17] {
                statistics.refuse(
                    .v4(UInt32(index)), protocolNumber: number, port: 22, user: nil, at: now)
            }
        }
        let report = report(isComplete: true)
        #expect(report.egress.denied.count == 1024 && report.egress.lostDenied == 1036)
        #expect(report.egress.refused.count == 2048 && report.egress.lostRefused == 2072)
    }

    @Test func aNameUnderAnExceptionSaysWhich() throws {
        let now = Instant(nanoseconds: 1)
        statistics.deny(try Name(text: "a.no.test"), 0, at: now)
        statistics.attribute(
            .v4(0x5DB8_D800), to: try Name(text: "no.test").octets, at: now, until: now)
        statistics.refuse(.v4(0x5DB8_D800), protocolNumber: 6, port: 22, user: 1000, at: now)
        let report = report(isComplete: false)
        #expect(report.egress.denied.map(\.exception) == ["!no.test, domains.conf:12"])
        #expect(report.egress.refused.map(\.exception) == ["!no.test, domains.conf:12"])
        #expect(report.suggestedRules.isEmpty)
    }
}
