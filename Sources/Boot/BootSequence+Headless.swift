import Confinement
import Control
import Linux
import Profile
import Session
import Supervision

extension BootSequence {
    /// Starts the agent without tmux, on the container's own input, output and terminal, and waits
    /// until it runs: then everything that confines it is on.
    func startHeadless(_ agent: AgentSetting) throws(BootFailure) {
        let profile = agent.configuration.profile
        var plan = HeadlessPlan(
            command: profile.agent.command,
            onExit: RunnerPlan.ExitPolicy(rawValue: profile.agent.onExit.rawValue) ?? .end,
            prompt: agent.prompt, promptFile: agent.promptFile, executable: executable)
        plan.signalsGroup = supervisor.configuration.terms.signalsGroup
        supervisor.facts.session = SessionFacts(
            name: profile.agent.session, command: plan.command, server: 0, kind: plan.kind,
            since: Instant.now.nanoseconds)
        var reading: CInt = -1
        try attempting("start \(plan.command[0])") { () throws(SystemCallError) in
            // Closed in the agent by its cage, when the last stage of that becomes the agent.
            let pipe = try DescriptorPair.pipe()
            try self.supervisor.passOnFurtherSignals()
            let request = self.request(plan, agent, running: pipe.second.raw)
            StandardStreams.leaveTerminal()
            let process = try Processes.spawn(request)
            self.supervisor.facts.session?.server = process
            try Descriptors.setNonBlocking(pipe.first.raw)
            reading = pipe.takeFirst().release()
        }
        StandardStreams.release()
        try awaitStart(OwnedDescriptor(adopting: reading), plan.command[0])
    }

    private func request(_ plan: HeadlessPlan, _ agent: AgentSetting, running: CInt) -> SpawnRequest
    {
        // A session of its own, with the terminal if there is one: PID 1 is in no session with it.
        var cage = agent.cage(in: workDirectory(agent))
        cage.takesTerminal = StandardStreams.haveTerminal
        cage.saysJSON = supervisor.configuration.log.form == .json
        var request = agent.request(plan.words, in: cage)
        request.descriptors = [(0, 0), (1, 1), (2, 2), (running, 3)]
        return request
    }

    /// Waits for the end of `running`; an agent that could not be started has ended by then.
    private func awaitStart(_ running: consuming OwnedDescriptor, _ name: String)
        throws(BootFailure)
    {
        let descriptor = running.release()
        defer { Descriptors.close(descriptor) }
        var isOver = false
        do {
            try supervisor.wait(until: .now + 30_000, readable: descriptor) {
                var octet: [UInt8] = [0]
                isOver = isOver || (try? Descriptors.read(descriptor, into: &octet)) != nil
                return isOver
            }
        } catch Supervisor.Interruption.stopped(let signal) {
            throw BootFailure(stoppedBy: signal.number)
        } catch {
            throw BootFailure(
                .system,
                "cannot start \(name): it is not running after 30 s: see its own lines above")
        }
    }
}
