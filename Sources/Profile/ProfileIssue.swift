/// Something wrong in a profile, with where and what to do.
public struct ProfileIssue: Error, Equatable, CustomStringConvertible {
    public let file: String
    /// Counted from 1; 0 where the whole file is meant.
    public let line: Int
    /// One line, safe to print whatever the profile held.
    public let reason: String

    init(file: String, line: Int, reason: String) {
        (self.file, self.line) = (file, line)
        self.reason = Self.printable(reason)
    }

    public var description: String {
        line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)"
    }

    private static func printable(_ text: String) -> String {
        var printable = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                printable +=
                    "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
                    .unicodeScalars
            default: printable.append(scalar)
            }
        }
        return String(printable)
    }
}

/// Everything that is wrong in a profile and those that it extends, by file and line.
public struct ProfileIssues: Error, Equatable, CustomStringConvertible {
    public let issues: [ProfileIssue]

    public var description: String { issues.map(\.description).joined(separator: "\n") }
}
