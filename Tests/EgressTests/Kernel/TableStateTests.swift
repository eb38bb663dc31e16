import Policy
import Testing

@testable import Egress

@Suite(.serialized)
struct TableStateTests {
    @Test func appliedTableIsTheRuleset() throws {
        try inLockedNamespace { socket in
            let state = try socket.table()
            #expect(state?.differences(from: EgressPlan.example.ruleset) == [])
            #expect(state?.ruleCount == EgressPlan.example.ruleset.ruleCount)
            #expect(state?.refusedPackets == 0)
        }
    }

    @Test func absentTableIsNil() throws {
        try inNetworkNamespace {
            var socket = try NetfilterSocket()
            #expect(try socket.table() == nil)
            try shell("nft add table inet other; nft add chain inet other output")
            #expect(try socket.table() == nil)
        }
    }

    @Test(arguments: [
        ("nft flush chain inet codetainer refuse", "chain refuse has other rules"),
        (
            "nft 'chain inet codetainer output { policy accept; }'",
            "chain output has another hook, priority or policy"
        ),
        ("nft insert rule inet codetainer output accept", "chain output has other rules"),
        ("nft add chain inet codetainer extra", "chain extra is not ours"),
    ])
    func tamperingIsSeen(command: String, difference: String) throws {
        try inLockedNamespace { socket in
            try shell(command)
            let state = try socket.table()
            #expect(state?.differences(from: EgressPlan.example.ruleset) == [difference])
        }
    }

    @Test func otherTablesStay() throws {
        try inLockedNamespace { socket in
            try shell("nft 'add table ip nat; add chain ip nat output'")
            try socket.replace(with: EgressPlan.example.ruleset)
            #expect(try shell("nft list tables") == "table ip nat\ntable inet codetainer\n")
        }
    }

    /// What stands for a kernel without a part that the rules need: a set that is not there.
    @Test func absentPartIsUnsupportedAndChangesNothing() throws {
        try inLockedNamespace { socket in
            var ruleset = EgressPlan.example.ruleset
            ruleset.sets.removeAll { $0.name == "closed4" }
            do throws(NetlinkError) {
                try socket.replace(with: ruleset)
                Issue.record("rules without their set")
            } catch {
                #expect(error.kind == .unsupported)
                #expect("\(error)".hasPrefix("cannot add rule 24 of chain output: No such file"))
            }
            let state = try socket.table()
            #expect(state?.differences(from: EgressPlan.example.ruleset) == [])
        }
    }
}
