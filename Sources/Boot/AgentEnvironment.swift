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
        for name in profile.environment.passed {
            if let value = container[name] { variables[name] = value }
        }
        for variable in profile.environment.set { variables[variable.name] = variable.value }
        for (name, value) in secrets { variables[name] = value }
    }

    /// `NAME=value` each, sorted by name.
    var entries: [String] { variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }

    var path: String { variables["PATH"] ?? "" }
}
