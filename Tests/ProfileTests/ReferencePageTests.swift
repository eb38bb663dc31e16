import Foundation
import Testing

@testable import Profile

/// The reference against the sources: the page that is made of it, and the variables that are read.
@Suite struct ReferencePageTests {
    private static let root = String(
        #filePath.split(separator: "/").dropLast(3).reduce("") {
            "\($0)/\($1)"
        })

    private static func contents(_ path: String) throws -> String {
        String(
            decoding: try #require(FileManager.default.contents(atPath: "\(root)/\(path)")),
            as: UTF8.self)
    }

    @Test func thePageIsTheReference() throws {
        // scripts/reference asks for it to be written.
        if ProcessInfo.processInfo.environment["CODETAINER_WRITE_REFERENCE"] != nil {
            try Reference.markdown.write(
                toFile: "\(Self.root)/docs/profile.md", atomically: true, encoding: .utf8)
        }
        #expect(try Self.contents("docs/profile.md") == Reference.markdown)
    }

    /// What the system or a terminal sets, for every program alike, and what is only set for the agent.
    private static let common: Set<String> = [
        "COLORTERM", "HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMUX_TMPDIR", "USER",
        "XDG_RUNTIME_DIR",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_LOG_TOOL_CONTENT",
    ]

    /// Names in subscripts and calls that read the environment.
    private static func variablesRead(in source: String) -> Set<String> {
        var names: Set<String> = []
        for opening in ["environment[", "variables[", "container[", "own(", "text(", "variable("] {
            for piece in source.components(separatedBy: opening + "\"").dropFirst() {
                let name = piece.prefix { $0 != "\"" }
                if name.count > 1, name.allSatisfy({ $0.isUppercase || $0.isNumber || $0 == "_" }) {
                    names.insert(String(name))
                }
            }
        }
        return names
    }

    @Test func everyVariableThatIsReadIsDescribed() throws {
        let sources = try #require(
            FileManager.default.subpaths(atPath: "\(Self.root)/Sources"))
        var read: Set<String> = []
        for path in sources where path.hasSuffix(".swift") {
            read.formUnion(Self.variablesRead(in: try Self.contents("Sources/\(path)")))
        }
        let described = Set(Reference.variables.map(\.name))
        #expect(read.subtracting(Self.common).subtracting(described) == [])
        // npm reads the first, and the program only lets it through; a profile names the others.
        #expect(
            described.subtracting(read) == [
                "CODETAINER_NPM_TOKEN", "GRAFANA_INSTANCE_ID", "GRAFANA_API_TOKEN",
                "GRAFANA_OTLP_ENDPOINT",
            ])
    }
}
