/// Writes a table as a document that reads as the same.
extension Document {
    /// - Parameter note: what stands behind a value as a comment; nil for nothing.
    public static func text(
        of table: Table, note: @escaping (Place) -> String? = { _ in nil }
    ) -> String {
        var writer = Writer(note: note)
        writer.write(table, at: [])
        return writer.text
    }

    /// A key, with quotes where it needs them.
    public static func quoted(_ key: String) -> String {
        !key.isEmpty && key.utf8.allSatisfy(Octet.isBare) ? key : "\"\(escaped(key))\""
    }

    /// The inside of a basic string: all that a terminal would not show as it stands is escaped.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            case _ where isPrintable(scalar): escaped.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let width = digits.utf8.count > 4 ? 8 : 4
                escaped += width == 4 ? "\\u" : "\\U"
                escaped += String(repeating: "0", count: width - digits.utf8.count) + digits
            }
        }
        return escaped
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
            .surrogate:
            false
        default: true
        }
    }
}

private struct Writer {
    let note: (Place) -> String?
    var text = ""

    /// Values first: behind a header they would be that table's.
    mutating func write(_ table: Table, at path: [String]) {
        for key in table.keys {
            guard let node = table[key], !isBlock(node) else { continue }
            if let elements = node.array, isMixed(elements, node.place) {
                text += "\(Document.quoted(key)) = [\n"
                for element in elements { line("    \(inline(element)),", element.place) }
                text += "]\n"
            } else {
                line("\(Document.quoted(key)) = \(inline(node))", node.place)
            }
        }
        for key in table.keys {
            guard let node = table[key], isBlock(node) else { continue }
            let inner = path + [key]
            let header = inner.map(Document.quoted).joined(separator: ".")
            for table in node.table.map({ [$0] }) ?? node.array?.compactMap(\.table) ?? [] {
                text += text.isEmpty ? "" : "\n"
                line(node.table != nil ? "[\(header)]" : "[[\(header)]]", table.place)
                write(table, at: inner)
            }
        }
    }

    private mutating func line(_ statement: String, _ place: Place) {
        text += statement + (note(place).map { "  # \($0)" } ?? "") + "\n"
    }

    /// Whether one note would tell a wrong file of some elements.
    private func isMixed(_ elements: [Node], _ place: Place) -> Bool {
        note(place) != nil && elements.contains { $0.place.file != place.file }
    }

    /// Whether it has headers of its own.
    private func isBlock(_ node: Node) -> Bool {
        switch node.value {
        case .table: true
        case .array(let nodes): !nodes.isEmpty && nodes.allSatisfy { $0.table != nil }
        default: false
        }
    }

    private func inline(_ node: Node) -> String {
        switch node.value {
        case .string(let text): return "\"\(Document.escaped(text))\""
        case .integer(let number): return "\(number)"
        case .boolean(let truth): return "\(truth)"
        case .other(let text): return text
        case .array(let nodes): return "[\(nodes.map(inline).joined(separator: ", "))]"
        case .table(let table):
            let pairs = table.keys.map { "\(Document.quoted($0)) = \(table[$0].map(inline) ?? "")" }
            return pairs.isEmpty ? "{}" : "{ \(pairs.joined(separator: ", ")) }"
        }
    }
}
