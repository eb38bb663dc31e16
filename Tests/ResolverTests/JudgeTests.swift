import DNSWire
import Policy
import Testing

@testable import Resolver

@Suite struct JudgeTests {
    let judge = Judge(
        allowlist: allowlist("exact.test\n*.wild.test\n.both.test\n10.0.0.0/8:443\n"),
        relaysAAAA: false)

    func verdict(_ name: String, _ type: RecordType = .a) -> String {
        switch judge.judge(question(name, type)) {
        case .localhost: "localhost"
        case .denied(.noError): "empty"
        case .denied: "denied"
        case .notRelayed: "not relayed"
        case .resolve: "resolve"
        case .audited: "audited"
        }
    }

    @Test(arguments: [
        ("exact.test", "resolve"), ("EXACT.test", "resolve"), ("sub.exact.test", "denied"),
        ("wild.test", "empty"), ("test", "empty"), ("ild.test", "denied"),
        ("a.wild.test", "resolve"), ("a.b.wild.test", "resolve"),
        ("both.test", "resolve"), ("a.both.test", "resolve"), ("xboth.test", "denied"),
        ("localhost", "localhost"), ("a.localhost", "localhost"), ("xlocalhost", "denied"),
        ("localhost.test", "denied"), (".", "empty"), ("a b.wild.test", "denied"),
    ])
    func judgesNames(_ name: String, _ expected: String) {
        #expect(verdict(name) == expected)
    }

    @Test(
        arguments: [
            (1, "resolve"), (5, "resolve"), (28, "not relayed"), (16, "not relayed"),
            (10, "not relayed"), (15, "not relayed"), (33, "not relayed"), (64, "not relayed"),
            (65, "not relayed"), (255, "not relayed"), (252, "not relayed"), (41, "not relayed"),
        ] as [(UInt16, String)])
    func judgesTypes(_ type: UInt16, _ expected: String) {
        #expect(verdict("exact.test", RecordType(rawValue: type)) == expected)
        #expect(verdict("other.test", RecordType(rawValue: type)) == "denied")
        #expect(verdict("wild.test", RecordType(rawValue: type)) == "empty")
    }

    @Test(arguments: [
        ("no.up.test", "!no.up.test forbids it"), ("a.b.no.up.test", "!no.up.test forbids it"),
        ("sono.up.test.evil", "sono.up.test.evil"), ("other.test", "other.test"),
        ("test", "test"), (".", "not a host name: no line can allow it"),
        ("a b.test", "not a host name: no line can allow it"),
    ])
    func saysWhatWouldHelp(_ denied: String, _ advice: String) {
        let judge = Judge(
            allowlist: allowlist("no.up.test:80\n!no.up.test\n.up.test\n!x.no.up.test\n"),
            relaysAAAA: false)
        #expect(judge.advice(on: name(denied)) == advice)
    }

    @Test func aNameWithoutItsDotIsNotLocalhost() throws {
        // One label whose last ten octets look like the name: "\011localhost" inside it.
        let inside = try Name(wire: ([11, 0x61, 9] + Array("localhost".utf8) + [0]).span)
        guard case .denied = judge.judge(Question(inside, .a)) else {
            Issue.record("taken for localhost")
            return
        }
    }

    @Test func permitsPublicAddressesAndThoseThePolicyNames() {
        #expect(judge.permits(.v4(0x0a01_0203), under: [0]))
        #expect(!judge.permits(.v4(0xc0a8_0001), under: [0]))
        #expect(judge.permits(.v4(0x0101_0101), under: [0]))
    }

    @Test func permitsPrivateAddressesOfNamesThatThePolicyHasAsPrivate() {
        let judge = Judge(
            allowlist: allowlist("peer:443\npeer:8443 private\nother\n"), relaysAAAA: false)
        let inside = Address.v4(0xc0a8_0001)
        let metadata = Address.v4(0xa9fe_a9fe)
        #expect(judge.permits(inside, under: [0, 1]))
        #expect(!judge.permits(inside, under: [2]))
        #expect(!judge.permits(metadata, under: [0, 1]))
        // PID 1 would refuse the other rule, and with it the whole answer.
        #expect(judge.openings([0, 1], of: [inside]).map(\.rule) == [1])
        #expect(judge.openings([0, 1], of: [.v4(0x0101_0101)]).map(\.rule) == [0, 1])
        // A private address takes no public one's rule away.
        #expect(judge.openings([0, 1], of: [inside, .v4(0x0101_0101)]).map(\.rule) == [1, 0, 1])
    }

    @Test func chargesNamesThatOnlyWildcardsAllow() {
        let list = allowlist("*.wild.test\na.wild.test\n")
        let judge = Judge(allowlist: list, relaysAAAA: false)
        #expect(judge.chargedRule(of: list.matches(wireName: wire("b.wild.test").span)) == 0)
        #expect(judge.chargedRule(of: list.matches(wireName: wire("a.wild.test").span)) == nil)
    }
}
