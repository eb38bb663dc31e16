/// Profiles that are made in the program instead of being read.
extension AgentProfile {
    /// A profile that says nothing but who runs what.
    public init(name: String, user: String, command: [String]) {
        self.init(name: name, user: user, agent: Agent(command: command, session: name))
    }
}

extension AgentProfile.SecretRequirement {
    /// A secret that may be missing, and that the agent never sees.
    public init(optional name: String) { self.init(name: name, isRequired: false) }
}

extension AgentProfile.Variable {
    public init(_ name: String, _ value: String) { self.init(name: name, value: value) }
}

extension AgentProfile.File {
    /// A copy for the agent alone, which cannot change it by mistake.
    public init(copying source: String, to path: String) {
        self.init(path: path, contents: .source(source), owner: .agent, mode: 0o400)
    }
}

extension AgentProfile.Tmpfs {
    /// - Parameters:
    ///   - size: octets.
    ///   - mode: permission bits.
    public init(at path: String, size: Int, owner: AgentProfile.Owner = .agent, mode: UInt32) {
        self.init(path: path, size: size, owner: owner, mode: mode)
    }
}
