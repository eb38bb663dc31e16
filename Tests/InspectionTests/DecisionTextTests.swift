import Linux
import Policy
import Resolver
import Testing

@testable import Inspection

@Suite struct DecisionTextTests {
    private static let time = WallTime(seconds: 1_795_278_673, nanoseconds: 45_000_000)

    private static func decision(
        _ verdict: Decision.Verdict, _ change: (inout Decision) -> Void = { _ in }
    ) -> Decision {
        let moment = Instant(nanoseconds: 0)
        var decision = Decision(verdict, first: moment, last: moment)
        change(&decision)
        return decision
    }

    private static let denied = decision(.denied) {
        ($0.name, $0.reason, $0.count) = ("evil.test", .noRule, 3)
    }
    private static let allowed = decision(.allowed) {
        ($0.name, $0.address, $0.others, $0.rule) = ("a.test", .v4(0xcb00_7101), 2, "*.test:80")
    }
    private static let refused = decision(.refused) {
        ($0.address, $0.protocolNumber, $0.port, $0.user) = (.v4(0xc633_6407), 6, 22, 1000)
        $0.isPacket = true
    }
    private static let opened = decision(.allowed) {
        ($0.address, $0.protocolNumber, $0.port, $0.user) = (.v4(0xc633_6407), 6, 443, 1000)
        $0.isPacket = true
    }

    static let cases: [(Decision, String?, String, String)] = [
        (
            denied, nil, "denied  evil.test, no rule allows it, 3 times",
            #""verdict":"denied","name":"evil.test","count":3,"reason":"no-rule"}"#
        ),
        (
            allowed, nil, "allowed a.test 203.0.113.1 +2, rule *.test:80",
            #""verdict":"allowed","name":"a.test","address":"203.0.113.1","addresses":3,"count":1,"rule":"*.test:80"}"#
        ),
        (
            decision(.allowed) { ($0.name, $0.rule) = ("a.test", "a.test") }, nil,
            "allowed a.test, it has no address of that kind, rule a.test",
            #""verdict":"allowed","name":"a.test","addresses":0,"count":1,"rule":"a.test"}"#
        ),
        (
            refused, "b.test", "refused 198.51.100.7 tcp/22, an address of b.test, uid 1000",
            #""verdict":"refused","name":"b.test","address":"198.51.100.7","protocol":"tcp","port":22,"user":1000,"count":1}"#
        ),
        (
            opened, "b.test", "allowed 198.51.100.7 tcp/443, an address of b.test, uid 1000",
            #""verdict":"allowed","name":"b.test","address":"198.51.100.7","protocol":"tcp","port":443,"user":1000,"count":1}"#
        ),
        (
            decision(.refused) {
                ($0.address, $0.protocolNumber, $0.isAudit) = (.v6(0x2001_0db8 << 32, 1), 58, true)
                $0.isPacket = true
            }, nil, "refused 2001:db8::1 protocol-58, audit: it passed",
            #""verdict":"refused","address":"2001:db8::1","protocol":"protocol-58","count":1,"audit":true}"#
        ),
        (
            decision(.denied) {
                ($0.name, $0.reason, $0.address) = ("in.test", .notPublic, .v4(0x0a00_0001))
            }, nil, "denied  in.test 10.0.0.1, the address is not public",
            #""verdict":"denied","name":"in.test","address":"10.0.0.1","count":1,"reason":"not-public"}"#
        ),
        (
            decision(.denied) { ($0.name, $0.reason) = ("b.test", .budget) }, nil,
            "denied  b.test, too many new names under its wildcard",
            #""verdict":"denied","name":"b.test","count":1,"reason":"budget"}"#
        ),
        (
            decision(.denied) { ($0.name, $0.reason) = ("o.test", .notOpened) }, nil,
            "denied  o.test, PID 1 did not open its addresses",
            #""verdict":"denied","name":"o.test","count":1,"reason":"not-opened"}"#
        ),
        // Nothing that came from elsewhere commands a terminal, as text or as JSON.
        (
            decision(.allowed) { ($0.name, $0.rule) = ("x\u{9b}y\u{202e}", "r\u{7}\"") }, nil,
            "allowed x\\u{9b}y\\u{202e}, it has no address of that kind, rule r\\u{7}\"",
            #""verdict":"allowed","name":"x\u009by\u202e","addresses":0,"count":1,"rule":"r\u0007\""}"#
        ),
    ]

    @Test(arguments: cases) func aLine(
        decision: Decision, origin: String?, text: String, json: String
    ) {
        let time = "2026-11-21T16:31:13.045Z"
        #expect(
            decision.text(origin: origin, time: Self.time, colour: false) == "\(time) \(text)\n")
        #expect(
            decision.json(origin: origin, time: Self.time) == "{\"time\":\"\(time)\",\(json)\n")
    }

    @Test func colours() {
        let colours = [Self.allowed, Self.denied, Self.refused].map {
            String($0.text(origin: nil, time: Self.time, colour: true).dropFirst(25).prefix(16))
        }
        #expect(
            colours == [
                "\u{1b}[32mallowed\u{1b}[0m", "\u{1b}[31mdenied \u{1b}[0m",
                "\u{1b}[31mrefused\u{1b}[0m",
            ])
    }

    @Test func whatWasLostIsSaid() {
        #expect(
            Decision.text(lost: 7, time: Self.time, json: true)
                == "{\"time\":\"2026-11-21T16:31:13.045Z\",\"lost\":7}\n")
        #expect(
            Decision.text(lost: 7, time: Self.time, json: false)
                == "2026-11-21T16:31:13.045Z lost    7 decisions: they came faster than they were read\n"
        )
    }

    @Test(arguments: [
        (denied, false), (allowed, false), (refused, false),
        (decision(.denied) { $0.name = "x.denied.invalid" }, true),
        (decision(.refused) { $0.address = .v4(0xc633_6401) }, true),
        (decision(.refused) { ($0.address, $0.port) = (.v4(1), 1) }, true),
        (decision(.refused) { $0.address = .v6(0x2001_0db8 << 32, 1) }, true),
        (decision(.refused) { $0.address = .v6(0x2001_0db8 << 32, 2) }, false),
    ])
    func probesAreKnown(decision: Decision, isProbe: Bool) { #expect(decision.isProbe == isProbe) }

    @Test(
        arguments: [
            (0, 45_000_000, 1_795_278_673), (45, 0, 1_795_278_673),
            (46, 999_000_000, 1_795_278_672),
            (60_000, 45_000_000, 1_795_278_613),
        ] as [(Int, Int64, Int64)])
    func momentsBack(milliseconds: Int, nanoseconds: Int64, seconds: Int64) {
        let moment = Self.time.moved(back: Milliseconds(milliseconds))
        #expect(moment == WallTime(seconds: seconds, nanoseconds: nanoseconds))
    }
}
