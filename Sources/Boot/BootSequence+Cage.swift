import Control
import Profile
import Supervision

extension BootSequence {
    /// What the agent's cage is beyond what the kernel shows of a process.
    func reportCage(_ agent: AgentSetting) {
        let reach = agent.reach
        supervisor.facts.cage.landlock = reach.description
        for missing in reach.missing { report(missing: missing.layer, missing.reason) }
        let opens = agent.configuration.profile.agent.allowsUserNamespaces
        supervisor.facts.cage.allowsUserNamespaces = opens
        if opens {
            report(
                missing: "user-namespaces",
                "the profile allows them: sandboxes inside the agent work, and more of the kernel is in its reach"
            )
        }
    }
}
