/// What is done before the agent starts: a service that is ready when it has ended with 0, once.
extension AgentProfile.Service {
    /// `[[step]]`
    ///
    /// - Parameter secrets: names that it cannot have.
    init(readingStep table: inout TableReader, secrets: Set<String>) {
        self.init(reading: &table, kind: "step", secrets: secrets)
        user = table.string("user") ?? ""
        directory = table.optionalPath("directory") ?? ""
        readiness = .exit
        readyWithin = table.duration("within", 1...600_000) ?? 60_000
        restart = .never
    }

    /// Steps as they run: as the agent where none else is named, each after the one before it.
    static func inOrder(_ steps: [Self], user: String, workspace: String) -> [Self] {
        var ordered: [Self] = []
        for var step in steps {
            if step.user.isEmpty { step.user = user }
            if step.directory.isEmpty { step.directory = workspace }
            // One name twice is a mistake of its own: it makes no step wait for itself.
            if let previous = ordered.last, previous.name != step.name {
                step.after = [previous.name]
            }
            ordered.append(step)
        }
        return ordered
    }
}
