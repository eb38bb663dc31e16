import Linux
import Profile
import Session
import SystemPackage

extension BootSequence {
    /// The prompt goes to the agent in a file of its own; the log shows what it hashes to.
    func writePrompt(_ configuration: BootConfiguration) throws {
        guard let prompt = configuration.prompt else { return }
        guard configuration.profile.agent.takesPrompt else {
            warn(
                "CLAUDE_PROMPT is set, but this profile's agent takes no prompt: set `prompt = true` in [agent], or leave it out"
            )
            return
        }
        let text = Array(prompt.utf8)
        note("prompt: SHA-256 \(SHA256.hexadecimalDigest(of: text))")
        guard configuration.promptIsFile else { return }
        let agent = configuration.agent
        try Privileges.actingOnFiles(user: agent.user, group: agent.group) {
            () throws(SystemCallError) in
            try Directory(FilePath(SessionPlan.socketDirectory(user: agent.user))).write(
                text, to: AgentSetting.promptName,
                ownership: Ownership(user: agent.user, group: agent.group, mode: 0o600))
        }
    }
}

extension BootConfiguration {
    /// Whether a runner reads the prompt; an agent that is started once, by boot, just gets it.
    var promptIsFile: Bool { !profile.agent.isHeadless || profile.agent.onExit == .restart }
}
