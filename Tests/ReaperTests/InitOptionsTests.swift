import Linux
import Reaper
import Testing

@Suite struct InitOptionsTests {
    private func parse(_ line: String, _ variables: [String: String] = [:]) throws -> InitOptions {
        try InitOptions(parsing: line.split(separator: " ").map(String.init)) { variables[$0] }
    }

    /// Options end at `--` or at the first word that is none; what follows is the command's.
    @Test(arguments: [
        ("-- true", 1), ("true", 0), ("-g -- -x", 2), ("--group ls -g --rewrite", 1),
        ("-- --", 1), ("-e 1 -e2 --expect-exit=3 --expect-exit 4 -- true", 7), ("- x", 0),
        ("-vvg -- true", 2), ("--cage -- sh -c exit", 2),
    ])
    func findsTheCommand(line: String, start: Int) throws {
        #expect(try parse(line).commandStart == start)
    }

    @Test func takesEveryOption() throws {
        let options = try parse(
            "--cage -g -s -w -vv -r 15:3 --rewrite=HUP:SIGRTMIN+1 -r int:0 -e 143 -p SIGKILL true")
        #expect(options.isCage && options.isSubreaper && options.namesReaped)
        #expect(options.recipient == .group && options.verbosity == 3)
        #expect(options.expectedCodes == [143] && options.parentDeath == .kill)
        #expect(options.rewrites[15] == 3 && options.rewrites[1] == 35)
        #expect(options.rewrites[2] == 0 && options.rewrites[3] == nil)
        let none = try parse("true")
        #expect(!none.isCage && !none.isSubreaper && none.recipient == .command)
        #expect(none.verbosity == 1 && none.expectedCodes.isEmpty && none.parentDeath == nil)
        let caged = try parse(
            "--cage --user 5:6 --writable /a --writable=/b --publish 80/tcp true")
        #expect(caged.user == "5:6" && caged.writable == ["/a", "/b"])
        #expect(caged.published == ["80/tcp"])
        #expect(try parse("-s --help").wantsHelp)
        #expect(try parse("--version").wantsVersion && parse("-V").wantsVersion)
        #expect(try !parse("ls --version").wantsVersion)
        #expect(try !parse("ls --help").wantsHelp)
    }

    @Test(arguments: [
        ("--user 5 true", "add --cage"), ("--writable /a true", "add --cage"),
        ("-g", "no command given"), ("--", "no command given"), ("--cage", "no command given"),
        ("-z true", "unknown option -z"), ("--grope true", "unknown option --grope"),
        ("--group=yes true", "takes no value"), ("-e", "needs a value"),
        ("-e 256 true", "not an exit code"), ("-e -1 true", "not an exit code"),
        ("-e x true", "not an exit code"), ("-p SIGNONE true", "not a signal"),
        ("-p 0 true", "not a signal"), ("-p 65 true", "not a signal"),
        ("-r 15 true", "not FROM:TO"), ("-r 15:3:1 true", "not FROM:TO"),
        ("-r :3 true", "not FROM:TO"), ("-r 0:3 true", "not FROM:TO"),
        ("-r 9:3 true", "never comes"), ("-r CHLD:3 true", "never comes"),
    ])
    func refuses(line: String, reason: String) {
        let error = #expect(throws: UsageError.self) { try parse(line) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test(arguments: [
        (["TINI_KILL_PROCESS_GROUP": ""], InitOptions.Recipient.group),
        (["DUMB_INIT_SETSID": "1"], .group), (["DUMB_INIT_SETSID": "0"], .command),
        (["CODETAINER_SIGNAL": "group"], .group),
        (["CODETAINER_SIGNAL": "child", "TINI_KILL_PROCESS_GROUP": ""], .command),
        (["CODETAINER_SIGNAL": ""], .command),
    ])
    func theEnvironmentNamesTheRecipient(
        variables: [String: String], recipient: InitOptions.Recipient
    ) throws {
        #expect(try parse("true", variables).recipient == recipient)
        #expect(try parse("-g true", variables).recipient == .group)
        #expect(try parse("-c true", variables).recipient == .command)
    }

    @Test func theEnvironmentOfOthersIsUnderstood() throws {
        #expect(try parse("true", ["TINI_SUBREAPER": ""]).isSubreaper)
        #expect(try parse("true", ["TINI_VERBOSITY": "0"]).verbosity == 0)
        #expect(try parse("-v true", ["TINI_VERBOSITY": "2"]).verbosity == 3)
        #expect(try parse("true", ["DUMB_INIT_DEBUG": "1"]).verbosity == 3)
        #expect(try parse("true", ["DUMB_INIT_DEBUG": "0"]).verbosity == 1)
        #expect(throws: UsageError("CODETAINER_SIGNAL \"all\" must be child or group")) {
            try parse("true", ["CODETAINER_SIGNAL": "all"])
        }
    }
}
