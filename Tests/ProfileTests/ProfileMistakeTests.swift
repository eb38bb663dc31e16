import Testing

@testable import Profile

@Suite struct ProfileMistakeTests {
    /// The least that a profile must say, on lines 1 to 5; tests append to it.
    private static let least = """
        name = "shell"
        [user]
        name = "claude"
        [agent]
        command = ["bash"]

        """

    private static func mistakes(_ text: String) -> [String] {
        do {
            _ = try AgentProfile(parsing: text, file: "p.toml")
            return []
        } catch {
            return error.issues.map(\.description)
        }
    }

    @Test func theLeastIsEnough() throws {
        let profile = try AgentProfile(parsing: Self.least, file: "p.toml")
        #expect(
            profile
                == AgentProfile(
                    name: "shell", user: "claude", agent: .init(command: ["bash"], session: "shell")
                ))
        #expect(profile.egress.allowlists == ["/opt/network/domains.conf"])
        #expect(profile.workspace.repository == "/workspace/repo")
    }

    @Test func aHeadlessAgentEndsItsContainer() throws {
        let text = Self.least + "headless = true\n"
        let profile = try AgentProfile(parsing: text, file: "p.toml")
        #expect(profile.agent.isHeadless && profile.agent.onExit == .end)
        let kept = try AgentProfile(parsing: text + "on-exit = \"keep\"", file: "p.toml")
        #expect(kept.agent.onExit == .keep)
        #expect(try AgentProfile(parsing: Self.least, file: "p.toml").agent.onExit == .keep)
        #expect(!profile.agent.isService)
        let service = try AgentProfile(parsing: text + "service = true", file: "p.toml")
        #expect(service.agent.isService)
    }

    /// What is appended to the least profile, from line 6 on, and what is said about it.
    @Test(arguments: [
        ("prompt = \"yes\"", ["p.toml:6: agent.prompt must be true or false"]),
        ("session = 5", ["p.toml:6: agent.session must be a string"]),
        ("headless = 1", ["p.toml:6: agent.headless must be true or false"]),
        (
            "headless = true\nsession = \"a\"",
            ["p.toml:7: agent.session: a headless agent has none: leave it out"]
        ),
        (
            "service = true",
            [
                "p.toml:6: agent.service: an agent with a session is none: add `headless = true`, or leave it out"
            ]
        ),
        (
            "session = \"a.b\"",
            ["p.toml:6: agent.session \"a.b\" must be letters, digits, '-' and '_', at most 64"]
        ),
        (
            "session = \"#(id)\"",
            ["p.toml:6: agent.session \"#(id)\" must be letters, digits, '-' and '_', at most 64"]
        ),
        (
            "session = \"a\\nb\"",
            ["p.toml:6: agent.session \"a?b\" must be letters, digits, '-' and '_', at most 64"]
        ),
        (
            "[environment.set]\nA = \"a\\u0000b\"",
            ["p.toml:7: environment.set.A contains a NUL: take it out"]
        ),
        (
            "[[secret]]\nname = \"A\"\nexpose = [\"A\", \"B\\u0000\"]",
            [
                "p.toml:8: secret.expose contains a NUL: take it out",
                "p.toml:8: \"B\\u{0}\" is not the name of an environment variable: use letters, digits and _",
            ]
        ),
        (
            "[[secret]]\nname = \"A\"\ncredential = { host = \"a.test\", username = \"a\\nhost=b\" }",
            ["p.toml:8: credential.username must be printable ASCII without a space"]
        ),
        (
            "[[setting]]\nname = \"N\"\ntype = \"number\"\nminimum = 10\nmaximum = 20\ndefault = \"1\"",
            [
                "p.toml:11: setting.default: N \"1\" must be a whole number from 10 to 20: correct it, or leave it out"
            ]
        ),
        (
            "[[setting]]\nname = \"N\"\ntype = \"number\"\nminimum = 10\nmaximum = 1",
            [
                "p.toml:9: setting.minimum 10 is more than setting.maximum 1: use one that is not"
            ]
        ),
        (
            "[[setting]]\nname = \"N\"\ntype = \"file\"\ndefault = \"relative\"",
            [
                "p.toml:9: setting.default: N \"relative\" must be the absolute path of a file: correct it, or leave it out"
            ]
        ),
        (
            "on-exit = \"stop\"", ["p.toml:6: on-exit \"stop\" must be one of keep, end, restart"]
        ),
        (
            "comand = []",
            [
                "p.toml:6: unknown key agent.comand: known here are allow-user-namespaces, command, headless, on-exit, prompt, service, session"
            ]
        ),
        (
            "[network]",
            [
                "p.toml:6: unknown key network: known here are agent, egress, environment, expect, extends, file, health, licence, link, metrics, name, remove, sealed, secret, service, setting, shutdown, step, telemetry, tmpfs, user, workspace, writable"
            ]
        ),
        ("[health]\nport = 0", ["p.toml:7: health.port 0 is not a TCP port: use 1 to 65535"]),
        (
            "[health]\nport = 65536",
            ["p.toml:7: health.port 65536 is not a TCP port: use 1 to 65535"]
        ),
        (
            "[health]\nport = \"80\"",
            ["p.toml:7: health.port \"80\" must be the name of a [[setting]] with type \"port\""]
        ),
        ("[metrics]\nport = 0", ["p.toml:7: metrics.port 0 is not a TCP port: use 1 to 65535"]),
        ("[metrics]\nport = 53", ["p.toml:7: metrics.port 53 is the resolver's: choose another"]),
        ("[metrics]\nport = \"80\"", ["p.toml:7: metrics.port must be a whole number"]),
        ("[metrics]\nports = 1", ["p.toml:7: unknown key metrics.ports: known here are port"]),
        ("[health]\nports = 1", ["p.toml:7: unknown key health.ports: known here are port"]),
        ("[[agents]]\nname = \"x\"", ["p.toml:6: \(unknownTop("agents"))"]),
        ("[secret]\nname = \"A\"", ["p.toml:6: secret must be an array of tables ([[secret]])"]),
        ("[[secret]]", ["p.toml:6: secret.name is missing: a string is needed"]),
        (
            "[[secret]]\nname = \"1A\"",
            [
                "p.toml:7: \"1A\" is not the name of an environment variable: use letters, digits and _"
            ]
        ),
        (
            "[[secret]]\nname = \"A\"\nexpose = [\"A\", \"A-B\"]",
            [
                "p.toml:8: \"A-B\" is not the name of an environment variable: use letters, digits and _"
            ]
        ),
        (
            "[[secret]]\nname = \"A\"\nexpose = [\"A\", 1]",
            ["p.toml:8: secret.expose[1] must be a string"]
        ),
        (
            "[[secret]]\nname = \"A\"\nrequired = 1",
            ["p.toml:8: secret.required must be true or false"]
        ),
        // Inside an inline table there is no line of its own: that of the table.
        (
            "[[secret]]\nname = \"A\"\ncredential = { host = \"h\", user = \"u\" }",
            [
                "p.toml:8: secret.credential.username is missing: a string is needed",
                "p.toml:8: unknown key secret.credential.user: known here are host, username",
            ]
        ),
        (
            "[[secret]]\nname = \"A\"\n\n[[secret]]\nname = \"B\"\nnmae = \"C\"",
            [
                "p.toml:11: unknown key secret.nmae: known here are credential, expose, name, required"
            ]
        ),
        (
            "[[secret]]\nname = \"A\"\n[secret.credential]\nhost = 5\nusername = \"u\"",
            ["p.toml:9: secret.credential.host must be a string"]
        ),
        (
            "[environment]\npass = \"TZ\"",
            ["p.toml:7: environment.pass must be an array of strings"]
        ),
        (
            "[environment]\npass = [\"A B\"]",
            [
                "p.toml:7: \"A B\" is not the name of an environment variable: use letters, digits and _"
            ]
        ),
        ("[environment.set]\nA = 1", ["p.toml:7: environment.set.A must be a string"]),
        (
            "[environment]\npass = [\"TZ\"]\n[environment.set]\nA = \"1\"\nA-B = \"1\"",
            [
                "p.toml:10: \"A-B\" is not the name of an environment variable: use letters, digits and _"
            ]
        ),
        (
            "[[tmpfs]]\npath = \"/a\"\nsize = \"1M\"\n[environment]\nwritable = [\"/x\"]",
            ["p.toml:10: unknown key environment.writable: known here are pass, secrets, set"]
        ),
        (
            "[expect]\nlimits = [\"cpu\", \"disk\"]",
            ["p.toml:7: limits \"disk\" must be one of memory, cpu, pids"]
        ),
        (
            "[expect]\nread-only = [\"keys\"]",
            ["p.toml:7: read-only \"keys\" must be an absolute path without . and .."]
        ),
        (
            "[[tmpfs]]\npath = \"relative\"\nsize = \"1G\"",
            ["p.toml:7: path \"relative\" must be an absolute path without . and .."]
        ),
        (
            "[[tmpfs]]\npath = \"/a/../b\"\nsize = \"1G\"",
            ["p.toml:7: path \"/a/../b\" must be an absolute path without . and .."]
        ),
        (
            "[[tmpfs]]\npath = \"/a\"\nsize = \"1\"",
            ["p.toml:8: tmpfs.size \"1\" is not a size: write 512M or 1G"]
        ),
        (
            "[[tmpfs]]\npath = \"/a\"\nsize = \"0M\"\nowner = \"me\"\nmode = \"999\"",
            [
                "p.toml:8: tmpfs.size \"0M\" is not a size: write 512M or 1G",
                "p.toml:9: owner \"me\" must be one of root, agent",
                "p.toml:10: mode \"999\" is not a mode: write \"0644\"",
            ]
        ),
        (
            "[[tmpfs]]\npath = \"/a\"\nsize = \"1M\"\nmode = \"4755\"",
            ["p.toml:9: mode \"4755\" is not a mode: write \"0644\""]
        ),
        (
            "[[tmpfs]]\npath = \"/a\"\nsize = \"+5M\"\nmode = \"+755\"",
            [
                "p.toml:8: tmpfs.size \"+5M\" is not a size: write 512M or 1G",
                "p.toml:9: mode \"+755\" is not a mode: write \"0644\"",
            ]
        ),
        (
            "[[link]]\npath = \"/\"\ntarget = \"/a\"",
            ["p.toml:7: path \"/\" is the root: name what is below it"]
        ),
        (
            "[[file]]\npath = \"//\"\ncontent = \"\"",
            ["p.toml:7: path \"//\" is the root: name what is below it"]
        ),
        (
            "[[link]]\npath = \"/a\"",
            ["p.toml:6: link.target is missing: a string is needed"]
        ),
        (
            "[[file]]\npath = \"/a\"",
            ["p.toml:7: [[file]] /a: give either `content` or `source`"]
        ),
        (
            "[[file]]\npath = \"/a\"\ncontent = \"\"\nsource = \"/b\"",
            ["p.toml:7: [[file]] /a: give either `content` or `source`"]
        ),
        (
            "[[file]]\npath = \"/a\"\nsource = 5",
            ["p.toml:8: file.source must be a string"]
        ),
        ("[egress]\npublish = [8080]", ["p.toml:7: egress.publish[0] must be a string"]),
        (
            "[workspace]\npath = \"here\"\ntracks-upstream = \"yes\"",
            [
                "p.toml:7: path \"here\" must be an absolute path without . and ..",
                "p.toml:8: workspace.tracks-upstream must be true or false",
            ]
        ),
        (
            "[workspace]\nrepo = \"/w\"",
            [
                "p.toml:7: unknown key workspace.repo: known here are path, repository, ssh, tracks-upstream"
            ]
        ),
    ])
    func isFound(appended: String, mistakes: [String]) {
        #expect(Self.mistakes(Self.least + appended) == mistakes)
    }

    @Test(arguments: [
        ("/", "must be a directory below the root"),
        ("//", "must be a directory below the root"),
        ("/proc", "is the kernel's: name another"), ("/proc/", "is the kernel's: name another"),
        ("/proc/sys/x", "is the kernel's: name another"), ("/sys", "is the kernel's: name another"),
        ("//sys/fs/cgroup", "is the kernel's: name another"),
        ("/dev", "is the kernel's: name another"), ("/dev/shm", nil), ("/run", nil),
        ("/process", nil), ("/srv/proc", nil),
    ])
    func aFileSystemHidesNothingOfTheKernels(path: String, reason: String?) {
        let said = Self.mistakes(Self.least + "[[tmpfs]]\npath = \"\(path)\"\nsize = \"1M\"")
        #expect(said == (reason.map { ["p.toml:7: path \"\(path)\" \($0)"] } ?? []))
    }

    /// Two entries of the least profile, and what is said of the second.
    @Test(arguments: [
        (
            "[[secret]]\nname = \"A\"", "[[secret]]\nname = \"A\"",
            "secret.name \"A\" is taken by a [[secret]]"
        ),
        (
            "[[setting]]\nname = \"A\"", "[[setting]]\nname = \"A\"",
            "setting.name \"A\" is taken by a [[setting]]"
        ),
        (
            "[[secret]]\nname = \"A\"", "[[setting]]\nname = \"A\"",
            "setting.name \"A\" is taken by a [[secret]]"
        ),
        (
            "[[tmpfs]]\npath = \"/a/b\"\nsize = \"1M\"",
            "[[tmpfs]]\npath = \"//a/b/\"\nsize = \"1M\"",
            "tmpfs.path \"//a/b/\" is taken by a [[tmpfs]]"
        ),
        (
            "[[file]]\npath = \"/a\"\ncontent = \"\"", "[[file]]\npath = \"/a\"\nsource = \"/b\"",
            "file.path \"/a\" is taken by a [[file]]"
        ),
        (
            "[[link]]\npath = \"/a\"\ntarget = \"/b\"", "[[link]]\npath = \"/a/\"\ntarget = \"/c\"",
            "link.path \"/a/\" is taken by a [[link]]"
        ),
    ])
    func aNameIsTakenOnce(first: String, second: String, reason: String) {
        let line = 7 + first.split(separator: "\n").count
        #expect(
            Self.mistakes(Self.least + first + "\n" + second)
                == ["p.toml:\(line): \(reason): choose another, or leave one out"])
    }

    @Test func otherNamesAndOtherKindsAreFree() {
        let entries =
            "[[secret]]\nname = \"A\"\n[[setting]]\nname = \"B\"\n[[link]]\npath = \"/a\"\ntarget = \"/b\"\n"
            + "[[link]]\npath = \"/a/b\"\ntarget = \"/b\"\n[[step]]\nname = \"a\"\ncommand = [\"c\"]\n"
        #expect(Self.mistakes(Self.least + entries) == [])
    }

    private static func unknownTop(_ key: String) -> String {
        "unknown key \(key): known here are agent, egress, environment, expect, extends, file, health, licence, link, metrics, name, remove, sealed, secret, service, setting, shutdown, step, telemetry, tmpfs, user, workspace, writable"
    }

    @Test func everythingThatIsMissing() {
        #expect(
            Self.mistakes("") == [
                "p.toml: name is missing: a string is needed",
                "p.toml: the table [user] with `name` is missing: add it",
                "p.toml: the table [agent] with `command` is missing: add it",
            ])
        #expect(
            Self.mistakes("name = \"\"\n[user]\n[agent]\ncommand = [\"\"]") == [
                "p.toml:2: user.name is missing: a string is needed",
                "p.toml:3: agent.session \"\" must be letters, digits, '-' and '_', at most 64",
                "p.toml:4: agent.command is empty: name a program and its arguments",
            ])
    }

    /// Paths of volumes that stay writable, and what is said about them.
    @Test(arguments: [
        ("[]", []), ("[\"/data\", \"/var/cache/x\"]", []),
        ("\"/data\"", ["p.toml:1: writable must be an array of strings"]),
        ("[\"data\"]", ["p.toml:1: writable \"data\" must be an absolute path without . and .."]),
        (
            "[\"/a/../b\"]",
            ["p.toml:1: writable \"/a/../b\" must be an absolute path without . and .."]
        ),
        ("[\"\"]", ["p.toml:1: writable \"\" must be an absolute path without . and .."]),
        ("[\"/\"]", ["p.toml:1: writable \"/\" must be a directory below the root"]),
    ])
    func writableVolumes(value: String, mistakes: [String]) {
        #expect(Self.mistakes("writable = \(value)\n" + Self.least) == mistakes)
    }

    @Test func severalAtOnceInTheOrderOfTheirLines() {
        let text = """
            colour = "blue"
            name = 5
            [user]
            name = "claude"
            uid = 1000
            [agent]
            command = []
            [[tmpfs]]
            size = "1T"
            """
        #expect(
            Self.mistakes(text) == [
                "p.toml:1: \(Self.unknownTop("colour"))", "p.toml:2: name must be a string",
                "p.toml:5: unknown key user.uid: known here are name",
                // The session's name is the profile's, which is missing.
                "p.toml:6: agent.session \"\" must be letters, digits, '-' and '_', at most 64",
                "p.toml:7: agent.command is empty: name a program and its arguments",
                "p.toml:8: tmpfs.path is missing: a string is needed",
                "p.toml:9: tmpfs.size \"1T\" is not a size: write 512M or 1G",
            ])
    }

    /// What looks like TOML inside a string is not.
    @Test(arguments: ["\"\"\"", "'''"])
    func afterAMultiLineString(quotes: String) {
        let text =
            Self.least + """
                [[file]]
                path = "/a"
                content = \(quotes)
                [workspace]
                nmae = "inside"
                \(quotes)
                nmae = "outside"

                """
        #expect(
            Self.mistakes(text) == [
                "p.toml:12: unknown key file.nmae: known here are content, mode, owner, path, required, source"
            ])
    }

    @Test func linesMayEndAsOnWindows() {
        let text = (Self.least + "prompt = 5\n").split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .joined(separator: "\r\n")
        #expect(Self.mistakes(text) == ["p.toml:6: agent.prompt must be true or false"])
    }

    @Test(arguments: [
        ("name = \n", 1), ("name = \"a\"\nname = \"b\"\n", 2), ("\n\n[user\n", 3), ("a = b", 1),
    ])
    func whatIsNotTOMLHasItsLine(text: String, line: Int) {
        let error = #expect(throws: ProfileIssues.self) {
            try AgentProfile(parsing: text, file: "p.toml")
        }
        #expect(error?.issues.count == 1 && error?.issues.first?.line == line)
        #expect(error?.issues.first?.reason.hasPrefix("not TOML: ") == true)
    }

    @Test func describesThemOneALine() {
        let error = #expect(throws: ProfileIssues.self) {
            try AgentProfile(parsing: "", file: "p.toml")
        }
        #expect(error?.description.split(separator: "\n").count == 3)
    }
}
