import Linux
import SystemPackage
import Testing

@testable import Boot

@Suite struct SecretFolderTests {
    private static func folder(_ files: [(String, [UInt8])]) -> SecretFolder {
        SecretFolder(files.map(\.0)) { path throws(SystemCallError) in
            guard let file = files.first(where: { "/run/secrets/\($0.0)" == path.string }) else {
                throw SystemCallError("open", path.string, .permissionDenied)
            }
            return file.1
        }
    }

    /// What is in a file is the value, but for one line's end.
    @Test(arguments: [
        ("value\n", "value"), ("value", "value"), ("a\n\n", "a\n"), ("a\nb\n", "a\nb"),
        (" a b \n", " a b "), ("a\r\n", "a\r"), ("\n", ""), ("", ""), ("ä'\"$(x)\n", "ä'\"$(x)"),
    ])
    func theValueIsExact(text: String, value: String) {
        let folder = Self.folder([("NAME", Array(text.utf8))])
        #expect(folder.values == ["NAME": value] && folder.sentences == [])
        #expect(folder.files == ["/run/secrets/NAME"])
    }

    @Test(arguments: [
        ("PATH", "secret PATH would steer programs: give it another name"),
        ("LD_PRELOAD", "secret LD_PRELOAD would steer programs: give it another name"),
        (
            "CODETAINER_EGRESS",
            "secret CODETAINER_EGRESS would steer programs: give it another name"
        ),
        ("a-b", "secret a-b is not the name of a variable: use letters, digits and _"),
        ("1A", "secret 1A is not the name of a variable: use letters, digits and _"),
    ])
    func whatIsNoName(name: String, sentence: String) {
        let folder = Self.folder([(name, [0x61])])
        #expect(folder.values == [:] && folder.sentences == [sentence] && folder.files == [])
    }

    /// What the profile has as a secret is nobody else's, whatever its file is called.
    @Test func aSecretsFileIsNotTheAgents() {
        func others(_ environment: [String: String], link: FilePath? = nil) -> [String] {
            SecretFolder.others(
                ["KEY", "licence.txt", "DATABASE"], besides: ["KEY", "TOKEN"], in: environment
            ) { $0 == "/var/run/secrets/licence.txt" ? link : $0 }
        }
        #expect(others([:]) == ["licence.txt", "DATABASE"])
        #expect(others(["KEY_FILE": ""]) == ["licence.txt", "DATABASE"])
        #expect(others(["KEY_FILE": "/run/secrets/licence.txt"]) == ["DATABASE"])
        #expect(others(["TOKEN_FILE": "/run/secrets/DATABASE"]) == ["licence.txt"])
        #expect(others(["OTHER_FILE": "/run/secrets/DATABASE"]) == ["licence.txt", "DATABASE"])
        let byLink = ["KEY_FILE": "/var/run/secrets/licence.txt"]
        #expect(others(byLink, link: "/run/secrets/licence.txt") == ["DATABASE"])
        #expect(others(byLink) == ["licence.txt", "DATABASE"])
    }

    @Test(arguments: [[0x61, 0, 0x62], [0xff, 0xfe]] as [[UInt8]])
    func whatNoVariableHolds(octets: [UInt8]) {
        let sentences = Self.folder([("NAME", octets)]).sentences
        #expect(
            sentences == [
                "secret NAME is not UTF-8 without NUL, which a variable holds: give it encoded, in base64 perhaps"
            ])
    }

    @Test func aFileThatCannotBeReadIsNamed() {
        let folder = SecretFolder(["NAME"]) { path throws(SystemCallError) in
            throw SystemCallError("open", path.string, .permissionDenied)
        }
        #expect(folder.sentences.count == 1)
        #expect(folder.sentences[0].hasPrefix("secret NAME: cannot open /run/secrets/NAME: "))
    }
}
