import Control
import Linux

extension Verification {
    /// One JSON document on one line: `{"attacks":[…],"audit":…,"held":…,"holds":…,"milliseconds":…,
    /// "total":…,"untried":[…],"user-namespaces":…}`; an attack is `{"control":…,"errno":…,"held":…,"layer":…,
    /// "milliseconds":…,"name":…,"reason":…,"rows":[…]}`, with null for what it has not.
    public var json: String {
        let attacks = entries.map { entry in
            let finding = entry.finding
            return Self.object([
                ("control", ControlReply.quoted(entry.attack.controlDescription)),
                ("errno", Self.optional(finding.isHeld ? finding.answers : nil)),
                ("held", "\(finding.isHeld)"),
                ("layer", Self.optional(finding.isHeld ? finding.layer : nil)),
                ("milliseconds", finding.time.decimal),
                ("name", ControlReply.quoted(entry.attack.name)),
                ("reason", Self.optional(finding.complaint)),
                ("rows", Self.array(entry.attack.rows.map(String.init))),
            ])
        }
        let untried = Catalogue.untried.map { row, reason in
            Self.object([("reason", ControlReply.quoted(reason)), ("row", "\(row)")])
        }
        return Self.object([
            ("attacks", Self.array(attacks)), ("audit", "\(audits)"),
            ("held", "\(entries.count { $0.finding.isHeld })"), ("holds", "\(holds)"),
            ("milliseconds", time.decimal), ("total", "\(entries.count)"),
            ("untried", Self.array(untried)),
            ("user-namespaces", "\(allowsNamespaces)"),
        ]) + "\n"
    }

    private static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    private static func array(_ elements: [String]) -> String {
        "[" + elements.joined(separator: ",") + "]"
    }

    private static func optional(_ text: String?) -> String {
        text.map(ControlReply.quoted) ?? "null"
    }
}
