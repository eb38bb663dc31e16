import Linux
import SystemPackage
import Testing

@testable import Boot
@testable import Profile

@Suite struct AgentEnvironmentTests {
    private static let agent = Account(
        name: "claude", user: 1000, group: 1000, home: "/home/claude", shell: "/bin/bash")

    private static func entries(
        passed: [String] = [], set: [AgentProfile.Variable] = [], container: [String: String] = [:],
        secrets: [String: String] = [:]
    ) -> [String] {
        AgentEnvironment(
            profile: AgentProfile(
                name: "p", user: "claude", agent: .init(command: ["x"], session: "s"),
                environment: .init(passed: passed, set: set)),
            agent: agent, container: container, secrets: secrets,
            socketDirectory: "/run/user/1000"
        ).entries
    }

    private static let least = [
        "COLORTERM=truecolor", "HOME=/home/claude", "LANG=C.UTF-8", "LOGNAME=claude",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SHELL=/bin/bash",
        "TERM=xterm-256color", "TMUX_TMPDIR=/run/user/1000", "USER=claude",
        "XDG_RUNTIME_DIR=/run/user/1000",
    ]

    /// Whatever the container has: nothing of it is passed unasked, but its path and its language.
    @Test func nothingOfTheContainersLeaks() {
        let container = [
            "GH_PAT": "secret", "AWS_SECRET_ACCESS_KEY": "secret", "HOME": "/root", "TERM": "dumb",
            "LD_PRELOAD": "/evil.so", "CODETAINER_PROFILE": "shell", "USER": "root", "PWD": "/",
            "HOSTNAME": "box", "CLAUDE_PROMPT": "text", "BASH_ENV": "/evil", "SHELL": "/bin/zsh",
        ]
        #expect(Self.entries() == Self.least)
        #expect(Self.entries(container: container) == Self.least)
        let named = Self.entries(container: ["PATH": "/a", "LANG": "de_DE.UTF-8"])
        #expect(named.contains("PATH=/a") && named.contains("LANG=de_DE.UTF-8"))
        #expect(named.count == Self.least.count)
    }

    @Test func whatTheProfileNamesIsPassed() {
        let container = ["TZ": "Europe/Rome", "OTHER": "x"]
        #expect(
            Self.entries(passed: ["TZ"], container: container) == Self.least.with("TZ=Europe/Rome"))
        #expect(Self.entries(passed: ["TZ"]) == Self.least)
        #expect(
            Self.entries(set: [.init(name: "GOFLAGS", value: "-x -y=z")])
                == Self.least.with("GOFLAGS=-x -y=z"))
    }

    @Test func secretsCountMostThenWhatIsSet() {
        let variable = AgentProfile.Variable(name: "A", value: "set")
        #expect(
            Self.entries(
                passed: ["A"], set: [variable], container: ["A": "passed"], secrets: ["A": "secret"]
            )
                == Self.least.with("A=secret"))
        #expect(
            Self.entries(passed: ["A"], set: [variable], container: ["A": "passed"])
                == Self.least.with("A=set"))
    }

    private static func own(
        _ container: [String: String], agent: Account = agent,
        _ change: (inout AgentProfile) -> Void
    ) -> [String] {
        var profile = AgentProfile(name: "p", user: agent.name, command: ["x"])
        change(&profile)
        return AgentEnvironment(
            profile: profile, agent: agent, container: container, secrets: [:],
            socketDirectory: "/run/user/1000"
        ).entries
    }

    /// A secret comes to it as the profile says, however much else is passed.
    @Test(arguments: [["*"], ["A"]])
    func noSecretIsPassed(passed: [String]) throws {
        let container = ["A": "x", "I": "x", "T": "x", "E": "x", "KEY": "x", "OTHER": "x"]
        let text = """
            name = "p"
            user = { name = "claude" }
            agent = { command = ["x"] }
            secret = [{ name = "A" }]
            telemetry = { instance = "I", token = "T", endpoint = "E" }
            licence = { key = "KEY", server = "S", server-default = "https://a.example", heartbeat = "H" }
            """
        let parsed = try AgentProfile(parsing: text, file: "p.toml")
        let entries = Self.own(container) {
            $0 = parsed
            $0.environment = .init(
                passed: passed.filter { $0 != "*" } + ["KEY", "T"],
                passesOthers: passed.contains("*"))
        }
        let names = Set(entries.map { String($0.prefix { $0 != "=" }) })
        #expect(names.isDisjoint(with: ["A", "I", "T", "KEY"]))
        #expect(names.contains("OTHER") == passed.contains("*"))
        #expect(names.contains("E") == passed.contains("*"))
    }

    /// In an image without a profile its environment is its program's, but for what is ours and who
    /// root is.
    @Test func allOfAnImagesEnvironment() {
        let container = [
            "PATH": "/app/bin", "HOME": "/root", "HOSTNAME": "box", "DATABASE_URL": "secret",
            "TERM": "xterm", "CODETAINER_ALLOW": "example.com", "CODETAINER_NPM_TOKEN": "secret",
        ]
        #expect(
            Self.own(container) { $0.environment.passesAll = true } == [
                "DATABASE_URL=secret", "HOME=/home/claude", "HOSTNAME=box", "LOGNAME=claude",
                "PATH=/app/bin", "SHELL=/bin/bash", "TERM=xterm", "USER=claude",
                "XDG_RUNTIME_DIR=/run/user/1000",
            ])
        let nameless = Account(name: "1000", user: 1000, group: 1000, home: "/tmp", shell: "")
        #expect(
            Self.own([:], agent: nameless) { $0.environment.passesAll = true } == [
                "HOME=/tmp", "LOGNAME=1000",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "USER=1000",
                "XDG_RUNTIME_DIR=/run/user/1000",
            ])
    }

    /// A headless agent has the container's terminal, or none.
    @Test func aHeadlessAgentsTerminal() {
        let entries = Self.own(["TERM": "vt100"]) { $0.agent.isHeadless = true }
        #expect(entries.contains("TERM=vt100"))
        #expect(!entries.contains { $0.hasPrefix("TMUX") || $0.hasPrefix("COLORTERM") })
        let without = Self.own([:]) { $0.agent.isHeadless = true }
        #expect(!without.contains { $0.hasPrefix("TERM") })
    }

    /// A default stays where the container has nothing to pass.
    @Test func passingWhatIsNotThereTakesNothingAway() {
        #expect(Self.entries(passed: ["LANG", "PATH", "COLORTERM"]) == Self.least)
    }
}

extension [String] {
    fileprivate func with(_ entry: String) -> [String] { (self + [entry]).sorted() }
}
