/// Something wrong in a profile, with where and what to do.
public struct ProfileIssue: Error, Equatable, CustomStringConvertible {
    public let file: String
    /// Counted from 1; 0 where the whole file is meant.
    public let line: Int
    public let reason: String

    public var description: String {
        line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)"
    }
}

/// Everything that is wrong in a profile, in the order of its lines.
public struct ProfileIssues: Error, Equatable, CustomStringConvertible {
    public let issues: [ProfileIssue]

    public var description: String { issues.map(\.description).joined(separator: "\n") }
}
