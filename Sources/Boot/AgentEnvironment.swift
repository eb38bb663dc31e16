import Linux
import Profile
import SystemPackage

/// The environment of the agent and everything it starts: an allowlist, not a filter.
struct AgentEnvironment {
    private var variables: [String: String]

    init(
        profile: AgentProfile, agent: Account, container: [String: String],
        secrets: [String: String], socketDirectory: String
    ) {
        guard !profile.environment.passesAll else {
            variables = Self.container(container, agent, socketDirectory)
            return
        }
        variables = [
            "HOME": agent.home.string,
            "USER": agent.name,
            "LOGNAME": agent.name,
            "SHELL": agent.shell.string,
            "PATH": container["PATH"]
                ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": container["LANG"] ?? "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "XDG_RUNTIME_DIR": socketDirectory,
            "TMUX_TMPDIR": socketDirectory,
        ]
        if profile.agent.isHeadless {
            // There is the container's own terminal, or none.
            variables["TERM"] = container["TERM"]
            variables["COLORTERM"] = container["COLORTERM"]
            variables["TMUX_TMPDIR"] = nil
        }
        let held = Set(profile.secretNames)
        let own = held.union(variables.keys)
        let others = profile.environment.passesOthers ? container.keys.sorted() : []
        for name in others where SecretFolder.defect(of: name) == nil && !own.contains(name) {
            variables[name] = container[name]
        }
        // A secret it gets as `expose` says, and in no other way.
        for name in profile.environment.passed where !held.contains(name) {
            if let value = container[name] { variables[name] = value }
        }
        for variable in profile.environment.set { variables[variable.name] = variable.value }
        for (name, value) in secrets { variables[name] = value }
    }

    /// All of the container's but codetainer's own; who the agent is instead of what root is.
    private static func container(
        _ container: [String: String], _ agent: Account, _ socketDirectory: String
    ) -> [String: String] {
        var variables = container.filter { !$0.key.hasPrefix("CODETAINER_") }
        variables["PATH"] =
            variables["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables["HOME"] = agent.home.string
        variables["USER"] = agent.name
        variables["LOGNAME"] = agent.name
        variables["SHELL"] = agent.shell.string.isEmpty ? nil : agent.shell.string
        variables["XDG_RUNTIME_DIR"] = socketDirectory
        return variables
    }

    /// Adds what is known only when the agent is about to start.
    mutating func add(_ more: [String: String]) { variables.merge(more) { $1 } }

    /// `NAME=value` each, sorted by name.
    var entries: [String] { variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }

    var path: String { variables["PATH"] ?? "" }
}
