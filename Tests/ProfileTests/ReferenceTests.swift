import Foundation
import Testing

@testable import Profile

/// The reference says what the parser does: no key more, none less, the same types and defaults.
@Suite struct ReferenceTests {
    private static let least = """
        name = "p"
        [user]
        name = "u"
        [agent]
        command = ["c"]
        """

    /// Keys that a table needs besides, or that exclude one another.
    private static let besides = [
        "file": "content = \"\"", "file.source": "", "file.content": "",
        "setting.minimum": "type = \"number\"", "setting.maximum": "type = \"number\"",
        "setting.when": "type = \"file\"",
    ]
    /// Tables that an example refers to.
    private static let settings = [
        "when": "name = \"CODEMODE_TLS_ENABLED\"\ntype = \"switch\"",
        "targets": "name = \"CODEMODE_MAIN_APP_TARGET\"\ntype = \"target\"",
    ]
    private static func issues(_ text: String) -> [String] {
        do {
            _ = try Self.read(text)
            return []
        } catch {
            return error.issues.map(\.reason)
        }
    }

    /// With all that can be removed.
    private static let parent =
        least + """

            [environment]
            set = { GOPROXY = "off" }
            [telemetry]
            instance = "I"
            token = "T"
            endpoint = "E"
            [[secret]]
            name = "GH_PAT"
            [[tmpfs]]
            path = "/srv/cache"
            size = "1M"
            [[link]]
            path = "/home/claude/.bun/bin/bun"
            target = "/b"
            [[file]]
            path = "/home/claude/.npmrc"
            content = ""
            [[setting]]
            name = "CODEMODE_LOG_LEVEL"
            [[step]]
            name = "plugins"
            command = ["c"]
            [[service]]
            name = "cache"
            command = ["c"]
            user = "u"
            """

    private static func read(_ text: String) throws(ProfileIssues) -> AgentProfile {
        let files = ProfileFiles { _ in .found(Array(parent.utf8), identity: "parent") }
        return try ResolvedProfile(parsing: Array(text.utf8), file: "p", files: files).profile
    }

    /// A document with one such table and these lines in it, and with what a profile needs at least.
    private static func document(_ path: String, _ lines: String) -> String {
        switch path {
        case "": "\(lines)\n\(least)"
        case "remove": "extends = \"parent\"\n\(least)\n[remove]\n\(lines)"
        case "agent": "name = \"p\"\n[user]\nname = \"u\"\n[agent]\n\(lines)"
        case "user": "name = \"p\"\n[agent]\ncommand = [\"c\"]\n[user]\n\(lines)"
        default:
            if let inner = path.lastIndex(of: ".") {
                "\(least)\n[[\(path[..<inner])]]\nname = \"N\"\n[\(path)]\n\(lines)"
            } else {
                "\(least)\n\(table(path).header)\n\(lines)"
            }
        }
    }

    private static func table(_ path: String) -> Reference.Table {
        Reference.tables.first { $0.path == path }!
    }

    /// What a table needs, but for the key in question, as lines.
    private static func needed(_ table: Reference.Table, without key: Reference.Entry) -> String {
        var lines = table.keys.filter {
            $0.fallback == nil && $0.name != key.name && !table.path.isEmpty
        }.map { "\($0.name) = \($0.example)" }
        lines.append(besides["\(table.path).\(key.name)"] ?? besides[table.path] ?? "")
        return lines.joined(separator: "\n")
    }

    @Test(arguments: Reference.tables.map(\.path))
    func theParserKnowsTheseKeys(path: String) {
        let table = Self.table(path)
        let shown = path.isEmpty ? "no-such-key" : "\(path).no-such-key"
        let prefix = "unknown key \(shown): known here are "
        let said = Self.issues(Self.document(path, "no-such-key = 1")).filter {
            $0.hasPrefix(prefix)
        }
        let inner = Reference.tables.compactMap { other in
            let parts = other.path.split(separator: ".").map(String.init)
            return parts.dropLast().joined(separator: ".") == path ? parts.last : nil
        }
        let described = (table.keys.map(\.name) + inner).sorted().joined(separator: ", ")
        #expect(said == [prefix + described])
        #expect(Set(table.keys.map(\.name)).count == table.keys.count)
    }

    static let keys = Reference.tables.flatMap { table in
        table.keys.map { (table.path, $0.name) }
    }

    /// A date is none of the types that a key may have.
    @Test(arguments: keys)
    func theTypeIsTheParsersOwn(path: String, name: String) throws {
        let key = try #require(Self.table(path).keys.first { $0.name == name })
        let shown = path.isEmpty ? name : "\(path).\(name)"
        var document = Self.document(path, "\(name) = 1979-05-27")
        if path.isEmpty, name == "name" {
            document = String(
                document.split(separator: "\n").filter { $0 != "name = \"p\"" }
                    .joined(separator: "\n"))
        }
        let prefix = "\(shown) must be "
        let said = try #require(Self.issues(document).first { $0.hasPrefix(prefix) })
        #expect(key.type.hasPrefix(said.dropFirst(prefix.utf8.count)))
        // Where there is a choice, all of it is told.
        if key.type.contains("one of ") {
            let choice = Self.issues(Self.document(path, "\(name) = \"no-such\"")).first {
                $0.hasPrefix("\(name) \"no-such\" must be one of ")
            }
            #expect(
                choice?.components(separatedBy: "must be ").last
                    == key.type.components(separatedBy: "a string, ").last)
        }
    }

    @Test(arguments: keys)
    func theExampleIsAccepted(path: String, name: String) throws {
        let table = Self.table(path)
        let key = try #require(table.keys.first { $0.name == name })
        guard !path.isEmpty || name != "name" else { return }
        var lines = Self.needed(table, without: key) + "\n\(name) = \(key.example)"
        if name == "after" {
            lines += "\n[[service]]\nname = \"schema\"\ncommand = [\"c\"]\nuser = \"u\""
        }
        if path == "agent", name == "service" { lines += "\nheadless = true" }
        if path == "service", name == "heartbeat" { lines += "\nready = \"port:6379\"" }
        if let setting = Self.settings[name] { lines += "\n[[setting]]\n\(setting)" }
        #expect(Self.issues(Self.document(path, lines)) == [])
    }

    @Test(arguments: keys)
    func theDefaultHolds(path: String, name: String) throws {
        let table = Self.table(path)
        let key = try #require(table.keys.first { $0.name == name })
        let without = Self.document(path, Self.needed(table, without: key))
        guard let fallback = key.fallback else {
            guard !path.isEmpty else { return }
            #expect(Self.issues(without).contains { $0.contains("\(path).\(name) is ") })
            return
        }
        let literal = String(fallback.split(separator: ";")[0])
        guard Reference.isLiteral(literal) else { return }
        let profile = try Self.read(without)
        let lines = Self.needed(table, without: key) + "\n\(name) = \(literal)"
        #expect(try Self.read(Self.document(path, lines)) == profile)
    }

    @Test func linesFitATerminal() {
        for line in (Reference.text + Reference.variablesText).split(separator: "\n") {
            #expect(line.utf8.count <= Reference.columns || line.hasPrefix("  CODETAINER_"))
        }
    }
}
