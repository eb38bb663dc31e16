/// What the report tells a collector: a name, what kind of number it is, and where it comes from.
///
/// - SeeAlso: the OpenMetrics specification, version 1.0.0
public struct MetricFamily: Sendable {
    public enum Kind: String, Sendable {
        /// Goes up, and starts at 0 again with the container.
        case counter
        case gauge
        case info
        /// 1 for what holds, 0 for what does not.
        case stateset
    }

    /// One value; its labels are written in this order.
    struct Sample {
        let labels: [(name: String, value: String)]
        let value: String

        init(_ value: UInt64, _ labels: (String, String)...) {
            self.init(text: "\(value)", labels)
        }

        init(_ isOn: Bool, _ labels: (String, String)...) {
            self.init(text: isOn ? "1" : "0", labels)
        }

        init(text: String, _ labels: [(String, String)]) {
            value = text
            self.labels = labels.map { (name: $0.0, value: $0.1) }
        }
    }

    /// As it is declared; the samples of a counter end in `_total`, those of an info in `_info`.
    public let name: String
    public let kind: Kind
    /// What the name ends with; empty where it is no measure.
    public let unit: String
    public let help: String
    let samples: @Sendable (StatusReport) -> [Sample]

    init(
        _ name: String, _ kind: Kind, unit: String = "", _ help: String,
        _ samples: @escaping @Sendable (StatusReport) -> [Sample]
    ) {
        self.name = "codetainer_" + name
        (self.kind, self.unit, self.help, self.samples) = (kind, unit, help, samples)
    }

    /// The name of its samples, as a query has it.
    public var sampleName: String {
        switch kind {
        case .counter: name + "_total"
        case .info: name + "_info"
        case .gauge, .stateset: name
        }
    }

    func write(_ report: StatusReport, to text: inout String) {
        let samples = samples(report)
        // What is not known is not there, rather than 0.
        guard !samples.isEmpty else { return }
        text += "# TYPE \(name) \(kind.rawValue)\n"
        if !unit.isEmpty { text += "# UNIT \(name) \(unit)\n" }
        text += "# HELP \(name) \(help)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
            text += sampleName
            if !labels.isEmpty { text += "{\(labels.joined(separator: ","))}" }
            text += " \(sample.value)\n"
        }
    }

    /// Longest value of a label, in characters; names come from profiles, and may be anything.
    static let longestValue = 128

    /// A label's value, with nothing in it that a terminal or a log would obey.
    static func escaped(_ value: String) -> String {
        var text = ""
        for (index, scalar) in value.unicodeScalars.enumerated() {
            if index == longestValue { return text + "…" }
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            case _ where scalar.isInvisible: text += "\\\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
