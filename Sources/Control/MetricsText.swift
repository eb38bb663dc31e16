/// OpenMetrics text as it grows: a family is declared and its samples follow.
///
/// - SeeAlso: the OpenMetrics specification, version 1.0.0
struct MetricsText {
    /// Longest value of a label, in characters; names come from profiles, and may be anything.
    static let longestValue = 128

    private(set) var text = ""
    /// The name of the family's samples.
    private var sample = ""

    /// Goes up, and starts at 0 again with the container.
    mutating func counter(_ name: String, _ help: String) {
        declare(name, "counter", "_total", help)
    }

    /// - Parameter unit: what the name ends with; empty where it is no measure.
    mutating func gauge(_ name: String, unit: String = "", _ help: String) {
        declare(name, "gauge", "", help, unit: unit)
    }

    mutating func info(_ name: String, _ help: String) { declare(name, "info", "_info", help) }

    /// A family of its own: 1 for the state that holds, 0 for the others.
    mutating func states(_ name: String, _ help: String, _ states: [String], is state: String) {
        declare(name, "stateset", "", help)
        for other in states {
            value(other == state ? 1 : 0, "codetainer_" + name, other)
        }
    }

    private mutating func declare(
        _ name: String, _ kind: String, _ suffix: String, _ help: String, unit: String = ""
    ) {
        let family = "codetainer_" + name
        text += "# TYPE " + family + " " + kind + "\n"
        if !unit.isEmpty { text += "# UNIT " + family + " " + unit + "\n" }
        text += "# HELP " + family + " " + help + "\n"
        sample = family + suffix
    }

    mutating func value(
        _ number: UInt64, _ label: String = "", _ value: String = "", _ second: String = "",
        _ secondValue: String = ""
    ) { self.value(text: "\(number)", label, value, second, secondValue) }

    mutating func value(
        text number: String, _ label: String = "", _ value: String = "", _ second: String = "",
        _ secondValue: String = ""
    ) {
        text += sample
        if !label.isEmpty {
            text += "{" + label + "=\"" + Self.escaped(value) + "\""
            if !second.isEmpty { text += "," + second + "=\"" + Self.escaped(secondValue) + "\"" }
            text += "}"
        }
        text += " " + number + "\n"
    }

    mutating func end() { text += "# EOF\n" }

    /// A label's value, with nothing in it that a terminal or a log would obey.
    static func escaped(_ value: String) -> String {
        var text = ""
        var count = 0
        for scalar in value.unicodeScalars {
            if count == longestValue { return text + "…" }
            count += 1
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            case _ where scalar.isInvisible:
                text += "\\\\u{" + String(scalar.value, radix: 16) + "}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
