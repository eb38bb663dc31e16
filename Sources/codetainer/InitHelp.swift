import ArgumentParser

/// Help, manual page and completions of `init`, which `InitOptions` parses: it starts before the
/// argument parser could. A test holds these options to it.
struct InitHelp: DescribedOnly {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Boot the container as its PID 1, or run COMMAND under an init.",
        usage: "codetainer init [[OPTIONS] [--] COMMAND [ARGUMENTS]]",
        discussion: """
            Without a command it boots the profile that CODETAINER_PROFILE names (a name below \
            /etc/codetainer/profiles, or a path): locks the container down, starts the agent in it and \
            supervises it.

            With a command it is an init and nothing else, in any image: it starts the command in a \
            process group of its own, hands it the terminal, gives it every signal that arrives, reaps \
            orphans and ends with the command's code, or 128 and the number of the signal that ended \
            it. CODETAINER_SIGNAL=group or child is --group or --single-child. What tini and dumb-init \
            read is understood: TINI_SUBREAPER, TINI_KILL_PROCESS_GROUP, TINI_VERBOSITY, \
            DUMB_INIT_DEBUG=1, DUMB_INIT_SETSID (1 as --group, 0 as --single-child).

            ENTRYPOINT ["codetainer", "init", "--"]

            With --cage the command gets the sandbox, in any image: it runs as an unprivileged user, \
            reaches the hosts of the allowlist only, and writes nowhere but to its home, /tmp and \
            /var/tmp, which are in memory. Its input, output and terminal are the container's, its \
            environment is the image's but for what begins with CODETAINER_, and the container ends \
            with it and its code. The container needs root (no USER) and the capabilities NET_ADMIN and \
            SYS_ADMIN. The allowlist is /opt/network/domains.conf, where that is in the image or \
            mounted, and the rules in CODETAINER_ALLOW; without both, everything is refused. A profile \
            that is there, /etc/codetainer/profile.toml or CODETAINER_PROFILE, decides all but the \
            command.

            ENTRYPOINT ["codetainer", "init", "--cage", "--"]

            Ends with 127 when there is no such command, 126 when it cannot be run, 64 when the options \
            are wrong.
            """)

    @Flag(
        name: .shortAndLong,
        help:
            "Signals go to the command's process group, and what is left of that when the command has ended gets SIGTERM."
    )
    var group = false

    @Flag(
        name: [.customShort("c"), .long],
        help: "Signals go to the command alone: the default.")
    var singleChild = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "In the place of one signal send another, by name or number; 0 drops it. Repeat for more.",
            valueName: "from:to"))
    var rewrite: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "End with 0 where the command's code is this one. Repeat for more.", valueName: "code"))
    var expectExit: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "What to get when the process that started init ends.", valueName: "signal"))
    var parentDeath: String?

    @Flag(name: .shortAndLong, help: "Not to be PID 1 is meant: no warning.")
    var subreaper = false

    @Flag(name: .shortAndLong, help: "Say which orphans were reaped.")
    var warnReaped = false

    @Flag(
        name: .shortAndLong,
        help:
            "Say when the command starts and ends; twice, each signal as well; with --cage, each stage of boot and each event."
    )
    var verbose = false

    @Flag(name: .customShort("V"), help: "As --version.")
    var shortVersion = false

    @Flag(help: "Lock the container down first.")
    var cage = false

    @Option(
        help: ArgumentHelp(
            "With --cage: who the command runs as, or a name of /etc/passwd; the user agent where there is one, else 1000. Also CODETAINER_USER.",
            valueName: "uid[:gid]"))
    var user: String?

    @Option(
        help: ArgumentHelp(
            "With --cage: another directory that it may write: in memory, or the volume that is mounted there. Repeat for more. Also CODETAINER_WRITABLE (: between).",
            valueName: "path"), completion: .directory)
    var writable: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --cage: a port that may be reached from outside, as in 8080/tcp. Repeat for more. Also CODETAINER_PUBLISH.",
            valueName: "port"))
    var publish: [String] = []
}
