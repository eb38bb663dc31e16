import Linux

extension Verification {
    /// A table for a person; coloured where `colour` is set.
    public func text(colour: Bool) -> String {
        func painted(_ code: String, _ text: String) -> String {
            colour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
        }
        let name = (entries.map(\.attack.name.count).max() ?? 0) + 2
        let rows = (entries.map { Self.rows($0.attack).count }.max() ?? 0) + 2
        let layer = max(5, entries.map(\.finding.layer.count).max() ?? 0) + 2
        let answers = max(5, entries.map(\.finding.answers.count).max() ?? 0) + 2
        func line(_ mark: String, _ columns: [(String, Int)], _ last: String) -> String {
            mark + " " + columns.map { Self.padded($0.0, $0.1) }.joined() + last + "\n"
        }
        var text = painted(
            "1",
            line(
                " ",
                [("attack", name), ("rows", rows), ("layer", layer), ("errno", answers)],
                "control"))
        for entry in entries {
            let start = [(entry.attack.name, name), (Self.rows(entry.attack), rows)]
            if let complaint = entry.finding.complaint {
                text += line(painted("31", "✗"), start, painted("31", complaint))
            } else {
                text += line(
                    painted("32", "✓"),
                    start + [(entry.finding.layer, layer), (entry.finding.answers, answers)],
                    entry.attack.controlDescription)
            }
        }
        if isWhole {
            text += "\n" + painted("1", "not tried from inside") + "\n"
            for (row, reason) in Catalogue.untried { text += "  row \(row): \(reason)\n" }
        }
        let held = entries.count { $0.finding.isHeld }
        let summary = "\(held) of \(entries.count) attacks were stopped, in \(time.decimal) ms"
        text += "\n" + painted(holds ? "1;32" : "1;31", holds ? "HOLDS" : "DOES NOT HOLD")
        text += ": \(summary)\n"
        if audits {
            text +=
                "CODETAINER_EGRESS=audit: everything passes, so no attack on the network is tried\n"
        }
        if allowsNamespaces {
            text += "allow-user-namespaces: mounts and new namespaces are open, so not tried\n"
        }
        return text
    }

    private static func rows(_ attack: Attack) -> String {
        attack.rows.map(String.init).joined(separator: " ")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
