import Foundation
import Testing

@testable import Profile

/// Profiles that extend others, in a file system of the test's own.
@Suite struct LineageTests {
    private static let base = """
        name = "base"
        writable = ["/data"]
        [user]
        name = "u"
        [agent]
        command = ["base", "--yes"]
        session = "s"
        prompt = true
        [[secret]]
        name = "A"
        expose = ["A"]
        [[secret]]
        name = "B"
        required = false
        [environment]
        pass = ["TZ"]
        set = { LANG = "C", GOPROXY = "off" }
        [[tmpfs]]
        path = "/tmp"
        size = "1G"
        mode = "1777"
        [[file]]
        path = "/home/u/.rc"
        source = "/etc/rc"
        [egress]
        allow = ["one.example"]
        publish = ["80"]
        [telemetry]
        instance = "I"
        token = "T"
        endpoint = "E"
        attributes = { "fly.app_name" = "APP" }
        [[step]]
        name = "first"
        command = ["f"]
        """

    private static func files(_ others: [String: String]) -> ProfileFiles {
        ProfileFiles { path in
            others[path].map { .found(Array($0.utf8), identity: path) } ?? .absent
        }
    }

    /// A profile in `/p/own.toml` that extends `base` of the image.
    private static func resolve(
        _ own: String, at path: String = "/p/own.toml",
        _ others: [String: String] = ["/etc/codetainer/profiles/base.toml": base]
    ) throws(ProfileIssues) -> ResolvedProfile {
        try ResolvedProfile(
            parsing: Array(own.utf8), file: path, identity: path, files: files(others))
    }

    private static func mistakes(
        _ own: String, at path: String = "/p/own.toml",
        _ others: [String: String] = ["/etc/codetainer/profiles/base.toml": base]
    ) -> [String] {
        do {
            _ = try resolve(own, at: path, others)
            return []
        } catch {
            return error.issues.map(\.description)
        }
    }

    @Test func withNothingOfItsOwnItIsTheOther() throws {
        let resolved = try Self.resolve("extends = \"base\"")
        #expect(resolved.profile == (try AgentProfile(parsing: Self.base, file: "b")))
        #expect(resolved.files == ["/p/own.toml", "/etc/codetainer/profiles/base.toml"])
    }

    /// Each rule of the merge.
    @Test func whatIsItsOwnCounts() throws {
        let profile = try Self.resolve(
            """
            extends = "base"
            name = "own"
            writable = []
            agent = { command = ["own"] }
            environment.set.LANG = "de"
            environment.set.NEW = "1"
            egress = { allow = ["two.example:8443"], publish = ["81/udp"] }
            [[secret]]
            name = "C"
            [[secret]]
            name = "A"
            required = false
            [[tmpfs]]
            path = "/tmp/"
            size = "2G"
            [[file]]
            path = "/home/u/.rc"
            content = "own"
            [[step]]
            name = "second"
            command = ["s"]
            """
        ).profile
        #expect(profile.name == "own" && profile.user == "u" && profile.writable == [])
        #expect(
            profile.agent
                == .init(command: ["own"], takesPrompt: true, session: "s", onExit: .keep))
        #expect(
            profile.secrets == [
                .init(name: "A", isRequired: false), .init(name: "B", isRequired: false),
                .init(name: "C"),
            ])
        #expect(profile.environment.passed == ["TZ"])
        #expect(
            profile.environment.set == [
                .init(name: "GOPROXY", value: "off"), .init(name: "LANG", value: "de"),
                .init(name: "NEW", value: "1"),
            ])
        #expect(profile.tmpfs == [.init(path: "/tmp/", size: 2 << 30)])
        #expect(profile.files == [.init(path: "/home/u/.rc", contents: .text("own"))])
        #expect(profile.egress.allowed == ["one.example", "two.example:8443"])
        #expect(profile.egress.published == ["81/udp"])
        #expect(profile.services.map(\.name) == ["first", "second"])
        #expect(profile.services[1].after == ["first"] && profile.telemetry?.token == "T")
    }

    /// As of any other array, nothing of the inherited one is left beside an empty one.
    @Test func noRulesAreNone() throws {
        func allowed(_ own: String) throws -> [String] {
            try Self.resolve("extends = \"base\"\n" + own).profile.egress.allowed
        }
        #expect(try allowed("egress.allow = []") == [])
        #expect(try allowed("egress.publish = []") == ["one.example"])
        #expect(try allowed("egress.allow = [\"a.example\"]") == ["one.example", "a.example"])
    }

    @Test func whatItRemovesIsGone() throws {
        let profile = try Self.resolve(
            """
            extends = "base"
            [remove]
            secret = ["B"]
            file = ["/home//u/.rc"]
            tmpfs = ["/tmp"]
            step = ["first"]
            keys = ["telemetry.attributes.\\"fly.app_name\\"", "environment.pass", "agent.session", "egress"]
            [[file]]
            path = "/home/u/.other"
            content = ""
            """
        ).profile
        #expect(profile.secrets.map(\.name) == ["A"] && profile.tmpfs.isEmpty)
        #expect(profile.files.map(\.path) == ["/home/u/.other"] && profile.services.isEmpty)
        #expect(profile.telemetry?.attributes == [] && profile.environment.passed == [])
        #expect(profile.agent.session == "base" && profile.egress == .init())
        // A word for all of a kind.
        #expect(try Self.resolve("extends = \"base\"\nsecret = []").profile.secrets == [])
    }

    @Test func aHeadlessOneHasNoSessionOfTheOther() throws {
        let own = "extends = \"base\"\n[agent]\nheadless = true\n"
        let profile = try Self.resolve(own).profile
        #expect(profile.agent.isHeadless && profile.agent.onExit == .end)
        #expect(
            Self.mistakes(own + "session = \"x\"") == [
                "/p/own.toml:4: agent.session: a headless agent has none: leave it out"
            ])
    }

    @Test(arguments: [
        // Beside it first, then the operator's, then the image's own.
        (["/p/base.toml", "/etc/codetainer/profiles/base.toml"], "/p/base.toml"),
        (
            [
                "/etc/codetainer/profiles/base.toml",
                "/usr/local/share/codetainer/profiles/base.toml",
            ], "/etc/codetainer/profiles/base.toml"
        ),
        (
            ["/usr/local/share/codetainer/profiles/base.toml"],
            "/usr/local/share/codetainer/profiles/base.toml"
        ),
    ])
    func aNameIsLookedFor(there: [String], taken: String) throws {
        let others = Dictionary(uniqueKeysWithValues: there.map { ($0, Self.base) })
        #expect(try Self.resolve("extends = \"base\"", others).files == ["/p/own.toml", taken])
    }

    /// Mounted over the image's, it may extend what it hides.
    @Test func oneThatShadowsMayExtendTheShadowed() throws {
        let own = "/etc/codetainer/profiles/base.toml"
        let shipped = "/usr/local/share/codetainer/profiles/base.toml"
        let resolved = try Self.resolve(
            "extends = \"base\"\nname = \"mine\"", at: own,
            [
                own: "extends = \"base\"\nname = \"mine\"", shipped: Self.base,
            ])
        #expect(resolved.files == [own, shipped] && resolved.profile.name == "mine")
        #expect(
            Self.mistakes("extends = \"base\"", at: own, [own: "extends = \"base\""]) == [
                "\(own):1: extends \"base\" leads back to \(own): leave one `extends` out"
            ])
    }

    @Test func circlesAndLongLinesEnd() {
        let circle = ["/p/a.toml": "extends = \"b\"", "/p/b.toml": "extends = \"/p/own.toml\""]
        #expect(
            Self.mistakes(
                "extends = \"a\"", circle.merging(["/p/own.toml": ""]) { $1 }) == [
                    "/p/b.toml:1: extends \"/p/own.toml\" leads back to /p/own.toml: leave one `extends` out"
                ])
        var long: [String: String] = [:]
        for number in 1...20 { long["/p/\(number).toml"] = "extends = \"\(number + 1)\"" }
        #expect(
            Self.mistakes("extends = \"1\"", long) == [
                "/p/7.toml:1: extends \"8\": more than 8 profiles extend one another: leave some out"
            ])
        long["/p/7.toml"] = Self.base
        #expect(Self.mistakes("extends = \"1\"", long) == [])
    }

    private static let noName =
        "must be the name of a profile or an absolute path without . and .."

    @Test(arguments: [
        ("5", "extends must be a string"), ("\"\"", "extends \"\" \(noName)"),
        ("\"../x\"", "extends \"../x\" \(noName)"), ("\"x/y\"", "extends \"x/y\" \(noName)"),
        ("\"/p/../x\"", "extends \"/p/../x\" \(noName)"), ("\".x\"", "extends \".x\" \(noName)"),
        ("\"a b\"", "extends \"a b\" \(noName)"), ("\"a\\u0000\"", "extends \"a\\u{0}\" \(noName)"),
        (
            "\"none\"",
            "extends \"none\" is no profile: there is no /p/none.toml, /etc/codetainer/profiles/none.toml, /usr/local/share/codetainer/profiles/none.toml: see `ls /etc/codetainer/profiles`"
        ),
        (
            "\"/none\"",
            "extends \"/none\" is no profile: there is no /none: see `ls /etc/codetainer/profiles`"
        ),
    ])
    func whatCannotBeExtended(value: String, reason: String) {
        #expect(
            Self.mistakes("# own\nextends = \(value)\nname = 'x'").first
                == "/p/own.toml:2: \(reason)")
    }

    @Test func whatCannotBeReadIsSaid() {
        let files = ProfileFiles { _ in .unreadable("open: Is a directory") }
        let error = #expect(throws: ProfileIssues.self) {
            try ResolvedProfile(
                parsing: Array("extends = \"/d\"".utf8), file: "own.toml", files: files)
        }
        #expect(
            error?.description
                == "own.toml:1: extends \"/d\" cannot be read: open: Is a directory: give the path of a profile"
        )
    }

    @Test func whatReplacesAnotherIsThereOnce() {
        let base = [
            "/p/base.toml":
                "name = \"b\"\n[user]\nname = \"u\"\n[agent]\ncommand = [\"c\"]\n[[secret]]\nname = \"A\"\n"
        ]
        let own = "extends = \"base\"\n[[secret]]\nname = \"A\"\nrequired = false\n"
        #expect(Self.mistakes(own, base) == [])
        #expect(
            Self.mistakes(own + "[[secret]]\nname = \"A\"\n", base) == [
                "/p/own.toml:6: secret.name \"A\" is taken by a [[secret]]: choose another, or leave one out"
            ])
    }

    /// Mistakes of all files at once, each with its own place, the profile's first.
    @Test func everyMistakeHasItsFileAndLine() {
        let others = [
            "/p/a.toml": "extends = \"b\"\n[agent]\nprompt = 1\n[user]\ncolour = 1\n",
            "/p/b.toml":
                "name = \"b\"\n[user]\nname = \"u\"\n[agent]\ncommand = []\n[[tmpfs]]\npath = \"x\"\nsize = \"1\"\n",
        ]
        #expect(
            Self.mistakes(
                "extends = \"a\"\n[agent]\non-exit = \"no\"\n[[tmpfs]]\nsize = \"1G\"\n[remove]\nsecret = [\n\"Z\"]\nkeys = [\"a b\", \"user.name\"]\nkey = 1",
                others) == [
                    "/p/own.toml:3: on-exit \"no\" must be one of keep, end, restart",
                    "/p/own.toml:4: tmpfs.path is missing: a string is needed",
                    "/p/own.toml:8: remove.secret \"Z\" is not inherited: check the spelling, or leave it out",
                    "/p/own.toml:9: remove.keys \"a b\" is not inherited: write it as in \"environment.set.TZ\"",
                    "/p/own.toml:10: unknown key remove.key: known here are file, keys, link, secret, service, setting, step, tmpfs",
                    "/p/a.toml:3: agent.prompt must be true or false",
                    "/p/a.toml:4: user.name is missing: a string is needed",
                    "/p/a.toml:5: unknown key user.colour: known here are name",
                    "/p/b.toml:5: agent.command is empty: name a program and its arguments",
                    "/p/b.toml:7: path \"x\" must be an absolute path without . and ..",
                    "/p/b.toml:8: tmpfs.size \"1\" is not a size: write 512M or 1G",
                ])
    }

    @Test func whatIsNoTOMLIsSaidOfEachFile() {
        #expect(
            Self.mistakes("extends = \"a\"\n[[", ["/p/a.toml": "x"]) == [
                "/p/own.toml:2: not TOML: the end of the file is not a key: quote it as in \"a b\": see toml.io"
            ])
        #expect(
            Self.mistakes("extends = \"a\"", ["/p/a.toml": "x\n[[\n"]).map { $0.prefix(13) } == [
                "/p/a.toml:1: ", "/p/a.toml:2: ",
            ])
    }

    /// What can be said without the rest is said, and nothing of what the rest may have.
    @Test func whatIsReadIsLookedAtThoughTheRestIsNot() {
        let own =
            "extends = \"a\"\ncolour = 1\n[agent]\nprompt = 1\n[remove]\nsecret = [\"A\"]\n[[tmpfs]]\npath = \"x\"\n[[service]]\nname = \"s\"\nafter = [\"t\"]\n"
        let ownMistakes = [
            "/p/own.toml:2: \(Self.unknown)", "/p/own.toml:4: agent.prompt must be true or false",
            "/p/own.toml:7: tmpfs.size is missing: a string is needed",
            "/p/own.toml:8: path \"x\" must be an absolute path without . and ..",
            "/p/own.toml:9: service.command is empty: name a program and its arguments",
            "/p/own.toml:9: service.user is missing: a string is needed",
        ]
        for others in [["/p/a.toml": "x"], [:]] {
            let said = Self.mistakes(own, others)
            for mistake in ownMistakes {
                #expect(said.contains { $0.hasPrefix(mistake) }, "\(said)")
            }
            #expect(said.count == 7, "\(said)")
        }
    }

    private static let unknown = "unknown key colour: known here are "

    @Test func nothingIsRemovedFromNothing() {
        #expect(
            Self.mistakes(Self.base + "\n[remove]\nsecret = [\"A\"]") == [
                "/p/own.toml:36: [remove] takes nothing away: add `extends`, or leave it out"
            ])
        #expect(
            Self.mistakes("remove = 1\n" + Self.base) == ["/p/own.toml:1: remove must be a table"])
    }

    /// The listing is a profile of its own that says the same.
    @Test func theListingReadsAsTheSame() throws {
        let resolved = try Self.resolve(
            "extends = \"base\"\n[[file]]\npath = \"/x\"\ncontent = '''\n\"a\"\\b\n'''\n")
        let text = resolved.text(origins: false)
        #expect(!text.contains("extends"))
        #expect(try AgentProfile(parsing: text, file: "l") == resolved.profile)
        let withOrigins = resolved.text(origins: true)
        #expect(withOrigins.hasPrefix("name = \"base\"  # /etc/codetainer/profiles/base.toml:1\n"))
        #expect(withOrigins.contains("path = \"/x\"  # /p/own.toml:3\n"))
        #expect(try AgentProfile(parsing: withOrigins, file: "l") == resolved.profile)
    }

    /// Rules that come from several files have a line and a file each.
    @Test func eachRuleHasItsOrigin() throws {
        let resolved = try Self.resolve(
            "extends = \"base\"\n[egress]\nallow = [\"a.example\", \"b.example\"]\n")
        let text = resolved.text(origins: true)
        let number = try #require(
            Self.base.split(separator: "\n", omittingEmptySubsequences: false)
                .firstIndex { $0.hasPrefix("allow = ") })
        #expect(
            text.contains(
                """
                allow = [
                    "one.example",  # /etc/codetainer/profiles/base.toml:\(number + 1)
                    "a.example",  # /p/own.toml:3
                    "b.example",  # /p/own.toml:3
                ]
                publish = ["80"]  # /etc/codetainer/profiles/base.toml:\(number + 2)

                """))
        #expect(try AgentProfile(parsing: text, file: "l") == resolved.profile)
        #expect(
            resolved.text(origins: false).contains(
                "allow = [\"one.example\", \"a.example\", \"b.example\"]\n"))
    }
}
