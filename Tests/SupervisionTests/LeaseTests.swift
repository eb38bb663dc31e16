import Control
import Egress
import Foundation
import Linux
import Policy
import Testing

@testable import Supervision

@Suite struct LeaseTests {
    private static func at(_ seconds: Int) -> BootInstant {
        BootInstant(nanoseconds: Int64(seconds) * 1_000_000_000)
    }

    private static let terms = LeaseTerms(
        tier: .professional, sessionsUsed: 1, sessionLimit: 10, requestLimit: 1000)

    /// Heartbeats of 300 s, a grace of 600 s; asked at 0.
    private static var asked: Lease {
        var facts = LeaseFacts()
        (facts.host, facts.keyName, facts.serverName) = ("licence.test", "KEY", "SERVER")
        (facts.heartbeat, facts.grace) = (300, 600)
        var lease = Lease(facts: facts)
        lease.asked(at: at(0))
        return lease
    }

    private static func held(until seconds: UInt32? = nil) -> Lease {
        var lease = asked
        var terms = terms
        terms.secondsLeft = seconds
        #expect(lease.handle(.heard(.granted(terms)), at: at(0)) == [])
        return lease
    }

    private static func ends(_ actions: [Lease.Action], _ part: String) -> Bool {
        if case .end(let reason)? = actions.last { reason.contains(part) } else { false }
    }

    @Test func nothingIsDueBeforeItIsAsked() {
        var lease = Lease(facts: LeaseFacts())
        #expect(lease.deadline == nil)
        #expect(lease.handle(.heard(.granted(Self.terms)), at: Self.at(1)) == [])
        #expect(lease.facts.terms == nil)
    }

    @Test func bootEndsWithEachRefusalAndEachFault() {
        let sentences: [(LeaseRefusal, String)] = [
            (.invalid, "does not know the key"), (.malformed, "cannot read the key"),
            (.expired, "has expired"), (.revoked, "was revoked"), (.full, "2 of 2"),
        ]
        for (refusal, part) in sentences {
            var lease = Self.asked
            let actions = lease.handle(
                .heard(.refused(refusal, sessionsUsed: 2, sessionLimit: 2)), at: Self.at(1))
            #expect(Self.ends(actions, part), "\(refusal)")
            #expect(lease.facts.state == .over)
        }
        for fault in LeaseFault.allCases {
            var lease = Self.asked
            let actions = lease.handle(.heard(.unanswered(fault)), at: Self.at(1))
            #expect(Self.ends(actions, fault.sentence), "\(fault)")
        }
    }

    @Test func aServiceThatSaysNothingAtBootEndsIt() {
        var lease = Self.asked
        #expect(lease.deadline == Self.at(45))
        #expect(lease.handle(.tick, at: Self.at(44)) == [])
        #expect(Self.ends(lease.handle(.tick, at: Self.at(45)), "says nothing"))
    }

    @Test func graceIsCountedFromTheFirstFailureAndNotProlonged() {
        var lease = Self.held()
        let lost = lease.handle(.heard(.unanswered(.connection)), at: Self.at(300))
        #expect(lost.count == 1)
        for second in stride(from: 310, to: 900, by: 60) {
            #expect(lease.handle(.heard(.unanswered(.timeOut)), at: Self.at(second)) == [])
        }
        #expect(lease.deadline == Self.at(900))
        #expect(Self.ends(lease.handle(.tick, at: Self.at(900)), "has not answered for 600 s"))
    }

    @Test func aServerThatAnswersAgainEndsTheGrace() {
        var lease = Self.held()
        _ = lease.handle(.heard(.unanswered(.name)), at: Self.at(300))
        #expect(lease.facts.state == .lost)
        _ = lease.handle(.heard(.unanswered(.name)), at: Self.at(600))
        let actions = lease.handle(.heard(.granted(Self.terms)), at: Self.at(899))
        #expect(actions == [.note("licence: licence.test answers again")])
        #expect(lease.facts.state == .held && lease.facts.fault == nil)
        #expect(lease.deadline == Self.at(899 + 315))
    }

    /// What comes in the moment after its time was over comes too late.
    @Test func noRecordBringsBackWhatTimeHasEnded() {
        var lease = Self.held()
        _ = lease.handle(.heard(.unanswered(.name)), at: Self.at(300))
        #expect(
            Self.ends(
                lease.handle(.heard(.granted(Self.terms)), at: Self.at(900)), "has not answered"))
        #expect(lease.handle(.heard(.granted(Self.terms)), at: Self.at(901)) == [])
        #expect(lease.facts.state == .over)
    }

    @Test func aSilentServiceIsReplacedAndTheGraceBeginsWhenItWasDue() {
        var lease = Self.held()
        #expect(lease.deadline == Self.at(315))
        // PID 1 comes late itself.
        let actions = lease.handle(.tick, at: Self.at(400))
        #expect(actions.last == .replaceService)
        #expect(lease.facts.lostSince == Self.at(315))
        // Once more, and then it is over, whoever is replaced.
        #expect(lease.deadline == Self.at(715))
        #expect(lease.handle(.tick, at: Self.at(715)) == [.replaceService])
        #expect(lease.deadline == Self.at(915))
        #expect(Self.ends(lease.handle(.tick, at: Self.at(915)), "has not answered"))
    }

    @Test func anAnswerAtAHeartbeatMayEndIt() {
        var lease = Self.held()
        #expect(
            Self.ends(
                lease.handle(
                    .heard(.refused(.revoked, sessionsUsed: 0, sessionLimit: 0)), at: Self.at(300)),
                "was revoked"))
        #expect(lease.deadline == nil)
    }

    /// Neither the grace nor a server that cannot be reached keeps a licence alive past its end.
    @Test func aLicenceEndsWhenItSaid() {
        var lease = Self.held(until: 350)
        _ = lease.handle(.heard(.unanswered(.name)), at: Self.at(300))
        #expect(lease.deadline == Self.at(350))
        #expect(Self.ends(lease.handle(.tick, at: Self.at(350)), "has expired"))
    }

    @Test func anotherTierIsTold() {
        var lease = Self.held()
        var terms = Self.terms
        terms.tier = .starter
        let actions = lease.handle(.heard(.granted(terms)), at: Self.at(300))
        #expect(actions.count == 1)
        #expect(lease.facts.terms?.tier == .starter)
    }

    @Test func factsPassFromOneProgramToTheNext() throws {
        var lease = Self.held(until: 5000)
        _ = lease.handle(.heard(.unanswered(.certificate)), at: Self.at(300))
        var writer = RecordWriter()
        lease.facts.write(to: &writer)
        var reader = RecordReader(writer.octets)
        #expect(try LeaseFacts(from: &reader) == lease.facts)
        try reader.end()
    }

    // MARK: The rule and its addresses

    @Test func theServersRuleIsTheServicesAlone() throws {
        let policy = LivePolicy(base: "allowed.test\n", leased: "licence.test:8443")
        let list = try policy.allowlist()
        let (rule, isShared) = try #require(list.leasedRule(policy.leased))
        #expect(rule == 1 && !isShared)
        let neighbour = GrantRecord(
            sequence: 1, rule: rule, timeToLive: 300, address: .v4(0x0a00_0001))
        let grants = try #require(GrantKeeper.grants(for: neighbour, in: list, isLeased: true))
        #expect(grants.map(\.isLeased) == [true])
        #expect(GrantKeeper.grants(for: neighbour, in: list) == nil)
        // This machine's own, and what tells credentials, it may not be.
        for address: Address in [.v4(0x7f00_0001), .v4(0xa9fe_a9fe), .v6(0, 1)] {
            let record = GrantRecord(sequence: 1, rule: rule, timeToLive: 300, address: address)
            #expect(GrantKeeper.grants(for: record, in: list, isLeased: true) == nil)
        }
    }

    @Test func whatTheOperatorNamesIsTheAgentsAsWell() throws {
        let policy = LivePolicy(base: "a.test\nlicence.test\n", leased: "licence.test:443")
        let (rule, isShared) = try #require(try policy.allowlist().leasedRule(policy.leased))
        #expect(rule == 1 && isShared)
        #expect(try LivePolicy(base: "a.test\n").allowlist().leasedRule(nil) == nil)
    }

    @Test func theRuleOutlivesAReload() throws {
        let policy = try LivePolicy(base: "a.test\n", leased: "licence.test:443")
            .replacing(base: "b.test\nc.test\n").allowing("d.test", until: nil)
        #expect(try policy.allowlist().leasedRule(policy.leased)?.index == 3)
        var writer = RecordWriter()
        policy.write(to: &writer)
        var reader = RecordReader(writer.octets)
        #expect(try LivePolicy(from: &reader) == policy)
    }

    @Test func servicesThatComeLaterKeepTheirOrder() {
        func service(_ name: String, after: [Int] = []) -> ServiceSpecification {
            ServiceSpecification(name: name, command: ["c"], cage: [], after: after)
        }
        let start = Instant(nanoseconds: 0)
        var group = ServiceGroup([service("licence")], at: start)
        let places = group.add([service("a"), service("b", after: [0])], at: start)
        #expect(places == 1..<3)
        #expect(group.services[2].specification.after == [1])
    }
}
