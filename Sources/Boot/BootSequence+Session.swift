import Control
import Linux
import Profile
import Session
import Supervision
import SystemPackage

extension BootSequence {
    /// Starts the agent as its profile says.
    func startAgent(_ agent: AgentSetting) throws(BootFailure) {
        if agent.configuration.profile.agent.isHeadless {
            try startHeadless(agent)
        } else {
            try startSession(agent)
        }
    }

    /// Starts tmux with the agent in its upper pane and a login shell in the lower one.
    private func startSession(_ agent: AgentSetting) throws(BootFailure) {
        let profile = agent.configuration.profile
        let plan = SessionPlan(
            name: profile.agent.session, command: profile.agent.command,
            directory: workDirectory(agent), shell: agent.agent.shell.string,
            onExit: RunnerPlan.ExitPolicy(rawValue: profile.agent.onExit.rawValue) ?? .keep,
            prompt: agent.promptFile, executable: executable,
            configuration: Paths.tmuxConfiguration)
        // Before tmux runs: the agent's runner may ask for the control socket at once.
        supervisor.facts.session = SessionFacts(
            name: plan.name, command: plan.command, server: 0, since: Instant.now.nanoseconds)
        var printed = [UInt8](repeating: 0, count: 32)
        var tmux: CInt = 0
        var reading: CInt = -1
        try attempting("start the session") { () throws(SystemCallError) in
            let pipe = try DescriptorPair.pipeWithoutWaiting()
            tmux = try agent.spawn(plan.tmuxCommand, in: plan.directory, output: pipe.second.raw)
            reading = pipe.takeFirst().release()
        }
        let output = OwnedDescriptor(adopting: reading)
        guard let status = try wait(for: tmux, atMost: 30_000), status.isSuccess else {
            throw BootFailure(
                .system,
                "the session did not start: see tmux's own lines above: put tmux into the image, or mend \(Paths.tmuxConfiguration)"
            )
        }
        try attempting("read tmux's answer") { () throws(SystemCallError) in
            let count = try output.read(into: &printed) ?? 0
            printed.removeLast(printed.count - count)
        }
        guard let server = SessionPlan.server(fromOutput: printed) else {
            throw BootFailure(
                .system,
                "tmux did not say its process number: report this with the output of `tmux -V`")
        }
        supervisor.facts.session?.server = server
        supervisor.spare(server)
    }

    /// The clone when there is one, else the workspace.
    func workDirectory(_ agent: AgentSetting) -> String {
        let workspace = agent.configuration.profile.workspace
        let clone = try? FileStatus(of: FilePath(workspace.repository + "/.git"))
        return clone != nil ? workspace.repository : workspace.path
    }
}
