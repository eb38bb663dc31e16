extension Reference {
    /// Records with an empty line between: name, value, default, an example, and the meaning. All with
    /// a meaning of their own are here, but for the system's (PATH, HOME, LANG).
    ///
    /// One that begins with `CODETAINER_` and is not here stops boot: most likely it is misspelt.
    static let variableRecords = """
        CODETAINER_PROFILE
        a name below /etc/codetainer/profiles, or a path with a '/'
        /etc/codetainer/profile.toml, the image's
        claude-code
        The profile that is booted.

        CODETAINER_ALLOWLIST
        paths, ':' between
        the profile's egress.allowlist
        /opt/network/domains.conf:/opt/network/team.conf
        Other allowlist files.

        CODETAINER_ALLOW
        rules of an allowlist, spaces between
        none
        api.example.com *.example.net:8443
        More rules, after those of the files: see `codetainer help allowlist`.

        CODETAINER_EGRESS
        enforce or audit
        enforce
        audit
        With audit everything passes and is recorded; `status` says DEGRADED.

        CODETAINER_UPSTREAMS
        IP addresses, spaces or commas between
        the profile's egress.upstreams
        192.0.2.53,2001:db8::53
        DNS servers that the resolver asks.

        CODETAINER_PUBLISH
        ports as in 8080/tcp, spaces or commas between
        the profile's egress.publish
        8080,9000-9010/udp
        Ports that may be reached from outside.

        CODETAINER_METRICS
        a TCP port that is not 53
        the profile's metrics.port
        9464
        Where collectors get the metrics, at /metrics: see docs/observing.md.

        CODETAINER_ON_EXIT
        keep, end or restart
        the profile's agent.on-exit
        end
        What happens when the agent ends by itself.

        CODETAINER_STOP_TIMEOUT
        a time from 1s to 10m
        the profile's shutdown.total
        25s
        How long ending the container may take; give `docker stop --time` a little more.

        CODETAINER_TRAPS
        a number from 1 to 60
        3
        5
        Traps in PID 1's own code within a minute that end the container; fewer it survives.

        CODETAINER_USER
        UID, UID:GID, or a name of /etc/passwd
        the user agent, else 1000
        1000:1000
        With `init --cage`: who the command runs as; --user counts more.

        CODETAINER_UID
        a uid, or auto
        the account's in the image
        auto
        The agent's uid, for files that are a person's: with auto that of the workspace's owner, \
        where nobody else has it. Its home and /etc/passwd follow.

        CODETAINER_GID
        a gid
        with CODETAINER_UID the same number, or the workspace's
        1000
        The agent's gid.

        CODETAINER_SECRETS
        keep or remove
        keep
        remove
        With remove, boot deletes the files of /run/secrets once it has read them: for a folder that \
        was made for this one run and is mounted writable. The agent never sees it.

        CODETAINER_WRITABLE
        absolute paths, ':' between
        none
        /var/cache/nginx:/data
        With `init --cage`: more directories that the command may write, beside those of \
        --writable.

        CODETAINER_SIGNAL
        child or group
        child
        group
        With `init -- COMMAND`: who gets the signals that arrive.

        CODETAINER_LOG
        human or json
        human
        json
        How the container's log is written: for people, or one JSON object a line.

        CODETAINER_LOG_LEVEL
        debug, info, notice, warning or error
        info
        warning
        The least that is logged.

        CODETAINER_NPM_TOKEN
        a token
        GH_PAT, in the profile claude-code
        ghp_…
        What npm sends to npm.pkg.github.com, where a profile exposes a secret as it.

        GIT_USER_NAME
        one line of text
        codetainer
        Ada Lovelace
        Who commits.

        GIT_USER_EMAIL
        one line of text
        codetainer@noreply.github.com
        ada@example.org
        Who commits.

        REPO_URL
        an https URL without credentials
        nothing is cloned
        https://github.com/you/project
        The repository that is cloned at boot, as the agent, inside the cage.

        CLAUDE_PROMPT
        text
        none
        Fix the failing tests
        What the agent is asked first, where its profile says `prompt = true`.

        GRAFANA_INSTANCE_ID
        a number
        no telemetry
        123456
        With the next two, in the profile claude-code: who sends telemetry. Without one it is off.

        GRAFANA_API_TOKEN
        a token
        no telemetry
        glc_…
        What that is allowed by; /run/secrets and GRAFANA_API_TOKEN_FILE will do, too.

        GRAFANA_OTLP_ENDPOINT
        https://HOST[:PORT][/PATH]
        no telemetry
        https://otlp-gateway-prod-us-west-2.grafana.net/otlp
        Where it goes to; the allowlist gets its host and port.

        OTEL_LOG_USER_PROMPTS
        0 or 1
        1
        0
        Whether telemetry has what the agent is asked.

        OTEL_LOG_TOOL_DETAILS
        0 or 1
        1
        0
        Whether it has what tools are called with, and what they return.

        OTEL_RESOURCE_ATTRIBUTES
        NAME=VALUE, commas between
        fly.app_name and fly.machine_id on Fly.io
        team.id=platform
        More attributes of everything it has.

        NO_COLOR
        anything
        colours on a terminal
        1
        No colours, in the log and in the output of commands (no-color.org).

        TERM
        a terminal's name
        no colours in the log
        xterm-256color
        The terminal: the log has no colours where it is dumb; `attach` uses one that the image \
        knows.

        TINI_SUBREAPER
        anything
        not set
        1
        tini's: as `init --subreaper`.

        TINI_KILL_PROCESS_GROUP
        anything
        not set
        1
        tini's: as `init --group`.

        TINI_VERBOSITY
        a number
        0
        2
        tini's: as so many `init --verbose`.

        DUMB_INIT_DEBUG
        1
        not set
        1
        dumb-init's: each signal and each end is told.

        DUMB_INIT_SETSID
        0 or 1
        0
        1
        dumb-init's: 1 as `init --group`, 0 as --single-child.
        """
}
