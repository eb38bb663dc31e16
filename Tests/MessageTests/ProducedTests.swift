import Linux
import SystemPackage
import TestSupport
import Testing

/// Errors of the catalogue as the program really says them, with the code it really ends with.
@Suite struct ProducedTests {
    /// A command line, and the row that it must say.
    struct Case: CustomTestStringConvertible, Sendable {
        let words: [String]
        let variables: [String]
        let code: CInt
        let row: String

        init(_ words: String, _ code: CInt, _ row: String, variables: [String] = []) {
            self.words = words.split(separator: " ").map(String.init)
            (self.variables, self.code, self.row) = (variables, code, row)
        }

        var testDescription: String { (variables + words).joined(separator: " ") }
    }

    static let absent = "codetainer is not running here: …: run this inside the container"

    static let commands = [
        Case("status", 2, "\(absent); `docker logs` says why one has ended"),
        Case("verify", 2, absent), Case("reload", 2, absent),
        Case("policy suggest", 2, absent), Case("allow api.example.com", 2, absent),
        Case("deny api.example.com", 2, absent), Case("logs", 2, absent),
        Case("upgrade /bin/true", 2, absent),
        Case("health", 1, "codetainer is not running here: run this inside the container"),
        Case("status --nope", 64, "Unknown option '…'"),
        Case("allow", 64, "Missing expected argument '…'"),
        Case("allow a.example b.example", 64, "Unexpected argument '…'"),
        Case("deny a b c", 64, "… unexpected arguments: …"),
        Case("allow a.example --for", 64, "Missing value for '…'"),
        Case("allow a.example --for 10", 64, "--for …: write 30s, 10m, 2h or 1d, at most 365d"),
        Case("allow #", 64, "… is not one rule: give one line of an allowlist"),
        Case("allow *", 64, "\"…\" cannot be a rule: it would open every name: name the domains"),
        Case("allow !x.test", 64, "!… closes a name: say `codetainer deny …`"),
        Case("deny a..b", 64, "\"…\" is not a domain name: a label between dots is empty"),
        Case("logs --since x", 64, "--since …: write 30s, 10m, 2h or 1d, or 2026-11-21T16:31:13Z"),
        Case("policy check /nonexistent", 66, "open …: No such file or directory"),
        Case("profile check /nonexistent", 66, "open …: No such file or directory"),
        Case("profile check /dev/null", 78, "… is missing: a string is needed"),
        Case("profile check /etc/shells", 78, "not TOML: …: see toml.io"),
        Case(
            "policy check /etc/shells", 78,
            "\"…\" is not a domain name: a path is not allowed: write only the host name"),
        Case("credential token", 64, "token needs a host: credential token github.com"),
        Case("credential x", 64, "… must be get, store, erase or token"),
        Case("credential token github.com", 1, "no credential for …: see `status`, credentials"),
        Case("help profile x", 64, "help … takes nothing more: leave out what follows"),
        Case("health --verbos", 64, "health takes nothing more: leave out what follows"),
        Case("help nosuch", 64, "there is no command or topic \"…\": see `codetainer help`"),
        Case("statsu --help", 64, "there is no command or topic \"…\": see `codetainer help`"),
        Case("policy chekc -h", 64, "there is no command or topic \"…\": see `codetainer help`"),
        Case("status --json --format prometheus", 64, "--json and --format …: say one of them"),
        Case(
            "supervise", 64,
            "supervise is what init becomes, not a command to run: use `codetainer init`"),
        Case(
            "init", 64,
            "init without a command, or with --cage, must be PID 1 of a container: make it the image's ENTRYPOINT, without --init"
        ),
        Case("init --", 64, "no command given: end with `-- COMMAND [ARGUMENTS]`"),
        Case(
            "init -z true", 64,
            "unknown option …: put -- before the command, or see codetainer init --help"),
        Case("init -r", 64, "… needs a value, as in … …"),
        Case("init --subreaper=1 true", 64, "…: the option takes no value"),
        Case(
            "init -p x true", 64, "… \"…\" is not a signal: use a name or a number, as in SIGTERM"),
        Case("init -e 300 true", 64, "… \"…\" is not an exit code: use 0 to 255"),
        Case(
            "init -r 1 true", 64,
            "--rewrite \"…\" is not FROM:TO: use names or numbers of signals, as in 15:3, TERM:QUIT, or 15:0 to drop it"
        ),
        Case("init -r KILL:1 true", 64, "--rewrite \"…\": … never comes to init: leave it out"),
        Case(
            "init --user 1 true", 64, "--user, --writable and --publish are for a cage: add --cage"),
        Case(
            "init --cage -s true", 64,
            "--cage boots as PID 1: leave out --parent-death, --subreaper and --warn-reaped"),
        Case(
            "init true", 64, "CODETAINER_SIGNAL \"…\" must be child or group",
            variables: ["CODETAINER_SIGNAL=x"]),
        Case(
            "init -s zzzz", 127,
            "cannot run …: not found in PATH: check the spelling, or give its path"),
        Case(
            "init -s /no/such", 127,
            "cannot run …: there is no such file: check the path, and that the image has it"),
        Case(
            "init -s /etc/passwd", 126,
            "cannot run …: not an executable file, or no permission for it: see ls -l, and chmod +x"
        ),
        Case("confine", 64, "no command: put it after `--`"),
        Case("confine --root a", 64, "unknown option …: see `codetainer confine --help`"),
        Case("confine --uid", 64, "… needs a value"),
        Case("confine --uid 1 a", 64, "--uid and --gid go together: give both"),
        Case("confine --uid x a", 64, "… …: a number from 0 to 4294967294 is needed"),
        Case("confine --seccomp x a", 64, "… …: use one of …"),
        Case(
            "confine --keep-env = a", 64, "--keep-env …: use the name of a variable, or * for all"),
        Case("confine --limit x a", 64, "--limit …: use NAME=NUMBER with one of …"),
        Case("confine --landlock bind=x a", 64, "--landlock …: use a port from 0 to 65535"),
        Case(
            "confine --landlock x a", 64,
            "--landlock …: use write=PATH, use=PATH, read=PATH, execute=PATH, connect=PORT, bind=PORT or scope"
        ),
        Case(
            "confine -- zzzz", 127,
            "…: command not found: check the spelling, PATH, and that the image has it"),
        Case("confine -- /etc/passwd", 126, "…: not an executable file: chmod +x, or name another"),
        Case("confine --directory /no/such -- true", 71, "chdir …: No such file or directory"),
    ]

    static let boots = [
        Case("", 78, "no profile is chosen: set CODETAINER_PROFILE to …"),
        Case(
            "", 78, "cannot read profile …: …: set CODETAINER_PROFILE to …",
            variables: ["CODETAINER_PROFILE=nonesuch"]),
        Case(
            "", 78, "environment: … is not known: use one of …",
            variables: ["CODETAINER_PROFIL=shell"]),
        Case("", 78, "CODETAINER_LOG \"…\" must be human or json", variables: ["CODETAINER_LOG=x"]),
        Case(
            "", 78, "CODETAINER_LOG_LEVEL \"…\" must be … or error",
            variables: ["CODETAINER_LOG_LEVEL=x"]),
    ]

    /// With a profile that is good, and needs a secret; what follows `[agent]` in it comes first.
    static let configurations: [(variable: String, profile: String, row: String)] = [
        ("CODETAINER_EGRESS=x", "", "CODETAINER_EGRESS \"…\" must be enforce or audit"),
        ("CODETAINER_ON_EXIT=x", "", "CODETAINER_ON_EXIT \"…\" must be keep, end or restart"),
        ("CODETAINER_TRAPS=0", "", "CODETAINER_TRAPS \"…\" must be a number from 1 to 60"),
        (
            "CODETAINER_STOP_TIMEOUT=1h", "",
            "CODETAINER_STOP_TIMEOUT \"…\" must be a time from 1s to 10m: …"
        ),
        (
            "CODETAINER_PUBLISH=http", "",
            "port \"…\" cannot be published: write 8080/tcp or 8000-8100/udp"
        ),
        (
            "CODETAINER_ALLOWLIST=/no/such", "",
            "cannot read the allowlist: …: mount it there, or set CODETAINER_ALLOWLIST"
        ),
        ("CODETAINER_ALLOW=a_..b", "", "\"…\" is not a domain name: a label between dots is empty"),
        (
            "CODETAINER_ALLOW=a.example:0", "",
            "\"…\" is not a port: ports are numbers from 1 to 65535, without leading zeros"
        ),
        (
            "CODETAINER_ALLOW=10.1.2.3/8:1", "",
            "\"…\" is not an address range: bits beyond the prefix are set: write \"…\""
        ),
        (
            "CODETAINER_UPSTREAMS=dns.example", "",
            "upstream \"…\" is not the address of a DNS server: name one by its IP address"
        ),
        ("GIT_USER_NAME=a\nb", "", "… contains a control character: give it as one line of text"),
        (
            "REPO_URL=http://h/p", "",
            "REPO_URL must start with https://: the agent's credential goes by https only"
        ),
        (
            "REPO_URL=https://u:p@h/x", "",
            "REPO_URL carries credentials: pass the token as GH_PAT instead"
        ),
        (
            "REPO_URL=https://h", "",
            "REPO_URL needs a host and a path: https://github.com/OWNER/REPO"
        ),
        (
            "REPO_URL=https://h/a b", "",
            "REPO_URL contains a space or a character outside ASCII: write it percent-encoded"
        ),
        ("", "", "secret … is not set: pass it with `docker run -e …` (see README, Secrets)"),
        ("KEY=", "", "secret … is empty: set it in the shell that runs `docker run -e …`"),
        (
            "KEY= x", "",
            "secret … starts or ends with whitespace: remove it, often a line break left by a paste"
        ),
        ("KEY=x y", "", "secret … contains whitespace: copy it again, in one piece"),
        ("KEY=x\u{1}y", "", "secret … contains a control character: copy it again, as plain text"),
        ("KEY=é", "", "secret … contains a character outside ASCII: copy it again, as plain text"),
        ("KEY_FILE=x", "", "…_FILE \"…\" must be an absolute path in the container"),
        ("KEY_FILE=/no/such", "", "secret …: cannot …: mount the file, or set …_FILE"),
        ("", "colour = 1", "unknown key …: known here are …"),
        ("", "prompt = 1", "… must be …"),
        (
            "", "session = \"a.b\"",
            "agent.session \"…\" must be letters, digits, '-' and '_', at most …"
        ),
        ("", "on-exit = \"x\"", "… \"…\" must be one of …"),
        ("", "x =", "not TOML: …: see toml.io"),
        ("", "[[tmpfs]]", "… is missing: a string is needed"),
        ("", "[[tmpfs]]\npath = \"x\"", "… \"…\" must be an absolute path without . and .."),
        ("", "[[tmpfs]]\nsize = \"x\"", "tmpfs.size \"…\" is not a size: write 512M or 1G"),
        ("", "[[tmpfs]]\nmode = \"x\"", "… \"…\" is not a mode: write \"0644\""),
        ("", "[shutdown]\ntotal = \"x\"", "… \"…\" is not a time: write 500ms, 8s or 2m"),
        ("", "[shutdown]\ntotal = \"1ms\"", "… \"…\" must be from … to … ms"),
        ("", "[[step]]\nname = \"x\"", "….command is empty: name a program and its arguments"),
        ("", "[remove]", "[remove] takes nothing away: add `extends`, or leave it out"),
        ("", "[health]\nport = 0", "health.port … is not a TCP port: use 1 to 65535"),
        (
            "", "[[service]]\nname = \"agent\"",
            "….name \"…\" means something else: choose another"
        ),
        (
            "", "[[service]]\nafter = [\"x\"]",
            "service.after \"…\" is no service: there is no other: leave it out"
        ),
    ]

    /// The texts that some run of this suite says.
    static let rows = (commands + boots).map(\.row) + configurations.map(\.row)

    private static let namespaces = [
        "unshare", "--fork", "--kill-child", "--pid", "--mount", "--net", "--mount-proc",
    ]

    private func expect(_ ran: Finished, _ code: CInt, _ text: String) throws {
        #expect(ran.code == code)
        let lines = ran.errors.split(separator: "\n").map(String.init)
        let row = try #require(
            try Catalogue.page().rows.first { $0.text == text && $0.codes.contains(Int(code)) },
            "the catalogue has no such row")
        #expect(lines.contains(where: row.matches), "\(lines)")
    }

    @Test(arguments: commands)
    func aCommandSays(command: Case) throws {
        let ran = try run(
            [try codetainer()] + command.words,
            environment: ["PATH=\(searchPath)"] + command.variables)
        try expect(ran, command.code, command.row)
    }

    @Test(arguments: boots)
    func bootSays(boot: Case) throws {
        let ran = try run(
            Self.namespaces + [try codetainer(), "init"],
            environment: ["PATH=\(searchPath)"] + boot.variables)
        try expect(ran, boot.code, boot.row)
    }

    @Test(arguments: Array(configurations.enumerated()))
    func aConfigurationIsRefused(place: Int, case: (variable: String, profile: String, row: String))
        throws
    {
        let scratch = try Scratch()
        try scratch.write("example.com\n", to: "domains.conf")
        let profile = try scratch.write(
            """
            name = "test"
            [user]
            name = "nobody"
            [[secret]]
            name = "KEY"
            [egress]
            allowlist = ["\(scratch.path)/domains.conf"]
            upstreams = ["192.0.2.1"]
            [agent]
            command = ["true"]
            \(`case`.profile)

            """, to: "profile.toml")
        let ran = try run(
            Self.namespaces + [try codetainer(), "init"],
            environment: [
                "PATH=\(searchPath)", "CODETAINER_PROFILE=\(profile)", `case`.variable,
            ].filter { !$0.isEmpty })
        try withExtendedLifetime(scratch) { try expect(ran, 78, `case`.row) }
    }
}
