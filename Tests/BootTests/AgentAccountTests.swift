import Linux
import SystemPackage
import Testing

@testable import Boot

@Suite struct AgentAccountTests {
    private static let accounts = Account.all(
        inPasswd: """
            root:x:0:0:root:/root:/bin/sh
            node:x:1000:1001::/home/node:/bin/bash
            agent:x:1234:1234::/home/agent:/bin/sh
            toor:x:0:0::/:/bin/sh
            staff:x:50:0::/:/bin/sh
            """)

    private static func numbers(_ wanted: String?, of accounts: [Account]) -> String {
        do throws(AgentAccount.Invalid) {
            let account = try AgentAccount.chosen(wanted, of: accounts)
            return "\(account.name) \(account.user):\(account.group) \(account.home)"
        } catch {
            return error.reason
        }
    }

    @Test(arguments: [
        (nil, "agent 1234:1234 /home/agent"), ("node", "node 1000:1001 /home/node"),
        ("1000", "node 1000:1001 /home/node"), ("1000:7", "node 1000:7 /home/node"),
        ("4000", "4000 4000:4000 /"), ("4000:7", "4000 4000:7 /"),
    ])
    func imageWithAccounts(wanted: String?, account: String) {
        #expect(Self.numbers(wanted, of: Self.accounts) == account)
    }

    @Test(arguments: [
        (nil, "1000 1000:1000 /"), ("5", "5 5:5 /"), ("5:6", "5 5:6 /"),
    ])
    func imageWithoutAccounts(wanted: String?, account: String) {
        #expect(Self.numbers(wanted, of: []) == account)
    }

    /// Never root, by whatever name or number; an account called agent that is root is none.
    @Test func nobodyIsRoot() {
        for wanted in ["root", "0", "0:0", "0:1000", "1000:0", "toor", "staff", "50"] {
            let said = Self.numbers(wanted, of: Self.accounts)
            #expect(said.hasPrefix("user \(wanted) has uid "))
        }
        let agent = Account.all(inPasswd: "agent:x:0:0::/:/bin/sh")
        #expect(Self.numbers(nil, of: agent) == "1000 1000:1000 /")
    }

    @Test(arguments: [
        "nobody", "", ":", "1000:", ":1000", "1:2:3", "-1", "4294967295", "1000:node",
    ])
    func whatIsNoAccount(wanted: String) {
        #expect(
            Self.numbers(wanted, of: Self.accounts)
                == "user \(wanted) is not in the image's /etc/passwd: give --user or CODETAINER_USER as UID or UID:GID"
        )
    }
}
