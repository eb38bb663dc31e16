extension Reference {
    /// The tables about the container, as in `tableRecords`.
    static let serviceRecords = """
        [egress]
        What may leave the container, and what may come in.

        allowlist
        an array of strings
        ["/opt/network/domains.conf"]
        ["/opt/network/domains.conf", "/opt/network/gemini.conf"]
        Allowlist files, read in this order. CODETAINER_ALLOWLIST counts more.

        allow
        an array of strings
        []
        ["api.example.com", "*.example.net:8443"]
        Rules besides those of the files: see `codetainer help allowlist`. They are added to those \
        that are inherited.

        upstreams
        an array of strings, IP addresses
        []
        ["192.0.2.53"]
        DNS servers that the resolver asks; none means those of /etc/resolv.conf. \
        CODETAINER_UPSTREAMS counts more.

        publish
        an array of strings, ports
        []
        ["8080/tcp", "9000-9010/udp"]
        Ports that may be reached from outside, or names of settings that hold one. \
        CODETAINER_PUBLISH counts more.

        targets
        an array of strings
        []
        ["CODEMODE_MAIN_APP_TARGET"]
        Names of settings that hold host:port. That host is opened at that port and nothing else, \
        a private address too; one that is this container itself needs no opening.

        [telemetry]
        Where the agent's own OTLP exporter sends to. It is on when all three are set: the \
        endpoint's host and port join the allowlist, and the agent gets the OTEL_ variables: see \
        docs/session.md.

        instance
        a string, the name of a variable
        needed
        "GRAFANA_INSTANCE_ID"
        The variable, or the secret, with the endpoint's user.

        token
        a string, the name of a variable
        needed
        "GRAFANA_API_TOKEN"
        The variable, or the secret, with its password; the agent gets both in one header only.

        endpoint
        a string, the name of a variable
        needed
        "GRAFANA_OTLP_ENDPOINT"
        The variable with its address: https://HOST[:PORT][/PATH].

        attributes
        a table of strings
        {}
        { "fly.app_name" = "FLY_APP_NAME" }
        Resource attributes, each with the variable that it is taken from.

        set
        a table of strings
        {}
        { OTEL_LOGS_EXPORTER = "otlp" }
        Variables that the agent sees besides, when it is on.

        [workspace]
        Where the agent works.

        path
        a string, an absolute path
        "/workspace"
        "/src"
        Its directory where nothing was cloned.

        repository
        a string, an absolute path
        "/workspace/repo"
        "/src/project"
        Where REPO_URL is cloned, and it works then.

        tracks-upstream
        true or false
        false
        true
        Whether the parent of a fork on GitHub becomes the remote `upstream`.

        ssh
        true or false
        false
        true
        Whether git asks GitHub by ssh where an address says so, with keys that are mounted; else \
        `git@github.com:` goes by https.

        [health]
        What `codetainer health` looks at besides PID 1.

        port
        a whole number, 1 to 65535, or the name of a setting that holds one
        no port is tried
        8001
        A TCP port on which the agent accepts connections through loopback.

        [metrics]
        Where collectors get what `codetainer status --format prometheus` prints: see \
        docs/observing.md.

        port
        a whole number, 1 to 65535 and not 53
        no server is started
        9464
        The TCP port of the metrics server, open from outside. CODETAINER_METRICS counts more.

        [[step]]
        What is done before the agent starts, in this order, one after the other: a program as \
        confined as a service, whose output is in the log. At most 32 with the services.

        name
        a string, lower-case letters, digits and '-', at most 32
        needed
        "plugins"
        What the log, `status` and services that come after it call it.

        command
        an array of strings
        needed
        ["/usr/local/lib/codetainer/install-plugins"]
        The program and its arguments; no shell comes between. It has to end with 0.

        user
        a string
        the agent's
        "claude"
        An account of the image's /etc/passwd: not root, not the resolver's.

        directory
        a string, an absolute path
        the workspace's path
        "/srv"
        Where it starts.

        \(confined(pass: "HTTP_TIMEOUT", writable: "/home/claude"))

        within
        a string, a time up to 10m
        "60s"
        "5m"
        How long it may take; then it is killed with its process group. What it put into a session \
        of its own stays, as confined as it was.

        required
        true or false
        true
        false
        Whether boot ends with 69 when it fails or takes too long; else the log says so.

        [[service]]
        A program beside the agent, as little trusted, kept running by PID 1: see \
        docs/services.md. At most 32.

        name
        a string, lower-case letters, digits and '-', at most 32
        needed
        "cache"
        What the log, `status` and other services call it.

        command
        an array of strings
        needed
        ["redis-server", "--port", "6379"]
        The program and its arguments; no shell comes between.

        user
        a string
        needed
        "redis"
        An account of the image's /etc/passwd: not root, not the resolver's.

        directory
        a string, an absolute path
        "/"
        "/srv/cache"
        Where it starts.

        \(confined(pass: "REDIS_LOGLEVEL", writable: "/srv/cache"))

        ready
        a string, none, exit, port:NUMBER or fd:NUMBER
        "none"
        "port:6379"
        How it is known to be ready: it runs, has ended with 0, accepts connections on the \
        loopback, or writes a newline to this descriptor.

        ready-within
        a string, a time up to 10m
        "30s"
        "5s"
        How long that may take.

        heartbeat
        a string, a time from 100ms to 10m
        none is asked for
        "10s"
        Within this time it must show each time that it works, by another newline or by accepting \
        a connection; else it is killed, and has failed.

        restart
        a string, one of never, on-failure, always
        "on-failure"; "never" where ready is "exit"
        "always"
        When it is started again after its end.

        stop-signal
        a string, one of SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH
        "SIGTERM"
        "SIGINT"
        What asks it to end.

        stop-grace
        a string, a time up to 10m
        "2s"
        "500ms"
        From then to SIGKILL.

        required
        true or false
        true
        false
        Whether the container ends when it cannot stay up.

        after
        an array of strings, names of services
        []
        ["schema"]
        Services that must be ready before it starts.

        [shutdown]
        How long ending the container may take. A time is 500ms, 8s or 2m.

        total
        a string, a time from 1s to 10m
        "8s"
        "25s"
        From the signal to the end; Docker kills after ten seconds. CODETAINER_STOP_TIMEOUT counts \
        more.

        agent
        a string, a time up to the total
        all that the rest leaves
        "5s"
        The agent's part of it.
        """

    /// What steps and services have in common; examples may differ.
    private static func confined(pass variable: String, writable path: String) -> String {
        """
        environment
        a table of strings
        {}
        { TZ = "UTC" }
        Its variables, beside PATH, LANG, HOME, USER and LOGNAME.

        pass
        an array of strings, names of variables
        []
        ["\(variable)"]
        Variables of the container that it sees as they are; no secret of the profile.

        seccomp
        a string, one of agent, service, none
        "agent"
        "service"
        Its system calls, as `codetainer confine --seccomp` has them.

        writable
        an array of strings, absolute paths
        what permissions allow
        ["\(path)"]
        With Landlock: it writes below these, and to harmless devices, only.

        processes
        a number from 1 to 32768
        512
        64
        Processes and threads of its uid, at most.

        open-files
        a number from 16 to 1048576
        4096
        1024
        Open files of each of its processes, at most.
        """
    }
}
