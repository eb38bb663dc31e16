import FoundationEssentials

extension StatusReport {
    /// The report as one JSON document on one line.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [0x0a]
    }

    public init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(StatusReport.self, from: Data(json))
    }
}
