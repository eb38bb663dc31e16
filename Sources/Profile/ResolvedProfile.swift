import TOML

/// A profile with all that it inherits.
public struct ResolvedProfile {
    public let profile: AgentProfile
    /// What was read: the profile itself, what it extends, and so on.
    public let files: [String]
    private let document: Table

    /// Reads a profile.
    ///
    /// - Parameters:
    ///   - utf8: a TOML 1.0 document.
    ///   - file: its path, as errors show it; names that it extends are looked for beside it first.
    ///   - identity: as `files` would give it; nil where the text is in no file.
    ///   - files: reads what it extends.
    /// - Throws: `ProfileIssues` with everything that is wrong in all of them.
    public init(
        parsing utf8: [UInt8], file: String, identity: String? = nil, files: ProfileFiles
    ) throws(ProfileIssues) {
        let log = IssueLog()
        var lineage = Lineage(files)
        lineage.read(utf8, at: file, identity: identity, log: log)
        log.isPartial = !log.isEmpty
        document = lineage.merged(log: log)
        ProfileMerge.noteTaken(in: document, log: log)
        self.files = lineage.paths
        profile = TableReader.read(document, at: [], log: log) { AgentProfile(reading: &$0) }
        guard log.isEmpty else { throw ProfileIssues(issues: log.sorted) }
    }

    /// One document that says the same.
    ///
    /// - Parameter origins: whether each value is followed by its file and line.
    public func text(origins: Bool) -> String {
        Document.text(of: document) { origins ? "\($0.file):\($0.line)" : nil }
    }
}
