import Boot
import Linux
import Reaper
import Supervision

/// `codetainer init --cage -- COMMAND`: the sandbox for the command of any image.
extension InitCommand {
    /// What the words ask for.
    static func cageRequest(_ options: InitOptions, _ words: [String]) throws(UsageError)
        -> CageRequest
    {
        // Before anything is opened, which would get the number of one that is closed.
        StandardStreams.fill()
        guard options.parentDeath == nil, !options.isSubreaper, !options.namesReaped else {
            throw UsageError(
                "--cage boots as PID 1: leave out --parent-death, --subreaper and --warn-reaped")
        }
        var terms = CommandTerms()
        for number in 1...Signal.last {
            if let other = options.rewrites[number] { terms.rewrites[number] = other }
        }
        terms.signalsGroup = options.recipient == .group
        terms.expectedCodes = Set(options.expectedCodes)
        return CageRequest(
            command: Array(words.dropFirst(options.commandStart)), user: options.user,
            writable: options.writable, published: options.published, terms: terms)
    }

    static let cageDetails = """
        With --cage the command gets the sandbox, in any image: it runs as an unprivileged user, reaches
        the hosts of the allowlist only, and writes nowhere but to its home, /tmp and /var/tmp, which
        are in memory. Its input, output and terminal are the container's, its environment is the
        image's but for what begins with CODETAINER_, and the container ends with it and its code.
        The container needs root (no USER) and the capabilities NET_ADMIN and SYS_ADMIN.

          --cage                 lock the container down first
          --user UID[:GID]       who the command runs as, or a name of /etc/passwd; the user agent
                                 where there is one, else 1000
          --writable PATH        another directory that it may write: in memory, or the volume that is
                                 mounted there; repeat for more
          --publish PORT         a port that may be reached from outside, as in 8080/tcp; repeat
          -v, --verbose          show each stage of boot, and each event
          -g, -r, -e             as without --cage; what ends the command goes to its group anyway

        The same by environment: CODETAINER_USER, CODETAINER_WRITABLE (: between),
        CODETAINER_PUBLISH. The allowlist is /opt/network/domains.conf, where that is in the image or
        mounted, and the rules in CODETAINER_ALLOW; without both, everything is refused. A profile
        that is there, /etc/codetainer/profile.toml or CODETAINER_PROFILE, decides all but the command.

        ENTRYPOINT ["codetainer", "init", "--cage", "--"]
        """
}
