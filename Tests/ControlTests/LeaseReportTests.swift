import Foundation
import Linux
import Policy
import Testing

@testable import Control

@Suite struct LeaseReportTests {
    private static func at(_ seconds: Int64) -> BootInstant {
        BootInstant(nanoseconds: seconds * 1_000_000_000)
    }

    private static func facts(_ state: LeaseFacts.State) -> LeaseFacts {
        var facts = LeaseFacts()
        (facts.host, facts.port, facts.state) = ("licence.test", 8443, state)
        facts.terms = LeaseTerms(
            tier: .professional, sessionsUsed: 3, sessionLimit: 10, requestLimit: 1000)
        (facts.renewed, facts.expires) = (at(100), at(5000))
        if state == .lost { (facts.lostSince, facts.fault) = (at(400), .connection) }
        return facts
    }

    static let held = StatusReport.Lease(facts(.held), at: at(150))
    static let lost = StatusReport.Lease(facts(.lost), at: at(410))

    private static func report(_ lease: StatusReport.Lease?) -> StatusReport {
        let example = StatusReport.example()
        return StatusReport(
            version: example.version, boot: example.boot, layers: example.layers,
            resolver: example.resolver, egress: example.egress, session: example.session,
            credentials: example.credentials, lease: lease)
    }

    private static func text(_ lease: StatusReport.Lease?) -> String {
        StatusScreen(report(lease), columns: nil, rows: nil, now: 0).text(colour: false)
    }

    @Test func whatIsHeldHasANextQuestionAndNoGrace() {
        let lease = Self.held
        #expect(lease.state == .held && lease.server == "licence.test:8443")
        #expect(lease.granted == 50 && lease.next == 250 && lease.grace == nil)
        #expect(lease.expires == 4850 && lease.reason == nil)
        #expect(Self.report(lease).verdict == .locked)
        #expect(
            Self.text(lease).contains(
                "held, professional: 3 of 10 sessions, 1000 requests a minute"))
    }

    @Test func whatIsLostCountsDownAndIsDegraded() {
        let lease = Self.lost
        #expect(lease.grace == 3590 && lease.next == nil)
        let report = Self.report(lease)
        #expect(report.verdict == .degraded)
        #expect(
            report.reasons == [
                "licence: licence.test:8443 does not answer: it takes no connection: the session ends in 3590 s"
            ])
        #expect(Self.text(lease).contains("lost: the session ends in"))
    }

    @Test func whoNeedsNoneSaysNothing() {
        #expect(!Self.text(nil).contains("licence"))
        #expect(!Self.report(nil).metrics.contains("lease"))
    }

    @Test func theAgentKnowsItsLimits() {
        #expect(
            Self.held.variables == [
                "CODETAINER_TIER": "professional", "CODETAINER_SESSION_LIMIT": "10",
                "CODETAINER_REQUEST_LIMIT": "1000",
            ])
        var facts = Self.facts(.held)
        facts.terms = LeaseTerms(
            tier: .enterprise, sessionsUsed: 1, sessionLimit: nil, requestLimit: nil)
        #expect(
            StatusReport.Lease(facts, at: Self.at(0)).variables["CODETAINER_SESSION_LIMIT"]
                == "unlimited")
    }

    @Test func anAddressStandsInBrackets() {
        var facts = LeaseFacts()
        (facts.host, facts.isAddress) = ("2001:db8::1", true)
        #expect(facts.server == "[2001:db8::1]")
        facts.port = 8443
        #expect(facts.server == "[2001:db8::1]:8443")
    }
}
