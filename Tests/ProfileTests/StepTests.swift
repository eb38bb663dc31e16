import Testing

@testable import Profile

@Suite struct StepTests {
    /// Lines 1 to 5; tests append to it.
    private static let least = "name = \"p\"\n[user]\nname = \"u\"\n[agent]\ncommand = [\"c\"]\n"

    private static func mistakes(_ more: String) -> [String] {
        do {
            _ = try AgentProfile(parsing: least + more, file: "p.toml")
            return []
        } catch {
            return error.issues.map(\.description)
        }
    }

    @Test func stepsAreServicesThatEndOneAfterTheOther() throws {
        let profile = try AgentProfile(
            parsing: Self.least + """
                [[service]]
                name = "cache"
                command = ["r"]
                user = "redis"
                after = ["two"]
                [[step]]
                name = "one"
                command = ["1"]
                [[step]]
                name = "two"
                command = ["2"]
                user = "other"
                directory = "/srv"
                within = "5m"
                required = false
                environment = { A = "1" }
                pass = ["TZ"]
                writable = ["/srv"]
                processes = 9
                [workspace]
                path = "/src"
                """, file: "p.toml")
        var one = AgentProfile.Service(name: "one", command: ["1"], user: "u", directory: "/src")
        (one.readiness, one.readyWithin, one.restart) = (.exit, 60_000, .never)
        var two = one
        (two.name, two.command, two.user, two.directory) = ("two", ["2"], "other", "/srv")
        (two.readyWithin, two.isRequired, two.writable) = (300_000, false, ["/srv"])
        two.environment = .init(passed: ["TZ"], set: [.init(name: "A", value: "1")])
        (two.limits.processes, two.after) = (9, ["one"])
        #expect(profile.services.prefix(2) == [one, two])
        #expect(profile.services[2].name == "cache" && profile.services[2].after == ["two"])
    }

    @Test(arguments: [
        (
            "[[step]]\nname = \"a\"",
            ["p.toml:6: step.command is empty: name a program and its arguments"]
        ),
        (
            "[[step]]\nname = \"agent\"\ncommand = [\"c\"]",
            ["p.toml:7: step.name \"agent\" means something else: choose another"]
        ),
        (
            "[[step]]\nname = \"a\"\ncommand = [\"c\"]\nwithin = \"11m\"",
            ["p.toml:9: within \"11m\" must be from 1 to 600000 ms"]
        ),
        (
            "[[secret]]\nname = \"K\"\n[[step]]\nname = \"a\"\ncommand = [\"c\"]\npass = [\"K\"]",
            [
                "p.toml:11: step.pass \"K\" is a secret, which PID 1 does not keep: mount it as a file for the step"
            ]
        ),
        (
            "[[step]]\nname = \"a\"\ncommand = [\"c\"]\n[[service]]\nname = \"a\"\ncommand = [\"c\"]\nuser = \"u\"",
            [
                "p.toml:10: service.name \"a\" is taken by a [[step]]: choose another, or leave one out"
            ]
        ),
        (
            "[[step]]\nname = \"a\"\ncommand = [\"c\"]\n[[step]]\nname = \"a\"\ncommand = [\"c\"]",
            [
                "p.toml:10: step.name \"a\" is taken by a [[step]]: choose another, or leave one out"
            ]
        ),
        (
            "[[step]]\ncommand = [\"c\"]\n[[step]]\ncommand = [\"c\"]",
            [
                "p.toml:6: step.name is missing: a string is needed",
                "p.toml:8: step.name is missing: a string is needed",
            ]
        ),
        (
            "[[step]]\nname = \"a\"\ncommand = [\"c\"]\nready = \"exit\"",
            [
                "p.toml:9: unknown key step.ready: known here are command, directory, environment, name, open-files, pass, processes, required, seccomp, user, within, writable"
            ]
        ),
    ])
    func aMistakeHasItsLine(text: String, mistakes: [String]) {
        #expect(Self.mistakes(text) == mistakes)
    }

    /// What a profile says of the network has its line, too.
    @Test(arguments: [
        ("allow = [\"api.example.com\", \"!ads.example.net\", \"*.x.test:22,80-90/udp\"]", []),
        (
            "allow = [\n\"ok.test\",\n\"exa_mple..com\"]",
            ["p.toml:9: egress.allow \"exa_mple..com\" is not a domain name: …"]
        ),
        ("allow = [\"\"]", ["p.toml:7: egress.allow \"\" is not one rule: …"]),
        (
            "allow = [\"a.test b.test\"]",
            ["p.toml:7: egress.allow \"a.test b.test\" is not one rule: …"]
        ),
        ("allow = [\"a.test#x\"]", ["p.toml:7: egress.allow \"a.test#x\" is not one rule: …"]),
        (
            "allow = [\"a.test\\nb.test\"]",
            ["p.toml:7: egress.allow \"a.test\\u{A}b.test\" is not one rule: …"]
        ),
        ("publish = [\"80\", \"8080/tcp\", \"1-2/udp\"]", []),
        ("publish = [\"0\"]", ["p.toml:7: egress.publish \"0\" is not a port: …"]),
        ("publish = [\"+80\"]", ["p.toml:7: egress.publish \"+80\" is not a port: …"]),
        ("publish = [\"2-1\"]", ["p.toml:7: egress.publish \"2-1\" is not a port: …"]),
        ("publish = [\"80/sctp\"]", ["p.toml:7: egress.publish \"80/sctp\" is not a port: …"]),
        ("upstreams = [\"127.0.0.11\", \"2001:db8::53\"]", []),
        (
            "upstreams = [\"127.0.0.1\"]",
            ["p.toml:7: egress.upstreams \"127.0.0.1\" is not the address of a DNS server: …"]
        ),
        (
            "upstreams = [\"dns.test\"]",
            ["p.toml:7: egress.upstreams \"dns.test\" is not the address of a DNS server: …"]
        ),
    ])
    func egress(text: String, mistakes: [String]) {
        let said = Self.mistakes("[egress]\n" + text)
        #expect(said.count == mistakes.count)
        for (said, wanted) in zip(said, mistakes) {
            #expect(said.hasPrefix(wanted.dropLast()) && wanted.hasSuffix("…"))
        }
    }
}
