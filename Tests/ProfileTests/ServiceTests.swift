import Testing

@testable import Profile

@Suite struct ServiceTests {
    /// Lines 1 to 5; tests append to it.
    private static let least = """
        name = "shell"
        [user]
        name = "claude"
        [agent]
        command = ["bash"]

        """

    private static func read(_ more: String) throws -> AgentProfile {
        try AgentProfile(parsing: least + more, file: "p.toml")
    }

    private static func mistakes(_ more: String) -> [String] {
        do {
            _ = try AgentProfile(parsing: least + more, file: "p.toml")
            return []
        } catch {
            return error.issues.map(\.description)
        }
    }

    private static let cache = "[[service]]\nname = \"cache\"\ncommand = [\"c\"]\nuser = \"u\"\n"

    @Test func theLeastHasItsDefaults() throws {
        let profile = try Self.read(Self.cache)
        #expect(
            profile.services == [
                AgentProfile.Service(name: "cache", command: ["c"], user: "u")
            ])
        #expect(profile.services[0].isRequired && profile.services[0].restart == .onFailure)
        #expect(profile.shutdown == AgentProfile.Shutdown())
        #expect(profile.shutdown.total == 8_000 && profile.shutdown.agent == nil)
    }

    @Test func everythingCanBeSaid() throws {
        let profile = try Self.read(
            """
            [shutdown]
            total = "9s"
            agent = "500ms"
            [[service]]
            name = "data-1"
            command = ["/bin/x", "-y"]
            user = "data"
            directory = "/srv"
            pass = ["TZ"]
            environment = { B = "2", A = "1" }
            seccomp = "none"
            writable = ["/srv/data"]
            processes = 7
            open-files = 16
            ready = "fd:4"
            ready-within = "2m"
            heartbeat = "10s"
            restart = "always"
            stop-signal = "SIGQUIT"
            stop-grace = "0s"
            required = false
            after = ["schema"]
            [[service]]
            name = "schema"
            command = ["m"]
            user = "data"
            ready = "exit"
            writable = []
            """)
        var first = AgentProfile.Service(name: "data-1", command: ["/bin/x", "-y"], user: "data")
        first.directory = "/srv"
        first.environment = .init(
            passed: ["TZ"], set: [.init(name: "A", value: "1"), .init(name: "B", value: "2")])
        (first.seccomp, first.writable) = (.none, ["/srv/data"])
        first.limits = .init(processes: 7, openFiles: 16)
        (first.readiness, first.readyWithin) = (.descriptor(4), 120_000)
        first.heartbeat = 10_000
        (first.restart, first.stopSignal, first.stopGrace) = (.always, .quit, 0)
        (first.isRequired, first.after) = (false, ["schema"])
        #expect(profile.services[0] == first)
        #expect(profile.services[1].readiness == .exit && profile.services[1].restart == .never)
        #expect(profile.services[1].writable == [])
        #expect(profile.shutdown.total == 9_000 && profile.shutdown.agent == 500)
    }

    @Test(arguments: [
        ("none", AgentProfile.Readiness.none), ("exit", .exit), ("fd:3", .descriptor(3)),
        ("fd:63", .descriptor(63)), ("port:1", .port(1)), ("port:65535", .port(65_535)),
    ])
    func readiness(text: String, readiness: AgentProfile.Readiness) throws {
        #expect(
            try Self.read(Self.cache + "ready = \"\(text)\"").services[0].readiness == readiness)
    }

    /// A line after the least service, so line 10, and what is said of it.
    @Test(arguments: [
        ("ready = \"fd:2\"", wrongReadiness("fd:2")),
        ("ready = \"fd:64\"", wrongReadiness("fd:64")),
        ("ready = \"fd\"", wrongReadiness("fd")), ("ready = \"exit:1\"", wrongReadiness("exit:1")),
        ("ready = \"port:0\"", wrongReadiness("port:0")), ("ready = \"\"", wrongReadiness("")),
        ("ready = \"port:65536\"", wrongReadiness("port:65536")),
        ("ready = \"port:x\"", wrongReadiness("port:x")),
        ("ready = 3", "service.ready must be a string"),
        ("ready-within = \"5\"", "ready-within \"5\" is not a time: write 500ms, 8s or 2m"),
        ("ready-within = \"-5s\"", "ready-within \"-5s\" is not a time: write 500ms, 8s or 2m"),
        ("ready-within = \"0s\"", "ready-within \"0s\" must be from 1 to 600000 ms"),
        ("stop-grace = \"11m\"", "stop-grace \"11m\" must be from 0 to 600000 ms"),
        ("heartbeat = \"99ms\"", "heartbeat \"99ms\" must be from 100 to 600000 ms"),
        ("heartbeat = \"10s\"", wantingReadiness),
        ("heartbeat = \"10s\"\nready = \"none\"", wantingReadiness),
        ("heartbeat = \"10s\"\nready = \"exit\"", wantingReadiness),
        ("restart = \"maybe\"", "restart \"maybe\" must be one of never, on-failure, always"),
        ("seccomp = \"strict\"", "seccomp \"strict\" must be one of agent, service, none"),
        (
            "stop-signal = \"TERM\"",
            "stop-signal \"TERM\" must be one of SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH"
        ),
        ("processes = 0", "service.processes must be a number from 1 to 32768"),
        ("open-files = \"9\"", "service.open-files must be a number from 16 to 1048576"),
        ("required = 1", "service.required must be true or false"),
        ("after = \"x\"", "service.after must be an array of strings"),
        ("after = [\"cache\"]", "service.after \"cache\" is the service itself: leave it out"),
        ("after = [\"x\"]", "service.after \"x\" is no service: there is no other: leave it out"),
        ("directory = \"srv\"", "directory \"srv\" must be an absolute path without . and .."),
        ("writable = [\"srv\"]", "writable \"srv\" must be an absolute path without . and .."),
        (
            "pass = [\"A B\"]",
            "\"A B\" is not the name of an environment variable: use letters, digits and _"
        ),
        (
            "environment = { A-B = \"1\" }",
            "\"A-B\" is not the name of an environment variable: use letters, digits and _"
        ),
        (
            "user-name = \"x\"",
            "unknown key service.user-name: known here are after, command, directory, environment, heartbeat, name, open-files, pass, processes, ready, ready-within, required, restart, seccomp, stop-grace, stop-signal, user, writable"
        ),
    ])
    func aMistakeHasItsLine(line: String, reason: String) {
        #expect(Self.mistakes(Self.cache + line) == ["p.toml:10: \(reason)"])
    }

    private static let wantingReadiness =
        "service.heartbeat needs a way to show that the service works: add ready = \"fd:NUMBER\" or \"port:NUMBER\""

    private static func wrongReadiness(_ text: String) -> String {
        "ready \"\(text)\" must be none, exit, port:NUMBER, or fd:NUMBER from 3 to 63"
    }

    @Test(arguments: [
        (
            "[[service]]\nname = \"a\"\nuser = \"u\"",
            ["p.toml:6: service.command is empty: name a program and its arguments"]
        ),
        (
            "[[service]]\nname = \"a\"\ncommand = [\"c\"]",
            ["p.toml:6: service.user is missing: a string is needed"]
        ),
        (
            "[[service]]\nname = \"A b\"\ncommand = [\"c\"]\nuser = \"u\"",
            [
                "p.toml:7: service.name \"A b\" must be lower-case letters, digits and '-', at most 32"
            ]
        ),
        (
            "[[service]]\nname = \"resolver\"\ncommand = [\"c\"]\nuser = \"u\"",
            ["p.toml:7: service.name \"resolver\" means something else: choose another"]
        ),
        ("[service]\nname = \"a\"", ["p.toml:6: service must be an array of tables ([[service]])"]),
        (
            cache + "ready = \"exit\"\nrestart = \"always\"",
            [
                "p.toml:11: service.restart \"always\" would start a service that is ready by exit for ever: use never or on-failure"
            ]
        ),
        (
            "[[secret]]\nname = \"KEY\"\n" + cache + "pass = [\"KEY\"]",
            [
                "p.toml:12: service.pass \"KEY\" is a secret, which PID 1 does not keep: mount it as a file for the service"
            ]
        ),
        (
            "[shutdown]\ntotal = \"900ms\"",
            ["p.toml:7: total \"900ms\" must be from 1000 to 600000 ms"]
        ),
        (
            "[shutdown]\ntotal = \"3s\"\nagent = \"4s\"",
            ["p.toml:8: shutdown.agent is longer than shutdown.total: shorten it below 3000 ms"]
        ),
        (
            "[shutdown]\ngrace = \"3s\"",
            ["p.toml:7: unknown key shutdown.grace: known here are agent, total"]
        ),
    ])
    func mistakesOfTables(text: String, mistakes: [String]) {
        #expect(Self.mistakes(text) == mistakes)
    }

    /// Services `a after b` as words, each four lines and the order's, from line 6 on.
    private static func mistakes(inOrder services: [(String, [String])]) -> [String] {
        mistakes(
            services.map { name, after in
                let names = after.map { "\"\($0)\"" }.joined(separator: ", ")
                return
                    "[[service]]\nname = \"\(name)\"\ncommand = [\"c\"]\nuser = \"u\"\nafter = [\(names)]\n"
            }.joined())
    }

    @Test func anOrderThatCanBeKept() {
        #expect(Self.mistakes(inOrder: []) == [])
        #expect(Self.mistakes(inOrder: [("a", ["b", "c"]), ("b", ["c"]), ("c", [])]) == [])
        #expect(Self.mistakes(inOrder: [("a", []), ("b", ["a"]), ("c", ["a", "b"])]) == [])
    }

    @Test func anOrderThatCannotBeKept() {
        #expect(
            Self.mistakes(inOrder: [("a", ["x"]), ("b", [])]) == [
                "p.toml:10: service.after \"x\" is no service: use one of b"
            ])
        #expect(
            Self.mistakes(inOrder: [("a", []), ("a", [])]) == [
                "p.toml:12: service.name \"a\" is taken by a [[service]]: choose another, or leave one out"
            ])
        #expect(
            Self.mistakes(inOrder: [("a", ["b"]), ("b", ["a"])]) == [
                "p.toml:10: services wait for each other: a after b after a: leave one `after` out"
            ])
        // `d` waits for the circle and is none of it; `e` and `f` are one of their own.
        #expect(
            Self.mistakes(inOrder: [
                ("d", ["a"]), ("a", ["b"]), ("b", ["c", "d2"]), ("c", ["a"]), ("d2", []),
                ("e", ["f"]), ("f", ["e"]),
            ]) == [
                "p.toml:15: services wait for each other: a after b after c after a: leave one `after` out",
                "p.toml:35: services wait for each other: e after f after e: leave one `after` out",
            ])
    }

    @Test func moreServicesThanThereMayBe() {
        let names = (0..<33).map { ("s\($0)", [String]()) }
        #expect(Self.mistakes(inOrder: Array(names.prefix(32))) == [])
        #expect(
            Self.mistakes(inOrder: names) == [
                "p.toml:167: there are 33 steps and services: 32 are the most: leave some out"
            ])
    }

    @Test(arguments: [
        ("500ms", 500), ("8s", 8_000), ("2m", 120_000), ("0s", 0), ("", nil), ("s", nil),
        ("8", nil), ("8 s", nil), ("1.5s", nil), ("-1s", nil), ("+1s", nil), ("8h", nil),
        ("9999999999s", nil), ("٣s", nil),
    ])
    func durations(text: String, milliseconds: Int?) {
        #expect(Duration.milliseconds(text) == milliseconds)
    }
}
