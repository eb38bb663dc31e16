import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Boot

@Suite struct StageTests {
    @Test func theElevenStagesInOrder() {
        #expect(
            Stage.allCases.map { "\($0.number) \($0.rawValue)" } == [
                "1 configure", "2 secrets", "3 lockdown", "4 filesystem", "5 resolver",
                "6 identity", "7 harden", "8 verify", "9 workspace", "10 services", "11 session",
            ])
    }

    @Test(
        arguments: [
            (ExitCode.usage, 64), (.unavailable, 69), (.software, 70), (.system, 71),
            (.noPermission, 77), (.configuration, 78),
        ] as [(ExitCode, CInt)])
    func failuresHaveSysexitsCodes(code: ExitCode, number: CInt) {
        #expect(BootFailure(code, "x").code == number)
    }

    @Test func whoeverStopsABootIsTheCode() {
        #expect(BootFailure(stoppedBy: 15).code == 143)
        #expect(BootFailure(stoppedBy: 15).messages == [])
        #expect(BootFailure(.system, ["a", "b"]).description == "a\nb")
    }
}

/// Values of git's configuration, as git itself reads them.
@Suite struct GitConfigurationTests {
    @Test(arguments: [
        "Ada Lovelace", "", " spaces ", "semi; colon # hash", "quote \" and \\ backslash",
        "\\n", "[section]", "a = b", "Zoë 🦀", "$(id) `id`", "trailing \\",
    ])
    func comeBackAsTheyWere(value: String) throws {
        let scratch = try Scratch()
        let file = try scratch.write(
            "[user]\n\tname = \(BootSequence.quoted(value))\n\temail = after\n", to: "gitconfig")
        func get(_ key: String) throws -> String {
            try run(["git", "config", "-f", file.string, "--get", key]).output
        }
        #expect(try get("user.name") == value + "\n")
        #expect(try get("user.email") == "after\n")
    }
}
