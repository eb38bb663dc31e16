import Foundation
import Testing

/// docs/troubleshooting.md against the sources: who adds an error adds its row, with a remedy.
@Suite struct CatalogueTests {
    /// What codetainer's own parts say to each other, and details of a text around them.
    private static let internals: Set<String> = [
        "agent-started comes first", "another runner is connected",
        "no request within two seconds", "cannot go on from this state: …",
        "credential for …: …", "filesystem or one before it", "started the command as process …",
        "descriptor …", "from …", "… …",
    ]

    /// Types that are errors and have their texts in the calls that `SourceMessages` looks at, or
    /// never reach a person as they are. A new one belongs into either, and then here.
    private static let types: Set<String> = [
        "Absence", "AllowlistError", "AllowlistErrors", "ArgumentError", "BootFailure",
        "CloneError", "ConfinementError", "Defect", "Fault", "GrantMessageError", "Interruption",
        "Invalid", "LeaseRefused", "LookUpError", "Malformed", "Mistake", "Mistakes",
        "MountPlanError",
        "NetlinkError", "NetlinkFormatError",
        "ProfileIssue", "ProfileIssues", "RecordError", "Refusal", "LoggedPacketError",
        "SecretDefect",
        "StartError", "SyntaxError", "SystemCallError", "Unreadable", "Unusable", "UsageError",
        "WireError",
    ]

    /// Its messages say what may stand in a line, at the column they name.
    private static let grammar = "A line of the allowlist is refused"

    @Test func everyErrorHasItsRow() throws {
        let rows = try Catalogue.page().rows
        let messages = try SourceMessages.all()
        #expect(messages.count > 200)
        for message in messages where !Self.internals.contains(message.text) {
            let holding = rows.filter { $0.holds(message.text) }
            #expect(!holding.isEmpty, "\(message.file): \(message.text)")
            guard let code = message.code, !holding.isEmpty else { continue }
            #expect(
                holding.contains { $0.codes.contains(code) },
                "\(message.file): \(message.text) ends with \(code)")
        }
    }

    @Test func everyRowIsAnError() throws {
        let messages = try SourceMessages.all(sentencesOnly: false)
        let produced = Set(ProducedTests.rows)
        for row in try Catalogue.page().rows where !produced.contains(row.text) {
            #expect(messages.contains { row.holds($0.text) }, "\(row.text)")
        }
    }

    @Test func everyErrorSaysWhatToDo() throws {
        for row in try Catalogue.page().rows where !row.codes.isEmpty && row.heading != Self.grammar
        {
            let isBare = ProducedTests.rows.contains(row.text) || Self.passes.contains(row.text)
            #expect(row.hasRemedy || isBare, "\(row.text)")
        }
    }

    /// A name before what the system says, which is all that is known.
    private static let passes: Set<String> = [
        "boot failed in stage …: the container is stopping", "cannot go on: …",
        "cannot use this terminal: …", "the container has stopped: PID 1 is gone",
        "the container is stopping", "cannot confine: …: …", "cannot run …: …",
    ]

    @Test func everySectionSaysWhyAndWhatHelps() throws {
        let page = try Catalogue.page()
        #expect(Set(page.anchors).count == page.anchors.count)
        for heading in Set(page.rows.map(\.heading)) {
            let section = try #require(page.sections[heading])
            #expect(section.contains("**Cause.**") && section.contains("**Fix.**"), "\(heading)")
        }
        let rows = page.rows.map { "\($0.codes) \($0.text)" }
        #expect(Set(rows).count == rows.count)
    }

    @Test func noErrorTypeIsOverlooked() throws {
        #expect(try SourceMessages.errorTypes() == Self.types)
    }

    /// What the scan would miss it would not miss silently: it finds the forms there are.
    @Test(arguments: [
        ("Terminal.fail(\"a \\(b(\"c\")) d: add it\", code: 78)", "a … d: add it", 78),
        (
            "Terminal.fail(\n  \"one \"\n    + \"two\",\n  code: ExitCode.usage.rawValue)",
            "one two", 64
        ),
        ("throw BootFailure(\n.system,\n\"cannot \\(x): see it\")", "cannot …: see it", 71),
        ("mistakes.append(\"a \\\"b\\\" c\")", "a \"b\" c", 78),
    ])
    func theScanFinds(source: String, text: String, code: Int) {
        let found = SourceMessages.messages(in: source, file: "Boot/New.swift")
        #expect(found == [SourceMessage(text: text, code: code, file: "Boot/New.swift")])
        let rows = [CatalogueRow(codes: [78], text: "something else: add it", heading: "")]
        #expect(!rows.contains { $0.holds(text) })
    }
}
