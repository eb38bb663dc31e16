extension Reference {
    /// The tables of a profile with their keys, in the order in which a person meets them.
    public static let tables: [Table] = [
        Table(
            "", "The document itself: these come before the first table.",
            [
                Key(
                    "name", "a string", default: nil, "\"claude-code\"",
                    "What the image is called in the log and in `status`."),
                Key(
                    "writable", "an array of strings, absolute paths", default: "[]", "[\"/data\"]",
                    "Volumes that stay writable; those at any other path become read-only."),
            ]),
        Table(
            "user", "Who the agent is.",
            [
                Key(
                    "name", "a string", default: nil, "\"claude\"",
                    "An account of the image's /etc/passwd. Neither its uid nor its gid may be 0.")
            ]),
        agent, secret, credential, environment, tmpfs,
        Table(
            "link", repeats: true,
            "A symbolic link that is made at boot, with the directories on its way, where its target exists.",
            [
                Key(
                    "path", "a string, an absolute path", default: nil,
                    "\"/home/claude/.local/bin/claude\"", "Where it is."),
                Key(
                    "target", "a string, an absolute path", default: nil,
                    "\"/usr/local/bin/claude\"", "Where it leads."),
            ]),
        file, egress, workspace, health, service, shutdown,
    ]

    private static let agent = Table(
        "agent", "The program that is locked up.",
        [
            Key(
                "command", "an array of strings", default: nil,
                "[\"claude\", \"--dangerously-skip-permissions\"]",
                "The program and its arguments; no shell comes between."),
            Key(
                "prompt", "true or false", default: "false", "true",
                "Whether CLAUDE_PROMPT becomes its last argument."),
            Key(
                "session", "a string", default: "the profile's name", "\"claude\"",
                "The name of its tmux session: ASCII without space, '.' and ':'. A headless agent has none."
            ),
            Key(
                "headless", "true or false", default: "false", "true",
                "Whether it runs without tmux, on the container's own input, output and terminal."),
            Key(
                "on-exit", "a string, one of keep, end, restart",
                default: "\"keep\"; \"end\" where headless", "\"restart\"",
                "When it ends by itself: keep the container and its shell, end the container with its code, or start it again after a growing pause. CODETAINER_ON_EXIT counts more."
            ),
            Key(
                "allow-user-namespaces", "true or false", default: "false", "true",
                "Whether it may make user namespaces, for sandboxes of its own (bubblewrap, Chromium). That opens much of the kernel to it; `status` says so."
            ),
        ])

    private static let secret = Table(
        "secret", repeats: true,
        "A value that nobody sees but those named here. It comes in the variable of its name, in the file that NAME_FILE names, or in /run/secrets/NAME, and leaves the environment before anything runs.",
        [
            Key(
                "name", "a string, the name of a variable", default: nil, "\"GH_PAT\"", "Its name."),
            Key(
                "required", "true or false", default: "true", "false",
                "Whether boot ends with 78 when it is missing. A damaged one always ends boot."),
            Key(
                "expose", "an array of strings, names of variables", default: "[]",
                "[\"GH_TOKEN\"]",
                "The variables in which the agent gets it, and can read it. In none, it stays with PID 1's broker."
            ),
        ])

    private static let credential = Table(
        "secret.credential",
        "Where the broker offers the secret to git and gh, which ask PID 1 for it: no file and no command line holds it.",
        [
            Key(
                "host", "a string", default: nil, "\"github.com\"",
                "The host that it is for; no other gets it."),
            Key(
                "username", "a string", default: nil, "\"x-access-token\"",
                "What git sends with it."),
        ])

    private static let environment = Table(
        "environment",
        "What the agent sees of the container's environment: an allowlist. HOME, USER, LOGNAME, SHELL, PATH, LANG and TERM are always there.",
        [
            Key(
                "pass", "an array of strings, names of variables", default: "[]", "[\"TZ\"]",
                "Variables of the container that it sees as they are."),
            Key(
                "set", "a table of strings", default: "{}", "{ GOTELEMETRY = \"off\" }",
                "Variables with these values, whatever the container's are."),
        ])

    private static let tmpfs = Table(
        "tmpfs", repeats: true,
        "A writable directory in memory. Everything else is read-only; what is here is gone with the container. Where the runtime has mounted something already, that stays.",
        [
            Key(
                "path", "a string, an absolute path", default: nil, "\"/workspace\"",
                "Where it is."),
            Key(
                "size", "a string, a number with K, M or G", default: nil, "\"512M\"",
                "Most that it holds; it counts as memory of the container."),
            Key(
                "owner", "a string, one of root, agent", default: "\"agent\"", "\"root\"",
                "Who owns its top."),
            Key(
                "mode", "a string, permission bits in octal", default: "\"0755\"", "\"1777\"",
                "The permissions of its top."),
        ])

    private static let file = Table(
        "file", repeats: true,
        "A file that is put in place at boot, after the file systems in memory. Either content or source says what is in it.",
        [
            Key(
                "path", "a string, an absolute path", default: nil, "\"/home/claude/.npmrc\"",
                "Where it is, with the directories on its way."),
            Key(
                "content", "a string", default: "what source has", "\"save-exact=true\\n\"",
                "What is in it."),
            Key(
                "source", "a string, an absolute path", default: "what content says",
                "\"/opt/claude/CLAUDE.md\"",
                "The file of the image, or mounted over it, that is copied."),
            Key(
                "owner", "a string, one of root, agent", default: "\"agent\"", "\"root\"",
                "Who owns it: root's the agent cannot change where its directory is root's as well."
            ),
            Key(
                "mode", "a string, permission bits in octal", default: "\"0644\"", "\"0444\"",
                "Its permissions."),
            Key(
                "required", "true or false", default: "true", "false",
                "Whether boot ends when the source is missing."),
        ])
}
