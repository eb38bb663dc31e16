import Linux
import Profile
import Supervision
import SystemPackage

extension BootSequence {
    /// How long a clone may take.
    private static let cloneTime: Milliseconds = 600_000
    /// Longest snapshot of remotes that is kept, in octets.
    private static let snapshotLimit = 16 << 10

    /// Ends boot where the agent would have no directory to work in: what starts it could only say
    /// that it failed.
    func findWorkspace(_ configuration: BootConfiguration) throws(BootFailure) {
        let path = FilePath(configuration.profile.workspace.path)
        do throws(SystemCallError) {
            let place = try Files.resolved(path)
            if try FileStatus(of: place)?.kind == .directory { return }
        } catch {
            // PID 1 may look at less than the agent by now.
            guard [.noSuchFileOrDirectory, .notDirectory].contains(error.cause) else { return }
        }
        throw BootFailure(
            .configuration,
            "workspace.path \(path) is no directory: name one that the image has, or mount a volume there"
        )
    }

    /// Clones `REPO_URL`, as the agent; a failure warns, because the agent can still work.
    func cloneWorkspace(_ agent: AgentSetting) throws(BootFailure) {
        guard let repository = agent.configuration.repository else { return }
        let workspace = agent.configuration.profile.workspace
        var words = ["workspace", repository.description, workspace.repository]
        if workspace.tracksUpstream { words.append("--upstream") }
        if supervisor.configuration.log.form == .json { words.append("--json") }
        guard let snapshot = try clone(words, as: agent, in: workspace.path) else {
            warn("\(repository) was not cloned: see git's own lines above")
            return
        }
        // Kept as it is, never parsed here: it comes from the repository.
        do throws(SystemCallError) {
            try Directory(Paths.run).write(
                snapshot, to: Paths.remotes, ownership: .root(mode: 0o444))
        } catch {
            warn("cannot keep the snapshot of remotes: \(error): report this")
        }
    }

    /// - Returns: what the clone printed, a snapshot of the remotes; nil when it failed.
    private func clone(_ words: [String], as agent: AgentSetting, in directory: String)
        throws(BootFailure) -> [UInt8]?
    {
        do {
            let pipe = try DescriptorPair.pipeWithoutWaiting()
            let clone = try agent.spawnOwn(words, in: directory, output: pipe.second.raw)
            let reading = pipe.takeFirst()
            guard let status = try wait(for: clone, atMost: Self.cloneTime) else {
                try send(.kill, to: clone)
                return nil
            }
            guard status.isSuccess else { return nil }
            return try Files.read(reading, subject: "the remotes", limit: Self.snapshotLimit)
        } catch let failure as BootFailure {
            throw failure
        } catch {
            note("\(error)")
            return nil
        }
    }
}
