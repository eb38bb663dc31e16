import Egress
import Linux
import Policy
import Supervision
import SystemPackage
import TestSupport
import Testing

@testable import Boot
@testable import Profile

@Suite struct ConfigurationReaderTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write("example.com\n10.1.2.3:5432\n", to: "domains.conf")
    }

    /// A profile for an account that every Debian has, and more of it.
    private func profile(_ more: String = "", user: String = "nobody") throws -> String {
        let text = """
            name = "test"
            [user]
            name = "\(user)"
            [agent]
            command = ["true"]
            [egress]
            allowlist = ["\(scratch.path)/domains.conf"]
            upstreams = ["192.0.2.1"]

            """
        return try scratch.write(text + more, to: "profile.toml").string
    }

    private func read(_ variables: [String: String] = [:], _ more: String = "") throws
        -> BootConfiguration
    {
        let environment = ["CODETAINER_PROFILE": try profile(more)].merging(variables) { $1 }
        return try ConfigurationReader.read(environment)
    }

    private func mistakes(_ variables: [String: String], _ more: String = "") throws -> [String] {
        let environment = ["CODETAINER_PROFILE": try profile(more)].merging(variables) { $1 }
        do {
            _ = try ConfigurationReader.read(environment)
            return []
        } catch {
            #expect(error.code == 78)
            return error.messages
        }
    }

    @Test func everythingHasItsDefault() throws {
        let configuration = try read()
        #expect(configuration.agent.name == "nobody" && configuration.agent.user == 65534)
        #expect(configuration.resolver.user == 64053 && configuration.resolver.group == 64053)
        #expect(configuration.upstreams.map(\.description) == ["192.0.2.1"])
        #expect(configuration.allowlist.rules.count == 2)
        #expect(configuration.gitName == "codetainer")
        #expect(configuration.gitEmail == "codetainer@noreply.github.com")
        #expect(configuration.repository == nil && configuration.prompt == nil)
        #expect(configuration.published == [])
        #expect(configuration.profile.agent.onExit == .keep)
    }

    @Test func theEnvironmentCountsMore() throws {
        try scratch.write("other.example\n", to: "other.conf")
        let configuration = try read([
            "CODETAINER_ALLOWLIST": "\(scratch.path)/other.conf:\(scratch.path)/domains.conf",
            "CODETAINER_ALLOW": "extra.example *.more.example:8443\nlast.example",
            "CODETAINER_UPSTREAMS": "198.51.100.1, 2001:db8::1", "CODETAINER_ON_EXIT": "end",
            "CODETAINER_PUBLISH": "8080,8000-8002/udp 443/tcp", "CODETAINER_LOG": "json",
            "GIT_USER_NAME": "Ada Lovelace", "GIT_USER_EMAIL": "ada@example.org",
            "REPO_URL": "https://github.com/a/b", "CLAUDE_PROMPT": "two\nlines", "OTHER": "x",
        ])
        #expect(
            configuration.allowlist.canonicalText
                == "other.example\nexample.com\n10.1.2.3:5432\nextra.example\n*.more.example:8443\nlast.example\n"
        )
        #expect(configuration.upstreams.map(\.description) == ["198.51.100.1", "2001:db8::1"])
        #expect(configuration.profile.agent.onExit == .end)
        #expect(
            configuration.published == [
                PublishedPort(.tcp, PortRange(8080)!),
                PublishedPort(.udp, PortRange(first: 8000, last: 8002)!),
                PublishedPort(.tcp, PortRange(443)!),
            ])
        #expect(configuration.gitName == "Ada Lovelace")
        #expect(configuration.gitEmail == "ada@example.org")
        #expect(configuration.repository?.description == "https://github.com/a/b")
        #expect(configuration.prompt == "two\nlines")
    }

    /// `docker run -e NAME` without a value on the host passes an empty one.
    @Test func emptyIsNotSet() throws {
        let names = [
            "CODETAINER_ALLOWLIST", "CODETAINER_ALLOW", "CODETAINER_UPSTREAMS",
            "CODETAINER_PUBLISH", "CODETAINER_ON_EXIT", "GIT_USER_NAME", "GIT_USER_EMAIL",
            "REPO_URL", "CLAUDE_PROMPT",
        ]
        let configuration = try read(Dictionary(uniqueKeysWithValues: names.map { ($0, "") }))
        #expect(configuration.gitName == "codetainer" && configuration.prompt == nil)
        #expect(configuration.allowlist.rules.count == 2)
    }

    @Test(arguments: [
        "", "0", "65536", "http", "8080/", "8080/sctp", "8080/tcp/udp", "8002-8000", "8000-",
        "-8000", "x-80", "80-x", "1-2-3", "/tcp", "8080 /tcp", "-1",
    ])
    func portsThatCannotBePublished(port: String) throws {
        #expect(
            try mistakes([:], "publish = [\"\(port)\"]\n") == [
                "\(scratch.path)/profile.toml:9: egress.publish \"\(port)\" is not a port: write 8080/tcp or 8000-8100/udp"
            ])
        // Spaces part the variable's, and an empty one is not set.
        guard !port.isEmpty, !port.contains(" ") else { return }
        #expect(
            try mistakes(["CODETAINER_PUBLISH": port]) == [
                "port \"\(port)\" cannot be published: write 8080/tcp or 8000-8100/udp"
            ])
    }

    @Test(
        arguments: [
            ("", nil, nil), ("[metrics]\nport = 9464\n", nil, 9464),
            ("[metrics]\nport = 9464\n", "", 9464), ("[metrics]\nport = 9464\n", "9000", 9000),
            ("", "9464", 9464),
        ] as [(String, String?, UInt16?)])
    func portsOfMetrics(profile: String, variable: String?, port: UInt16?) throws {
        let variables = variable.map { ["CODETAINER_METRICS": $0] } ?? [:]
        #expect(try read(variables, profile).profile.metrics.port == port)
    }

    @Test(arguments: ["0", "53", "65536", "http", "9464/tcp", "-1"])
    func portsThatAreNoneOfMetrics(port: String) throws {
        #expect(
            try mistakes(["CODETAINER_METRICS": port]) == [
                "CODETAINER_METRICS \"\(port)\" must be a TCP port: 9464, not 53"
            ])
    }

    /// Reports would have two of a name.
    @Test func aServiceThatIsCalledMetrics() throws {
        let service = "[[service]]\nname = \"metrics\"\ncommand = [\"x\"]\nuser = \"daemon\"\n"
        #expect(try mistakes([:], service) == [])
        #expect(
            try mistakes(["CODETAINER_METRICS": "9464"], service) == [
                "service metrics: that is what codetainer's own is called, which the metrics' port starts: give it another name"
            ])
    }

    @Test func allMistakesAreSaidAtOnce() throws {
        let path = scratch.path.appending("profile.toml")
        let said = try mistakes(
            [
                "CODETAINER_PROFIL": "x", "CODETAINER_ALLOWLST": "x",
                "CODETAINER_ALLOWLIST": "/nonexistent.conf", "CODETAINER_ALLOW": "exa_mple..com",
                "CODETAINER_UPSTREAMS": "dns.example", "CODETAINER_PUBLISH": "http",
                "CODETAINER_ON_EXIT": "stop", "REPO_URL": "http://h/p", "GIT_USER_NAME": "a\nb",
                "GIT_USER_EMAIL": "a\u{7f}",
            ])
        let known =
            "CODETAINER_ALLOW, CODETAINER_ALLOWLIST, CODETAINER_EGRESS, CODETAINER_GID, CODETAINER_LOG, CODETAINER_LOG_LEVEL, CODETAINER_METRICS, CODETAINER_NPM_TOKEN, CODETAINER_ON_EXIT, CODETAINER_PROFILE, CODETAINER_PUBLISH, CODETAINER_SECRETS, CODETAINER_SIGNAL, CODETAINER_STOP_TIMEOUT, CODETAINER_TRAPS, CODETAINER_UID, CODETAINER_UPSTREAMS, CODETAINER_USER, CODETAINER_WRITABLE"
        #expect(
            said.prefix(7) == [
                "environment: CODETAINER_ALLOWLST is not known: use one of \(known)",
                "environment: CODETAINER_PROFIL is not known: use one of \(known)",
                "GIT_USER_NAME contains a control character: give it as one line of text",
                "GIT_USER_EMAIL contains a control character: give it as one line of text",
                "REPO_URL must start with https://: the agent's credential goes by https only",
                "CODETAINER_ON_EXIT \"stop\" must be keep, end or restart",
                "cannot read the allowlist: open /nonexistent.conf: No such file or directory: mount it there, or set CODETAINER_ALLOWLIST",
            ])
        #expect(said.count == 11)
        #expect(said[7].hasPrefix("CODETAINER_ALLOW:1:"))
        #expect(
            said.suffix(3) == [
                "upstream \"dns.example\" is not the address of a DNS server: name one by its IP address",
                "no DNS server is known: /etc/resolv.conf names none: set CODETAINER_UPSTREAMS",
                "port \"http\" cannot be published: write 8080/tcp or 8000-8100/udp",
            ])
        #expect(try FileStatus(of: path) != nil)
    }

    @Test func aBrokenProfileDoesNotHideTheRest() throws {
        let path = scratch.path.appending("profile.toml").string
        #expect(
            try mistakes(["REPO_URL": "x", "CODETAINER_X": ""], "colour = 1\n[user.x]\n").suffix(3)
                == [
                    "REPO_URL must start with https://: the agent's credential goes by https only",
                    "\(path):9: unknown key egress.colour: known here are allow, allowlist, publish, targets, upstreams",
                    "\(path):10: unknown key user.x: known here are name",
                ])
    }

    @Test(arguments: [nil, ""] as [String?])
    func aProfileMustBeChosen(choice: String?) {
        let error = #expect(throws: BootFailure.self) {
            try ConfigurationReader.read(choice.map { ["CODETAINER_PROFILE": $0] } ?? [:])
        }
        #expect(error?.code == 78)
        #expect(
            error?.messages.last?.hasPrefix("no profile is chosen: set CODETAINER_PROFILE to ")
                == true)
    }

    /// The environment's choice counts more than the image's file.
    @Test func theImagesFileIsTheChoiceWithoutAnother() throws {
        _ = try profile()
        let file = try scratch.write(
            "extends = \"profile\"\nname = \"image\"\n", to: "image.toml")
        let image = ImageFacts(profile: file.string)
        for variables in [[:], ["CODETAINER_PROFILE": ""]] {
            let read = try ConfigurationReader.read(variables, image: image)
            #expect(read.profile.name == "image" && read.agent.name == "nobody")
        }
        let chosen = try ConfigurationReader.read(
            ["CODETAINER_PROFILE": try profile()], image: image)
        #expect(chosen.profile.name == "test")
    }

    @Test func mistakesAreThoseOfEveryFile() throws {
        let parent = try profile("[user]\n")
        let own = try scratch.write(
            "extends = \"profile\"\ncolour = 1\n[agent]\nprompt = 1\n", to: "own.toml")
        let error = #expect(throws: BootFailure.self) {
            try ConfigurationReader.read(["CODETAINER_PROFILE": own.string])
        }
        #expect(error?.messages.map { $0.split(separator: ":")[1] } == ["2", "4", "9"])
        #expect(
            error?.messages.last
                == "\(parent):9: not TOML: user is there already: leave one out: see toml.io")
        _ = try profile("publish = [\"x\"]\n")
        let later = #expect(throws: BootFailure.self) {
            try ConfigurationReader.read(["CODETAINER_PROFILE": own.string])
        }
        #expect(later?.messages.map { $0.split(separator: ":")[1] } == ["2", "4", "9"])
    }

    /// Rules of the profile are read again with the files, before those of the environment.
    @Test func rulesOfTheProfileJoinTheAllowlist() throws {
        let configuration = try read(
            ["CODETAINER_ALLOW": "other.test"], "allow = [\"api.test:8443\", \"*.x.test\"]\n")
        #expect(configuration.sources.extra == "api.test:8443 *.x.test other.test")
        #expect(configuration.allowlist.rules.count == 5)
        #expect(try configuration.sources.read().rules.count == 5)
    }

    @Test(arguments: [
        ("./absent.toml", "open ./absent.toml"),
        ("absent", "open /etc/codetainer/profiles/absent.toml"),
    ])
    func aProfileMustBeThere(choice: String, call: String) {
        let error = #expect(throws: BootFailure.self) {
            try ConfigurationReader.read(["CODETAINER_PROFILE": choice])
        }
        #expect(
            error?.messages.last?.hasPrefix(
                "cannot read profile \(choice): \(call): No such file or directory: set CODETAINER_PROFILE to "
            ) == true)
    }

    @Test(arguments: [
        (
            "no-such-user",
            "user no-such-user is not in /etc/passwd: add it to the image, or name another in [user]"
        ),
        (
            "root",
            "user root has uid 0 and gid 0: the agent must have neither 0: name another in [user]"
        ),
    ])
    func theAgentIsAnOrdinaryAccount(user: String, message: String) throws {
        let error = #expect(throws: BootFailure.self) {
            try ConfigurationReader.read(["CODETAINER_PROFILE": try profile(user: user)])
        }
        #expect(error?.messages == [message])
    }

    // MARK: Settings

    private static let settings = """
        publish = ["PORT"]
        targets = ["TARGET"]
        [health]
        port = "PORT"
        [[setting]]
        name = "PORT"
        type = "port"
        default = "8001"
        [[setting]]
        name = "TARGET"
        type = "target"
        default = "localhost:50051"
        [[setting]]
        name = "SECURE"
        type = "switch"
        default = "false"
        [[setting]]
        name = "CERTIFICATE"
        type = "file"
        when = "SECURE"
        """

    @Test func settingsHaveDefaultsThatGoWhereTheProfileRefersToThem() throws {
        let configuration = try read(["TARGET": "", "CERTIFICATE": "/no/such"], Self.settings)
        #expect(configuration.profile.health.port == 8001)
        #expect(configuration.published == [PublishedPort(.tcp, PortRange(8001)!)])
        #expect(configuration.sources.extra == "")
        #expect(
            configuration.profile.environment.set.map { "\($0.name)=\($0.value)" }
                == ["PORT=8001", "SECURE=false", "TARGET=localhost:50051"])
    }

    @Test(arguments: [
        ("main-app:50051", "main-app:50051 private"), ("10.1.2.3:50051", "10.1.2.3:50051"),
        ("[fd00::1]:1", "[fd00::1]:1"), ("127.0.0.1:50051", ""), ("[::1]:50051", ""),
    ])
    func aTargetIsARule(target: String, rules: String) throws {
        let configuration = try read(["TARGET": target, "PORT": "9000"], Self.settings)
        #expect(configuration.sources.extra == rules)
        #expect(configuration.profile.health.port == 9000)
        #expect(configuration.published == [PublishedPort(.tcp, PortRange(9000)!)])
    }

    @Test func everySettingThatIsWrongIsTold() throws {
        let said = try mistakes(
            ["PORT": "70000", "TARGET": "169.254.169.254:80", "SECURE": "maybe"], Self.settings)
        #expect(
            said == [
                "PORT \"70000\" must be a TCP port: 1 to 65535",
                "SECURE \"maybe\" must be true or false",
                "TARGET: 169.254.169.254 is not opened for a target (instance metadata): give it another address",
            ])
    }

    @Test func aFileIsLookedAtWhereItsSwitchIsOn() throws {
        let said = try mistakes(
            ["SECURE": "true", "CERTIFICATE": "/no/such"], Self.settings)
        #expect(said.count == 1 && said[0].hasPrefix("CERTIFICATE: cannot "))
        let file = try scratch.write("pem", to: "server.crt").string
        let configuration = try read(["SECURE": "true", "CERTIFICATE": file], Self.settings)
        let copy = "/run/user/65534/CERTIFICATE"
        #expect(configuration.profile.files == [AgentProfile.File(copying: file, to: copy)])
        #expect(configuration.profile.environment.set.contains { $0.value == copy })
    }
}
