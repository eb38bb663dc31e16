import Foundation

/// A text in the sources that a person may read as an error.
struct SourceMessage: Hashable {
    /// With … in the place of every interpolation.
    let text: String
    /// The exit code that stands beside it; nil where it is decided elsewhere.
    let code: Int?
    let file: String
}

/// Finds the texts of errors in the sources: whatever is given to what makes an error, and every
/// sentence of a file that holds nothing but reasons.
enum SourceMessages {
    static let root = String(
        #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" })

    /// What makes an error, with its code where there is but one; below a folder of Sources where
    /// elsewhere the name is something else's.
    private static let makers: [(name: String, code: Int?, folder: String)] = [
        ("Terminal.fail", nil, ""), ("BootFailure", nil, ""), ("MountPlanError", 71, ""),
        ("mistakes.append", 78, ""), ("note", 78, "Profile/"), ("Mistake", 78, "Profile/"),
        ("wrong", 78, "Profile/"), ("ProfileIssue", 78, ""), ("UsageError", 64, ""),
        ("ValidationError", 64, ""), ("Invalid", 78, ""), ("Unreadable", 78, ""),
        ("invalid", 78, "Boot/"), ("Unusable", 78, ""), ("ControlReply.error", nil, ""),
        ("refuse", nil, "codetainer/"), ("leave", nil, "codetainer/"),
        ("stopped", nil, "codetainer/"),
        ("refuse", nil, "Supervision/"), ("log.error", nil, ""), ("warn", nil, "Boot/"),
    ]

    /// Files of reasons.
    private static let reasons = [
        "Boot/SecretFolder.swift", "Boot/WritablePath.swift", "Linux/ProgramFile.swift",
        "Policy/AddressGrammar.swift",
        "Policy/AllowlistBuilder.swift", "Policy/IPv6Cursor.swift", "Policy/NameGrammar.swift",
        "Policy/PrivateWord.swift",
        "Policy/ServiceGrammar.swift", "Policy/SubjectGrammar.swift", "Policy/UnicodeLabel.swift",
        "Reaper/Reaper.swift", "Secrets/SecretDefect.swift", "Linux/System.swift",
        "Supervision/PolicySources.swift", "codetainer/AttachWait.swift",
    ]

    /// Functions of reasons.
    private static let functions = [("codetainer/StatusCommand.swift", "message")]

    /// Files whose errors no person meets: PID 1 alone runs these commands, and writes their words.
    private static let internals = [
        "codetainer/MetricsServerCommand.swift", "codetainer/ProbeCommand.swift",
        "codetainer/RelayCommand.swift",
        "codetainer/ReportCommand.swift", "codetainer/ResolverCommand.swift",
        "codetainer/RunAgentCommand.swift", "codetainer/WorkspaceCommand.swift",
        "Session/SessionPlan.swift", "Verification/Prober.swift",
    ]

    /// - Parameter sentencesOnly: leave out what only puts a name before another error.
    static func all(sentencesOnly: Bool = true) throws -> [SourceMessage] {
        let sources = URL(filePath: "\(root)/Sources")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
        var messages: Set<SourceMessage> = []
        for path in paths.sorted()
        where path.hasSuffix(".swift") && !path.hasPrefix("TestSupport/")
            && !path.hasPrefix("codetainer-bench/") && !internals.contains(path)
        {
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            messages.formUnion(Self.messages(in: text, file: path))
        }
        return messages.filter { $0.isSentence || !sentencesOnly }
            .sorted { ($0.file, $0.text) < ($1.file, $1.text) }
    }

    /// What is in the text of one file.
    static func messages(in text: String, file: String) -> Set<SourceMessage> {
        var source = SwiftSource(text)
        var messages: Set<SourceMessage> = []
        if reasons.contains(file) {
            for literal in source.literals(in: source.bytes.indices) {
                messages.insert(SourceMessage(text: literal, code: nil, file: file))
            }
        }
        for (_, name) in functions.filter({ $0.0 == file }) {
            // From its head to the line that closes it.
            guard let head = text.range(of: "func \(name)("),
                let end = text.range(of: "\n    }\n", range: head.upperBound..<text.endIndex)
            else { continue }
            var body = SwiftSource(String(text[head.upperBound..<end.lowerBound]))
            for literal in body.literals(in: body.bytes.indices) {
                messages.insert(SourceMessage(text: literal, code: nil, file: file))
            }
        }
        for maker in makers where file.hasPrefix(maker.folder) {
            for range in source.calls(of: maker.name) {
                let code = maker.code ?? source.code(in: range)
                for literal in source.literals(in: range) where literal.contains(" ") {
                    messages.insert(SourceMessage(text: literal, code: code, file: file))
                }
            }
        }
        return messages
    }

    /// Names of the types that are errors, by file.
    static func errorTypes() throws -> Set<String> {
        let sources = URL(filePath: "\(root)/Sources")
        var names: Set<String> = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: sources.path)
        where path.hasSuffix(".swift") && !path.hasPrefix("codetainer-bench/") {
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            for line in text.split(separator: "\n") {
                let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
                guard line.hasSuffix("{"), let colon = line.firstIndex(of: ":"),
                    line[colon...].split(whereSeparator: { !$0.isLetter }).contains("Error"),
                    let keyword = words.firstIndex(where: {
                        ["struct", "enum", "class"].contains($0)
                    }
                    )
                else { continue }
                names.insert(String(words[keyword + 1]))
            }
        }
        return names
    }
}

extension SourceMessage {
    /// Whether it says something itself, and does not only put a name before another error.
    var isSentence: Bool {
        let words = text.split(separator: " ")
        guard words.count > 1 else { return false }
        return !(words.count <= 3 && words.last == "…" && words.dropLast().last?.last == ":")
    }
}
