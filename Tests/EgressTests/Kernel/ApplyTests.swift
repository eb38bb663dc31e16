import Foundation
import Policy
import Testing

@testable import Egress

@Suite(.serialized)
struct ApplyTests {
    @Test func appliedRulesetListsAsItsText() throws {
        let ruleset = EgressPlan.example.ruleset
        let applied = try inNetworkNamespace {
            var socket = try NetfilterSocket()
            try socket.replace(with: ruleset)
            try socket.replace(with: ruleset)
            return try shell("nft list ruleset")
        }
        let loaded = try inNetworkNamespace {
            try shell("nft -f -", input: ruleset.description)
            return try shell("nft list ruleset")
        }
        let lines = [applied, loaded].map { $0.split(separator: "\n") }
        for (one, other) in zip(lines[0], lines[1]) { #expect(one == other) }
        #expect(lines[0].count == lines[1].count)
        #expect(applied.contains("dnat ip to 127.0.0.53:53"))
    }
}

extension EgressPlan {
    static let example = EgressPlan(
        resolver: 200, upstreams: [.v4(0x0808_0808), EgressPlan.dockerResolver, .v6(1 << 61, 1)],
        published: [
            PublishedPort(.tcp, PortRange(8080)!),
            PublishedPort(.udp, PortRange(first: 5000, last: 5010)!),
        ],
        statics: [
            DestinationRange(.v4(0x0A01_0203)...(.v4(0x0A01_0203)), .tcp, 5432...5432),
            DestinationRange(.v4(0xCB00_7100)...(.v4(0xCB00_71FF)), .tcp, 443...443),
            DestinationRange(.v4(0xCB00_7180)...(.v4(0xCB00_71FF)), .tcp, 440...450),
            DestinationRange(.v6(0x2001_0DB8 << 32, 0)...(.v6(0x2001_0DB8 << 32, 9)), .udp, 1...9),
        ])
}
