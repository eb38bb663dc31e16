extension Reference {
    /// Records with an empty line between: of a table its header and its meaning; of a key its name,
    /// its type, its default or `needed`, an example, and its meaning.
    static let tableRecords = """
        []
        The document itself: these come before the first table.

        name
        a string
        needed
        "claude-code"
        What the image is called in the log and in `status`.

        extends
        a string, the name of a profile or an absolute path
        nothing is inherited
        "claude-code"
        The profile that this one changes. A name is looked for beside this file, then in \
        /etc/codetainer/profiles, then among the image's own, which no mount hides: see \
        docs/profiles.md.

        writable
        an array of strings, absolute paths
        []
        ["/data"]
        Volumes that stay writable; those at any other path become read-only.

        sealed
        an array of strings, absolute paths
        []
        ["/opt/framework"]
        Trees of the image's that nobody may change: boot ends unless all in them is root's, \
        directories with mode 555 and files with 444.

        [remove]
        What an extending profile takes out of the inherited one, before its own keys are added. \
        What is not inherited cannot be taken out.

        secret
        an array of strings
        []
        ["GH_PAT"]
        Secrets, by their names.

        tmpfs
        an array of strings
        []
        ["/srv/cache"]
        File systems in memory, by their paths.

        link
        an array of strings
        []
        ["/home/claude/.bun/bin/bun"]
        Links, by their paths.

        file
        an array of strings
        []
        ["/home/claude/.npmrc"]
        Files, by their paths.

        step
        an array of strings
        []
        ["plugins"]
        Steps, by their names.

        service
        an array of strings
        []
        ["cache"]
        Services, by their names.

        setting
        an array of strings
        []
        ["CODEMODE_LOG_LEVEL"]
        Settings, by their names.

        keys
        an array of strings
        []
        ["telemetry", "environment.set.GOPROXY"]
        Anything else, by its dotted key.

        [user]
        Who the agent is.

        name
        a string
        needed
        "claude"
        An account of the image's /etc/passwd. Neither its uid nor its gid may be 0.

        [agent]
        The program that is locked up.

        command
        an array of strings
        needed
        ["claude", "--dangerously-skip-permissions"]
        The program and its arguments; no shell comes between.

        prompt
        true or false
        false
        true
        Whether CLAUDE_PROMPT becomes its last argument.

        session
        a string
        the profile's name
        "claude"
        The name of its tmux session: letters, digits, '-' and '_', at most 64. A headless agent has none.

        headless
        true or false
        false
        true
        Whether it runs without tmux, on the container's own input, output and terminal.

        service
        true or false
        false
        true
        Whether it runs what others ask for in processes of their own. When memory runs out the kernel \
        ends those before it, where it raises their oom_score_adj above its own 500. Others have 1000. \
        For that it may write in /proc, as what it starts may that it does not lock up. Headless only.

        on-exit
        a string, one of keep, end, restart
        "keep"; "end" where headless
        "restart"
        When it ends by itself: keep the container and its shell, end the container with its code, \
        or start it again after a growing pause. CODETAINER_ON_EXIT counts more.

        allow-user-namespaces
        true or false
        false
        true
        Whether it may make user namespaces, for sandboxes of its own (bubblewrap, Chromium). That \
        opens much of the kernel to it; `status` says so.

        [[secret]]
        A value that nobody sees but those named here. It comes in the variable of its name, in \
        the file that NAME_FILE names, or in /run/secrets/NAME, and leaves the environment before \
        anything runs.

        name
        a string, the name of a variable
        needed
        "GH_PAT"
        Its name.

        required
        true or false
        true
        false
        Whether boot ends with 78 when it is missing. A damaged one always ends boot.

        expose
        an array of strings, names of variables
        []
        ["GH_TOKEN"]
        The variables in which the agent gets it, and can read it. In none, it stays with PID 1's \
        broker.

        [secret.credential]
        Where the broker offers the secret to git, gh and the image's hooks, which ask PID 1 for it: \
        no file and no command line holds it.

        host
        a string
        needed
        "github.com"
        The host that it is for; no other gets it.

        username
        a string
        needed
        "x-access-token"
        What git sends with it.

        [environment]
        What the agent sees of the container's environment: an allowlist. HOME, USER, LOGNAME, \
        SHELL, PATH, LANG and TERM are always there.

        pass
        an array of strings, names of variables
        []
        ["TZ"]
        Variables of the container that it sees as they are; "*" is for all that are no secret \
        of this profile's and steer neither codetainer nor the session.

        secrets
        true or false
        false
        true
        Whether it sees every file of /run/secrets that holds no secret of this profile's, in \
        the variable of the file's name.

        set
        a table of strings
        {}
        { GOTELEMETRY = "off" }
        Variables with these values, whatever the container's are.

        [[tmpfs]]
        A writable directory in memory. Everything else is read-only; what is here is gone with \
        the container. Where the runtime has mounted something already, that stays.

        path
        a string, an absolute path
        needed
        "/workspace"
        Where it is: not the root, nothing at or below /proc and /sys, and not /dev itself.

        size
        a string, a number with K, M or G
        needed
        "512M"
        Most that it holds; it counts as memory of the container.

        owner
        a string, one of root, agent
        "agent"
        "root"
        Who owns its top.

        mode
        a string, permission bits in octal
        "0755"
        "1777"
        The permissions of its top.

        [[link]]
        A symbolic link that is made at boot, with the directories on its way, where its target \
        exists.

        path
        a string, an absolute path
        needed
        "/home/claude/.local/bin/claude"
        Where it is.

        target
        a string, an absolute path
        needed
        "/usr/local/bin/claude"
        Where it leads.

        [[file]]
        A file that is put in place at boot, after the file systems in memory. Either content or \
        source says what is in it.

        path
        a string, an absolute path
        needed
        "/home/claude/.npmrc"
        Where it is, with the directories on its way.

        content
        a string
        what source has
        "save-exact=true\\n"
        What is in it.

        source
        a string, an absolute path
        what content says
        "/opt/claude/CLAUDE.md"
        The file of the image, or mounted over it, that is copied.

        owner
        a string, one of root, agent
        "agent"
        "root"
        Who owns it: root's the agent cannot change where its directory is root's as well.

        mode
        a string, permission bits in octal
        "0644"
        "0444"
        Its permissions.

        required
        true or false
        true
        false
        Whether boot ends when the source is missing.


        """ + settingRecords + licenceRecords + serviceRecords + expectationRecords
}
