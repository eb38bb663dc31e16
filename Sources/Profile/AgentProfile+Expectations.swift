extension AgentProfile {
    /// What must be so before the agent starts.
    public struct Expectations: Equatable, Sendable {
        /// Paths that nobody may write in the container, as far as they are there.
        public var readOnly: [String] = []
        /// What the runtime is to limit; `status` says which it does not.
        public var limits: [Limit] = []
        /// Whether boot ends where the image holds a credential.
        public var noCredentials = false

        public init() {}
    }

    /// What a container's control groups limit.
    public enum Limit: String, CaseIterable, Sendable {
        case memory
        case processors = "cpu"
        case processes = "pids"
    }
}

extension AgentProfile.Expectations {
    init(reading table: inout TableReader) {
        self.init()
        readOnly = table.absolutePaths("read-only")
        for text in table.strings("limits") ?? [] {
            if let limit = AgentProfile.Limit(rawValue: text) {
                limits.append(limit)
            } else {
                let choices = AgentProfile.Limit.allCases.map(\.rawValue).joined(separator: ", ")
                table.note("limits", "limits \"\(text)\" must be one of \(choices)")
            }
        }
        noCredentials = table.bool("no-credentials") ?? false
    }
}
