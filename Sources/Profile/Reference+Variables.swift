extension Reference {
    /// Every variable with a meaning of its own, but for the system's (PATH, HOME, LANG).
    ///
    /// One that begins with `CODETAINER_` and is not here stops boot: most likely it is misspelt.
    public static let variables: [Variable] = [
        Variable(
            "CODETAINER_PROFILE", "a name below /etc/codetainer/profiles, or a path with a '/'",
            default: "the image's", "claude-code", "The profile that is booted."),
        Variable(
            "CODETAINER_ALLOWLIST", "paths, ':' between", default: "the profile's egress.allowlist",
            "/opt/network/domains.conf:/opt/network/team.conf", "Other allowlist files."),
        Variable(
            "CODETAINER_ALLOW", "rules of an allowlist, spaces between", default: "none",
            "api.example.com *.example.net:8443",
            "More rules, after those of the files: see `codetainer help allowlist`."),
        Variable(
            "CODETAINER_EGRESS", "enforce or audit", default: "enforce", "audit",
            "With audit everything passes and is recorded; `status` says DEGRADED."),
        Variable(
            "CODETAINER_UPSTREAMS", "IP addresses, spaces or commas between",
            default: "the profile's egress.upstreams", "192.0.2.53,2001:db8::53",
            "DNS servers that the resolver asks."),
        Variable(
            "CODETAINER_PUBLISH", "ports as in 8080/tcp, spaces or commas between",
            default: "the profile's egress.publish", "8080,9000-9010/udp",
            "Ports that may be reached from outside."),
        Variable(
            "CODETAINER_ON_EXIT", "keep, end or restart", default: "the profile's agent.on-exit",
            "end", "What happens when the agent ends by itself."),
        Variable(
            "CODETAINER_STOP_TIMEOUT", "a time from 1s to 10m",
            default: "the profile's shutdown.total", "25s",
            "How long ending the container may take; give `docker stop --time` a little more."),
        Variable(
            "CODETAINER_TRAPS", "a number from 1 to 60", default: "3", "5",
            "Traps in PID 1's own code within a minute that end the container; fewer it survives."),
        Variable(
            "CODETAINER_USER", "UID, UID:GID, or a name of /etc/passwd",
            default: "the user agent, else 1000", "1000:1000",
            "With `init --cage`: who the command runs as; --user counts more."),
        Variable(
            "CODETAINER_WRITABLE", "absolute paths, ':' between", default: "none",
            "/var/cache/nginx:/data",
            "With `init --cage`: more directories that the command may write, beside those of --writable."
        ),
        Variable(
            "CODETAINER_SIGNAL", "child or group", default: "child", "group",
            "With `init -- COMMAND`: who gets the signals that arrive."),
        Variable(
            "CODETAINER_LOG", "human or json", default: "human", "json",
            "How the container's log is written: for people, or one JSON object a line."),
        Variable(
            "CODETAINER_LOG_LEVEL", "debug, info, notice, warning or error", default: "info",
            "warning", "The least that is logged."),
        Variable(
            "CODETAINER_NPM_TOKEN", "a token", default: "GH_PAT, in the profile claude-code",
            "ghp_…", "What npm sends to npm.pkg.github.com, where a profile exposes a secret as it."
        ),
        Variable(
            "GIT_USER_NAME", "one line of text", default: "codetainer", "Ada Lovelace",
            "Who commits."),
        Variable(
            "GIT_USER_EMAIL", "one line of text", default: "codetainer@noreply.github.com",
            "ada@example.org", "Who commits."),
        Variable(
            "REPO_URL", "an https URL without credentials", default: "nothing is cloned",
            "https://github.com/you/project",
            "The repository that is cloned at boot, as the agent, inside the cage."),
        Variable(
            "CLAUDE_PROMPT", "text", default: "none", "Fix the failing tests",
            "What the agent is asked first, where its profile says `prompt = true`."),
        Variable(
            "NO_COLOR", "anything", default: "colours on a terminal", "1",
            "No colours, in the log and in the output of commands (no-color.org)."),
        Variable(
            "TERM", "a terminal's name", default: "no colours in the log", "xterm-256color",
            "The terminal: the log has no colours where it is dumb; `attach` uses one that the image knows."
        ),
        Variable(
            "TINI_SUBREAPER", "anything", default: "not set", "1",
            "tini's: as `init --subreaper`."),
        Variable(
            "TINI_KILL_PROCESS_GROUP", "anything", default: "not set", "1",
            "tini's: as `init --group`."),
        Variable(
            "TINI_VERBOSITY", "a number", default: "0", "2", "tini's: as so many `init --verbose`."),
        Variable(
            "DUMB_INIT_DEBUG", "1", default: "not set", "1",
            "dumb-init's: each signal and each end is told."),
        Variable(
            "DUMB_INIT_SETSID", "0 or 1", default: "0", "1",
            "dumb-init's: 1 as `init --group`, 0 as --single-child."),
    ]

    /// The names that checking the container's environment knows.
    public static var ownVariables: [String] {
        variables.map(\.name).filter { $0.hasPrefix("CODETAINER_") }
    }
}
