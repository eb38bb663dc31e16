import Policy
import Testing

@testable import Egress

@Suite(.serialized)
struct GrantTests {
    /// Replacement works on every kernel, renewal in place on new ones.
    static let renewals: [Renewal] = Array(Set([.ofRunningKernel, .byReplacement]))
    static let web = Destination(.v4(0x0101_0101), .tcp, 443)
    static let quic = Destination(.v6(0x2606_4700 << 32, 0x1111), .udp, 443)

    @Test func grantsAreInTheKernelWithNameAndTime() throws {
        let grants = try inLockedNamespace { socket in
            try socket.grant([
                Grant(Self.web, seconds: 300, name: "one.example"),
                Grant(Self.quic, seconds: 600, name: "*.two.example"),
            ])
            return try socket.grants()
        }
        let one = LiveGrant(
            destination: Self.web, seconds: 300, secondsLeft: 300, name: "one.example")
        let two = LiveGrant(
            destination: Self.quic, seconds: 600, secondsLeft: 600, name: "*.two.example")
        #expect(grants == [one, two])
    }

    @Test(arguments: renewals)
    func renewalStartsTheLifetimeAnew(_ renewal: Renewal) throws {
        let (first, second, third) = try inLockedNamespace(renewal) { socket in
            try socket.grant([Grant(Self.web, seconds: 300), Grant(Self.quic, seconds: 300)])
            let first = try socket.grants()
            try socket.grant([Grant(Self.web, seconds: 900), Grant(Self.quic, seconds: 400)])
            let second = try socket.grants()
            try socket.grant([Grant(Self.web, seconds: 10)])
            return (first, second, try socket.grants())
        }
        #expect(first.map(\.secondsLeft) == [300, 300])
        #expect(second.map(\.seconds) == [900, 400])
        #expect(second.map(\.secondsLeft) == [900, 400])
        #expect(third.map(\.secondsLeft) == [10, 400])
    }

    /// An element that has expired may still be in the set when its address is granted again.
    @Test(arguments: renewals)
    func expiredGrantIsGrantedAnew(_ renewal: Renewal) throws {
        try inLockedNamespace(renewal) { socket in
            for _ in 0..<4 {
                try socket.grant([Grant(Self.web, seconds: 1)])
                // The kernel's clock is nobody's to move.
                try shell("sleep 1.05")
                try socket.grant([Grant(Self.web, seconds: 300)])
                let grants = try socket.grants()
                #expect(grants.map(\.secondsLeft) == [300])
                try socket.revoke([Self.web])
            }
        }
    }

    @Test(arguments: renewals)
    func fullSetRefusesNewGrantsAndRenewsOldOnes(_ renewal: Renewal) throws {
        var plan = EgressPlan.example
        plan.grantLimit = 2
        let other = Destination(.v4(0x0101_0102), .tcp, 443)
        let third = Destination(.v4(0x0101_0103), .tcp, 443)
        try inLockedNamespace(renewal, plan) { socket in
            try socket.grant([Grant(Self.web, seconds: 300), Grant(other, seconds: 300)])
            #expect(throws: NetlinkError.self) { try socket.grant([Grant(third, seconds: 300)]) }
            do {
                try socket.grant([Grant(third, seconds: 300)])
            } catch let error as NetlinkError {
                #expect(error.kind == .full)
                #expect("\(error)".hasPrefix("cannot add to set granted4: "))
            }
            try socket.grant([Grant(Self.web, seconds: 500), Grant(other, seconds: 500)])
            #expect(Set(try socket.grants().map(\.secondsLeft)) == [500])
            try socket.revoke([other])
            try socket.grant([Grant(third, seconds: 300)])
            #expect(Set(try socket.grants().map(\.destination)) == [Self.web, third])
        }
    }

    /// The longest names make the largest messages.
    @Test(arguments: renewals, ["", "api.example", String(repeating: "n", count: 300)])
    func manyGrantsGoInOneTransaction(_ renewal: Renewal, name: String) throws {
        let count: UInt32 = 3000
        let grants = (0..<count).map { number in
            Grant(
                Destination(.v6(0x2606 << 48, UInt64(number)), .tcp, 443), seconds: 300, name: name)
        }
        let live = try inLockedNamespace(renewal) { socket in
            try socket.grant(grants)
            try socket.grant(grants)
            return try socket.grants()
        }
        #expect(Set(live.map(\.destination)) == Set(grants.map(\.destination)))
        #expect(live.count == Int(count))
        #expect(live.allSatisfy { $0.name == name.prefix(127) })
    }

    @Test func failedTransactionChangesNothing() throws {
        var plan = EgressPlan.example
        plan.grantLimit = 1
        let live = try inLockedNamespace(.inPlace, plan) { socket in
            let other = Destination(.v4(0x0101_0102), .tcp, 443)
            #expect(throws: NetlinkError.self) {
                try socket.grant([Grant(Self.web, seconds: 300), Grant(other, seconds: 300)])
            }
            return try socket.grants()
        }
        #expect(live.isEmpty)
    }

    @Test func revocationNeedsNoGrant() throws {
        let left = try inLockedNamespace { socket in
            let missing = Destination(.v4(0x0101_0102), .tcp, 443)
            try socket.grant([Grant(Self.web, seconds: 300), Grant(Self.quic, seconds: 300)])
            try socket.revoke([missing, Self.web])
            try socket.revoke([missing])
            try socket.revoke([])
            return try socket.grants()
        }
        #expect(left.map(\.destination) == [Self.quic])
    }

    @Test func replacementKeepsTheGrantsItIsGiven() throws {
        let grants = try inLockedNamespace { socket in
            try socket.grant([Grant(Self.web, seconds: 300), Grant(Self.quic, seconds: 300)])
            try socket.replace(
                with: EgressPlan.example.ruleset, grants: [Grant(Self.quic, seconds: 120)])
            return try socket.grants()
        }
        #expect(grants.map(\.destination) == [Self.quic])
        #expect(grants.map(\.secondsLeft) == [120])
    }

    @Test func grantWithoutTableSaysSo() throws {
        try inNetworkNamespace {
            var socket = try NetfilterSocket()
            do throws(NetlinkError) {
                try socket.grant([Grant(Self.web, seconds: 1)])
                Issue.record("granted into nothing")
            } catch {
                #expect(error.kind == .absent)
            }
        }
    }

    @Test(arguments: [
        ("6.18.44-fc-v595", Renewal.inPlace), ("6.12.0", .inPlace), ("6.11.9", .byReplacement),
        ("5.10.0-32-amd64", .byReplacement), ("7.0-rc1", .inPlace), ("4.4.0", .byReplacement),
        ("", .byReplacement), ("6", .byReplacement),
    ])
    func renewalDependsOnTheKernel(release: String, expected: Renewal) {
        #expect(Renewal(kernelRelease: release) == expected)
    }
}

/// Runs `body` with the socket of a namespace that `plan` has locked.
func inLockedNamespace<Result>(
    _ renewal: Renewal = .ofRunningKernel, _ plan: EgressPlan = .example,
    _ body: (inout NetfilterSocket) throws -> Result
) throws -> Result {
    try inNetworkNamespace {
        var socket = try NetfilterSocket(renewal: renewal)
        try socket.replace(with: plan.ruleset)
        return try body(&socket)
    }
}
