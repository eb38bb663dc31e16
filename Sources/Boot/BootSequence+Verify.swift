import Confinement
import Control
import Linux
import Supervision
import Verification

extension BootSequence {
    /// Tries from inside what must fail. The attacks are made by this program, as the agent in the
    /// agent's cage; what they complain of goes to the container's log.
    func verify(_ agent: AgentSetting) throws(BootFailure) {
        reportCage(agent)
        try reportLimits(agent.configuration)
        let cage = agent.cage(in: "/")
        supervisor.facts.cage.options = cage.options
        var prober = Prober(
            cage: cage,
            scene: Scene(
                resolver: supervisor.facts.resolver.process, controlSocket: Paths.controlSocket),
            audits: agent.configuration.audits, attacks: [])
        var processes: [CInt] = []
        for share in Prober.fast {
            prober.attacks = [share]
            let request = SpawnRequest(System.ownExecutable, ["codetainer"] + prober.arguments)
            let process = try attempting("verify the cage", .software) {
                () throws(SystemCallError) in try Processes.spawn(request)
            }
            supervisor.expect(process)
            processes.append(process)
        }
        // Far more than it needs: where nothing refuses, each attack waits for its answer.
        var holds = true
        for process in processes where try wait(for: process, atMost: 30_000) != .exited(0) {
            holds = false
        }
        guard holds else {
            throw BootFailure(
                .software,
                "the cage does not hold: see the lines above; nothing was started: report this with the output of `docker version` and `uname -r`"
            )
        }
    }
}
