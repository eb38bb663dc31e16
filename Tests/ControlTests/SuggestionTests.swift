import Foundation
import Testing

@testable import Control

/// What a person is told to paste: the agent chose the names.
@Suite struct SuggestionTests {
    @Test(arguments: [
        ("api.example.com", "api.example.com" as String?),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("*.githubusercontent.com", nil), (".example.com", nil), ("10.0.0.0/8:80", nil),
        ("169.254.169.254:80", nil), ("169.254.169.254", nil), ("!api.github.com", nil),
        ("api.github.com#", nil), ("api.example.com:22", nil), ("api.example.com.", nil),
        ("a b.example.com", nil), ("", nil),
    ])
    func aNameOpensItselfOrNothing(name: String, rule: String?) {
        #expect(StatusReport.DeniedName(name: name, count: 1, time: 0).rule == rule)
    }

    @Test(
        arguments: [
            ("git.example.com", 22, "git.example.com:22"),
            ("git.example.com", 443, "git.example.com"),
            ("*.example.com", 443, nil), ("10.0.0.0/8", 443, nil), (nil, 443, "192.0.2.7:443"),
        ] as [(String?, UInt16, String?)])
    func soDoesTheNameOfAConnection(name: String?, port: UInt16, rule: String?) {
        let refused = StatusReport.RefusedConnection(
            name: name, address: "192.0.2.7", protocol: "tcp", port: port, user: 1000, count: 1,
            time: 0)
        #expect(refused.rule == rule)
    }

    /// Its answers would be filtered without the word.
    @Test(
        arguments: [
            ("10.0.0.7", 443, "peer private"), ("10.0.0.7", 22, "peer:22 private"),
            ("fd00::7", 443, "peer private"), ("93.184.216.34", 443, "peer"),
            ("100.64.0.7", 443, "peer"), ("169.254.169.254", 443, "peer"),
        ] as [(String, UInt16, String)])
    func aNameWithAPrivateAddressNeedsTheWord(address: String, port: UInt16, rule: String) {
        let refused = StatusReport.RefusedConnection(
            name: "peer", address: address, protocol: "tcp", port: port, user: 1000, count: 1,
            time: 0)
        #expect(refused.rule == rule)
    }

    @Test func soDoesOneThatWasNotConnectedTo() {
        for (isPrivate, rule) in [(true, "peer private"), (false, "peer")] {
            let denied = StatusReport.DeniedName(
                name: "peer", count: 1, time: 0, isPrivate: isPrivate)
            #expect(denied.rule == rule)
        }
    }

    @Test func anExceptionIsNamedInstead() {
        let exception = "!no.up.test, domains.conf:12"
        let egress = StatusReport.Egress(
            rules: 0, refusedPackets: 2, refusedGrants: 0, evictedGrants: 0, grants: [],
            refused: [
                .init(
                    name: "no.up.test", address: "93.184.216.34", protocol: "tcp", port: 22,
                    user: 1000, count: 1, time: 0, exception: exception)
            ], denied: [.init(name: "no.up.test", count: 1, time: 0, exception: exception)])
        let report = StatusReport.example(egress: egress)
        #expect(report.suggestedRules.isEmpty)
        let text = StatusScreen(report, columns: nil, rows: nil, now: 0).text(colour: false)
        #expect(
            text.contains(
                "  denied   1 time     no.up.test (!no.up.test, domains.conf:12 forbids it)\n"))
        #expect(
            text.contains("93.184.216.34 tcp/22 (!no.up.test, domains.conf:12 forbids it)\n"))
        #expect(!text.contains("allow with"))
    }

    /// The packet filter keeps it to our resolver; its neighbour is an address as any other.
    @Test(arguments: [("127.0.0.11", false), ("127.0.0.12", true)])
    func noLineOpensDockersResolver(address: String, isOpenable: Bool) {
        let refused = ["tcp", "udp"].map {
            StatusReport.RefusedConnection(
                address: address, protocol: $0, port: 38_749, user: 1000, count: 1, time: 0)
        }
        #expect(refused.map { $0.rule != nil } == [isOpenable, isOpenable])
        let egress = StatusReport.Egress(
            rules: 0, refusedPackets: 2, refusedGrants: 0, evictedGrants: 0, grants: [],
            refused: refused, denied: [])
        #expect(StatusReport.example(egress: egress).suggestedRules.isEmpty != isOpenable)
    }
}
