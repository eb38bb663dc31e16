/// A line of an allowlist that is not a rule.
public struct AllowlistError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The source and the line.
    public let origin: RuleOrigin
    /// What is wrong with the line; its column counts from the start of the line.
    public let fault: SyntaxError

    /// `network/domains.conf:12:9: "exa mple.com" is not a domain name: a space is not allowed`.
    public var description: String { "\(origin):\(fault.column): \(fault)" }
}

/// Everything that is wrong with an allowlist, in the order of its sources and lines.
public struct AllowlistErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// Most errors that are kept; a file that is no allowlist at all has one on every line.
    public static let mostKept = 1000

    /// One or more.
    public private(set) var errors: [AllowlistError] = []
    /// Number of errors beyond `mostKept`.
    public private(set) var omitted = 0

    var isFull: Bool { errors.count >= Self.mostKept }

    mutating func append(_ error: AllowlistError) { errors.append(error) }

    mutating func omit() { omitted += 1 }

    /// One line an error, no newline at the end.
    public var description: String {
        var lines = errors.map(\.description)
        if omitted > 0 { lines.append("… and \(omitted) more") }
        return lines.joined(separator: "\n")
    }
}
