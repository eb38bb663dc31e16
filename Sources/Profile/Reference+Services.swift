extension Reference {
    static let egress = Table(
        "egress", "What may leave the container, and what may come in.",
        [
            Key(
                "allowlist", "an array of strings", default: "[\"/opt/network/domains.conf\"]",
                "[\"/opt/network/domains.conf\", \"/opt/network/gemini.conf\"]",
                "Allowlist files, read in this order. CODETAINER_ALLOWLIST counts more."),
            Key(
                "upstreams", "an array of strings, IP addresses",
                default: "[]", "[\"192.0.2.53\"]",
                "DNS servers that the resolver asks; none means those of /etc/resolv.conf. CODETAINER_UPSTREAMS counts more."
            ),
            Key(
                "publish", "an array of strings, ports", default: "[]",
                "[\"8080/tcp\", \"9000-9010/udp\"]",
                "Ports that may be reached from outside. CODETAINER_PUBLISH counts more."),
        ])

    static let workspace = Table(
        "workspace", "Where the agent works.",
        [
            Key(
                "path", "a string, an absolute path", default: "\"/workspace\"", "\"/src\"",
                "Its directory where nothing was cloned."),
            Key(
                "repository", "a string, an absolute path", default: "\"/workspace/repo\"",
                "\"/src/project\"", "Where REPO_URL is cloned, and it works then."),
            Key(
                "tracks-upstream", "true or false", default: "false", "true",
                "Whether the parent of a fork on GitHub becomes the remote `upstream`."),
        ])

    static let health = Table(
        "health", "What `codetainer health` looks at besides PID 1.",
        [
            Key(
                "port", "a whole number, 1 to 65535", default: "no port is tried", "8001",
                "A TCP port on which the agent accepts connections through loopback.")
        ])

    static let service = Table(
        "service", repeats: true,
        "A program beside the agent, as little trusted, kept running by PID 1: see docs/services.md. At most 32.",
        [
            Key(
                "name", "a string, lower-case letters, digits and '-', at most 32", default: nil,
                "\"cache\"", "What the log, `status` and other services call it."),
            Key(
                "command", "an array of strings", default: nil,
                "[\"redis-server\", \"--port\", \"6379\"]",
                "The program and its arguments; no shell comes between."),
            Key(
                "user", "a string", default: nil, "\"redis\"",
                "An account of the image's /etc/passwd: not root, not the resolver's."),
            Key(
                "directory", "a string, an absolute path", default: "\"/\"", "\"/srv/cache\"",
                "Where it starts."),
            Key(
                "environment", "a table of strings", default: "{}", "{ TZ = \"UTC\" }",
                "Its variables, beside PATH, LANG, HOME, USER and LOGNAME."),
            Key(
                "pass", "an array of strings, names of variables", default: "[]",
                "[\"REDIS_LOGLEVEL\"]",
                "Variables of the container that it sees as they are; no secret of the profile."),
            Key(
                "seccomp", "a string, one of agent, service, none", default: "\"agent\"",
                "\"service\"", "Its system calls, as `codetainer confine --seccomp` has them."),
            Key(
                "writable", "an array of strings, absolute paths",
                default: "what permissions allow", "[\"/srv/cache\"]",
                "With Landlock: it writes below these, and to harmless devices, only."),
            Key(
                "processes", "a number from 1 to 32768", default: "512", "64",
                "Processes and threads of its uid, at most."),
            Key(
                "open-files", "a number from 16 to 1048576", default: "4096", "1024",
                "Open files of each of its processes, at most."),
            Key(
                "ready", "a string, none, exit, port:NUMBER or fd:NUMBER", default: "\"none\"",
                "\"port:6379\"",
                "How it is known to be ready: it runs, has ended with 0, accepts connections on the loopback, or writes a newline to this descriptor."
            ),
            Key(
                "ready-within", "a string, a time up to 10m", default: "\"30s\"", "\"5s\"",
                "How long that may take."),
            Key(
                "restart", "a string, one of never, on-failure, always",
                default: "\"on-failure\"; \"never\" where ready is \"exit\"", "\"always\"",
                "When it is started again after its end."),
            Key(
                "stop-signal",
                "a string, one of SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH",
                default: "\"SIGTERM\"", "\"SIGINT\"", "What asks it to end."),
            Key(
                "stop-grace", "a string, a time up to 10m", default: "\"2s\"", "\"500ms\"",
                "From then to SIGKILL."),
            Key(
                "required", "true or false", default: "true", "false",
                "Whether the container ends when it cannot stay up."),
            Key(
                "after", "an array of strings, names of services", default: "[]", "[\"schema\"]",
                "Services that must be ready before it starts."),
        ])

    static let shutdown = Table(
        "shutdown", "How long ending the container may take. A time is 500ms, 8s or 2m.",
        [
            Key(
                "total", "a string, a time from 1s to 10m", default: "\"8s\"", "\"25s\"",
                "From the signal to the end; Docker kills after ten seconds. CODETAINER_STOP_TIMEOUT counts more."
            ),
            Key(
                "agent", "a string, a time up to the total", default: "all that the rest leaves",
                "\"5s\"", "The agent's part of it."),
        ])
}
