import Linux
import Secrets
import SystemPackage
import Testing

@testable import Boot
@testable import Profile

@Suite struct SecretSetTests {
    private static let requirements = [
        AgentProfile.SecretRequirement(
            name: "GH_PAT", isRequired: true, exposedAs: ["GH_PAT", "GH_TOKEN"],
            credential: .init(host: "github.com", username: "x-access-token")),
        AgentProfile.SecretRequirement(name: "API_KEY", isRequired: true, exposedAs: ["API_KEY"]),
        AgentProfile.SecretRequirement(
            name: "EXTRA", isRequired: false, exposedAs: ["EXTRA"],
            credential: .init(host: "git.example.com", username: "extra")),
        AgentProfile.SecretRequirement(name: "HIDDEN", isRequired: false),
    ]

    /// A set from an environment, and from files by their paths.
    private static func set(_ environment: [String: String], files: [FilePath: String] = [:])
        throws(BootFailure) -> SecretSet
    {
        try SecretSet(requirements, in: environment) { path throws(SystemCallError) in
            guard let contents = files[path] else {
                let cause: Errno = path == "/closed" ? .permissionDenied : .noSuchFileOrDirectory
                throw SystemCallError("open", path.string, cause)
            }
            return Array(contents.utf8)
        }
    }

    @Test func goesWhereItsProfileSays() throws {
        let secrets = try Self.set(
            ["GH_PAT": "ghp", "API_KEY": "key", "HIDDEN": "hid", "OTHER": "no"])
        #expect(secrets.exposed == ["GH_PAT": "ghp", "GH_TOKEN": "ghp", "API_KEY": "key"])
        let credentials = try secrets.credentials()
        #expect(credentials.map(\.host) == ["github.com"])
        #expect(credentials.map(\.username) == ["x-access-token"])
        #expect(Self.octets(credentials[0].secret) == Array("ghp".utf8))
        #expect(secrets.files == [])
    }

    /// `docker run -e NAME` without a value on the host passes an empty one.
    @Test(arguments: [[:], ["EXTRA": ""], ["EXTRA": " "]])
    func whatIsNotRequiredMayBeMissing(extra: [String: String]) throws {
        let secrets = try Self.set(["GH_PAT": "a", "API_KEY": "b"].merging(extra) { $1 })
        #expect(secrets.exposed["EXTRA"] == nil)
        #expect(try secrets.credentials().count == 1)
    }

    private static func octets(_ secret: Secret) -> [UInt8] {
        secret.withBytes { span in span.indices.map { span[$0] } }
    }

    /// The environment, the files, and what GH_PAT is then.
    @Test(
        arguments: [
            (["GH_PAT_FILE": "/s/token"], ["/s/token": "ghp"], "ghp", ["/s/token"]),
            (["GH_PAT_FILE": "/s/token"], ["/s/token": "ghp\n"], "ghp", ["/s/token"]),
            (["GH_PAT_FILE": "/s/token"], ["/s/token": "ghp\r\n"], "ghp", ["/s/token"]),
            (["GH_PAT_FILE": "/s/token", "GH_PAT": ""], ["/s/token": "ghp"], "ghp", ["/s/token"]),
            ([:], ["/run/secrets/GH_PAT": "ghp"], "ghp", ["/run/secrets/GH_PAT"]),
            (["GH_PAT": ""], ["/run/secrets/GH_PAT": "ghp"], "ghp", ["/run/secrets/GH_PAT"]),
            (["GH_PAT_FILE": ""], ["/run/secrets/GH_PAT": "ghp"], "ghp", ["/run/secrets/GH_PAT"]),
            // What is given in the environment counts before a file that nobody named.
            (["GH_PAT": "env"], ["/run/secrets/GH_PAT": "ghp"], "env", []),
            (["GH_PAT_FILE": "/s"], ["/s": "one", "/run/secrets/GH_PAT": "two"], "one", ["/s"]),
        ] as [([String: String], [FilePath: String], String, [FilePath])])
    func comesFromAFile(
        environment: [String: String], files: [FilePath: String], value: String, read: [FilePath]
    ) throws {
        let secrets = try Self.set(environment.merging(["API_KEY": "k"]) { $1 }, files: files)
        #expect(secrets.exposed["GH_TOKEN"] == value)
        #expect(secrets.files == read)
    }

    @Test(arguments: [
        (
            ["GH_PAT_FILE": "/gone"],
            "secret GH_PAT: cannot open /gone: No such file or directory: mount the file, or set GH_PAT_FILE"
        ),
        (
            ["GH_PAT_FILE": "/closed"],
            "secret GH_PAT: cannot open /closed: Permission denied: make the file root's, or add `--cap-add DAC_OVERRIDE`"
        ),
        (
            ["GH_PAT_FILE": "token"],
            "GH_PAT_FILE \"token\" must be an absolute path in the container"
        ),
        (
            ["GH_PAT_FILE": "/token", "GH_PAT": "x"],
            "secret GH_PAT is given twice: unset either GH_PAT or GH_PAT_FILE"
        ),
        (
            ["GH_PAT_FILE": "/two lines"],
            "secret GH_PAT starts or ends with whitespace: remove it, often a line break left by a paste"
        ),
        (
            ["GH_PAT_FILE": "/empty"],
            "secret GH_PAT is empty: set it in the shell that runs `docker run -e GH_PAT`"
        ),
    ])
    func aFileThatCannotBe(environment: [String: String], sentence: String) {
        let error = #expect(throws: BootFailure.self) {
            try Self.set(
                environment.merging(["API_KEY": "k"]) { $1 },
                files: ["/token": "ghp", "/two lines": "ghp\n\n", "/empty": "\n"])
        }
        #expect(error?.messages == [sentence])
    }

    /// Every one that is wrong, in the order of the profile, and no part of any value.
    @Test func allThatIsWrongIsSaidAtOnce() {
        let values = ["GH_PAT": "Zq7 Xw9", "EXTRA": "Jv4\n"]
        let error = #expect(throws: BootFailure.self) {
            try Self.set(values)
        }
        #expect(error?.code == 78)
        #expect(
            error?.messages == [
                "secret GH_PAT contains whitespace: copy it again, in one piece",
                "secret API_KEY is not set: pass it with `docker run -e API_KEY` (see README, Secrets)",
                "secret EXTRA starts or ends with whitespace: remove it, often a line break left by a paste",
            ])
    }
}
