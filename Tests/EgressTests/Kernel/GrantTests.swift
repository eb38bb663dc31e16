import Policy
import Testing

@testable import Egress

@Suite(.serialized)
struct GrantTests {
    static let renewals: [Renewal] = [.inPlace, .byReplacement]

    @Test(arguments: renewals)
    func grantedElementsAreInTheSet(_ renewal: Renewal) throws {
        let listing = try inNetworkNamespace {
            var socket = try NetfilterSocket(renewal: renewal)
            try socket.replace(with: EgressPlan.example.ruleset)
            try socket.grant([
                Grant(Endpoint(.v4(0x0101_0101), .tcp, 443), for: .seconds(300)),
                Grant(Endpoint(.v6(0x2606_4700 << 32, 0x1111), .udp, 443), for: .seconds(600)),
            ])
            try socket.grant([Grant(Endpoint(.v4(0x0101_0101), .tcp, 443), for: .seconds(900))])
            return try shell("nft list set inet codetainer granted4; nft list set inet codetainer granted6; nft list chain inet codetainer output")
        }
        print(listing)
    }
}
