import Testing

@testable import Profile

@Suite struct TelemetryTableTests {
    private static let head =
        "name = \"p\"\nuser = { name = \"u\" }\nagent = { command = [\"c\"] }\n"

    private static func issues(_ table: String) -> [String] {
        do throws(ProfileIssues) {
            _ = try AgentProfile(parsing: head + table, file: "p.toml")
            return []
        } catch {
            return error.issues.map(\.reason)
        }
    }

    @Test func isReadAsItStands() throws {
        let text = """
            [telemetry]
            instance = "ID"
            token = "TOKEN"
            endpoint = "URL"
            attributes = { "b.c" = "B", a = "A" }
            set = { Z = "1", Y = "2" }
            """
        let profile = try AgentProfile(parsing: Self.head + text, file: "p.toml")
        #expect(
            profile.telemetry
                == .init(
                    instance: "ID", token: "TOKEN", endpoint: "URL",
                    attributes: [.init(name: "a", value: "A"), .init(name: "b.c", value: "B")],
                    set: [.init(name: "Y", value: "2"), .init(name: "Z", value: "1")]))
        #expect(try AgentProfile(parsing: Self.head, file: "p.toml").telemetry == nil)
    }

    @Test(arguments: [
        ("token = \"T\"\nendpoint = \"U\"", "telemetry.instance is missing: a string is needed"),
        (
            "instance = \"I\"\ntoken = \"T-1\"\nendpoint = \"U\"",
            "\"T-1\" is not the name of an environment variable: use letters, digits and _"
        ),
        (
            "instance = \"I\"\ntoken = \"T\"\nendpoint = \"https://x\"",
            "\"https://x\" is not the name of an environment variable: use letters, digits and _"
        ),
        (
            "instance = \"I\"\ntoken = \"T\"\nendpoint = \"U\"\nset = { \"a b\" = \"\" }",
            "\"a b\" is not the name of an environment variable: use letters, digits and _"
        ),
        (
            "instance = \"I\"\ntoken = \"T\"\nendpoint = \"U\"\nattributes = { a = \"b c\" }",
            "\"b c\" is not the name of an environment variable: use letters, digits and _"
        ),
        (
            "instance = \"I\"\ntoken = \"T\"\nendpoint = \"U\"\nsecret = \"S\"",
            "unknown key telemetry.secret: known here are attributes, endpoint, instance, set, token"
        ),
    ])
    func mistakes(table: String, reason: String) {
        #expect(Self.issues("[telemetry]\n" + table) == [reason])
    }

    /// What the agent must not see no service sees, either.
    @Test func itsSecretsAreNoServices() {
        let service =
            "[[service]]\nname = \"s\"\ncommand = [\"c\"]\nuser = \"u\"\npass = [\"T\", \"U\"]\n"
        let issues = Self.issues(
            "[telemetry]\ninstance = \"I\"\ntoken = \"T\"\nendpoint = \"U\"\n" + service)
        #expect(issues.count == 1 && issues[0].hasPrefix("service.pass \"T\" is a secret"))
    }
}
