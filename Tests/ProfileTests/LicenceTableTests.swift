import Testing

@testable import Profile

@Suite struct LicenceTableTests {
    private static let head =
        "name = \"p\"\nsealed = [\"/opt/f\"]\nuser = { name = \"u\" }\nagent = { command = [\"c\"] }\n"
    private static let least =
        "[licence]\nkey = \"K\"\nserver = \"S\"\nheartbeat = \"H\"\nserver-default = \"https://l.test\"\n"

    private static func issues(_ text: String) -> [String] {
        do throws(ProfileIssues) {
            _ = try AgentProfile(parsing: text, file: "p.toml")
            return []
        } catch {
            return error.issues.map(\.reason)
        }
    }

    @Test func isReadAsItStands() throws {
        let profile = try AgentProfile(parsing: Self.head + Self.least, file: "p.toml")
        #expect(
            profile.licence
                == .init(
                    key: "K", server: "S", defaultServer: "https://l.test", heartbeat: "H",
                    product: "p"))
        #expect(profile.sealed == ["/opt/f"])
        let more =
            "heartbeat-default = \"1m\"\ngrace = \"0s\"\nexit-code = 77\nproduct = \"x-1\"\nauthorities = \"/a\"\n"
        let other = try #require(
            try AgentProfile(parsing: Self.head + Self.least + more, file: "p.toml").licence)
        #expect(other.defaultHeartbeat == 60 && other.grace == 0 && other.exitCode == 77)
        #expect(other.product == "x-1" && other.authorities == "/a")
    }

    @Test(arguments: [
        (
            "grace = \"8d\"\n",
            "licence.grace \"8d\" must be a time from 0s to 604800s: write 300s or 5m"
        ),
        (
            "heartbeat-default = \"0\"\n",
            "licence.heartbeat-default \"0\" must be a time from 1s to 86400s: write 300s or 5m"
        ),
        ("exit-code = 0\n", "licence.exit-code must be a number from 1 to 125"),
        (
            "product = \"A b\"\n",
            "licence.product \"A b\" must be 1 to 64 lower-case letters, digits and -"
        ),
        (
            "[[secret]]\nname = \"K\"\n",
            "licence.key \"K\" is a [[secret]] as well: name it here only"
        ),
        (
            "[environment]\npass = [\"K\"]\n",
            "\"K\" is the licence's key, which the agent must not have: leave it out"
        ),
        (
            "[environment]\npass = [\"G\"]\n[[secret]]\nname = \"G\"\nexpose = [\"T\"]\n",
            "environment.pass \"G\" is a secret: leave it out, or say \"G\" in the `expose` of its [[secret]]"
        ),
        (
            "[[tmpfs]]\npath = \"/opt\"\nsize = \"1M\"\n",
            "sealed \"/opt/f\" has to do with what is writable: name another path"
        ),
        (
            "[[tmpfs]]\npath = \"/opt/f/g\"\nsize = \"1M\"\n",
            "sealed \"/opt/f\" has to do with what is writable: name another path"
        ),
    ])
    func mistakesAreTold(more: String, issue: String) {
        #expect(Self.issues(Self.head + Self.least + more) == [issue])
    }

    @Test func threeVariablesAreThree() {
        let text = Self.least.split(separator: "\n").map {
            $0 == "heartbeat = \"H\"" ? "heartbeat = \"S\"" : $0
        }
        #expect(
            Self.issues(Self.head + text.joined(separator: "\n")) == [
                "licence: key, server and heartbeat must be three variables"
            ])
    }

    @Test(arguments: [
        ("300", 300), ("5m", 300), ("300s", 300), ("1500ms", nil), ("", nil), ("-1", nil),
        ("1h", nil),
        ("9999999", nil),
    ])
    func secondsAreRead(text: String, seconds: Int?) {
        #expect(AgentProfile.Licence.seconds(text) == seconds)
    }
}
