import Supervision
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

    @Test func goesWhereItsProfileSays() throws {
        let secrets = try SecretSet(
            Self.requirements,
            in: ["GH_PAT": "ghp", "API_KEY": "key", "HIDDEN": "hid", "OTHER": "no"])
        #expect(secrets.exposed == ["GH_PAT": "ghp", "GH_TOKEN": "ghp", "API_KEY": "key"])
        #expect(secrets.credentials.map(\.host) == ["github.com"])
        #expect(secrets.credentials.map(\.username) == ["x-access-token"])
        #expect(secrets.credentials.map(\.secret) == [Array("ghp".utf8)])
    }

    /// `docker run -e NAME` without a value on the host passes an empty one.
    @Test(arguments: [[:], ["EXTRA": ""], ["EXTRA": " "]])
    func whatIsNotRequiredMayBeMissing(extra: [String: String]) throws {
        let secrets = try SecretSet(
            Self.requirements, in: ["GH_PAT": "a", "API_KEY": "b"].merging(extra) { $1 })
        #expect(secrets.exposed["EXTRA"] == nil)
        #expect(secrets.credentials.count == 1)
    }

    /// Every one that is wrong, in the order of the profile, and no part of any value.
    @Test func allThatIsWrongIsSaidAtOnce() {
        let values = ["GH_PAT": "Zq7 Xw9", "EXTRA": "Jv4\n"]
        let error = #expect(throws: BootFailure.self) {
            try SecretSet(Self.requirements, in: values)
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
