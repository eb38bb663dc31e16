import Linux
import Profile

extension BootSequence {
    /// Tries from inside what must fail. The probes are this program, run as the agent in the
    /// agent's cage; what they print goes to the container's log.
    func verify(_ agent: AgentSetting) throws(BootFailure) {
        reportCage(agent)
        let probes = try attempting("verify the cage", .software) { () throws(SystemCallError) in
            try agent.spawnOwn(
                ["probe"] + (agent.configuration.audits ? ["--audit"] : [])
                    + (agent.configuration.profile.agent.allowsUserNamespaces
                        ? ["--user-namespaces"] : []),
                in: "/")
        }
        guard try wait(for: probes, atMost: 10_000) == .exited(0) else {
            throw BootFailure(
                .software,
                "the cage does not hold: see the lines above; nothing was started: report this with the output of `docker version` and `uname -r`"
            )
        }
    }
}
