import ArgumentParser

/// A command that the argument parser describes but never parses: it is dispatched before.
protocol DescribedOnly: ParsableCommand {}

extension DescribedOnly {
    /// In the place of the decoder that would be synthesised, which is never called.
    init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: AnyKey.self)
        self.init()
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
