import ArgumentParser

/// Help, manual page and completions of `confine`, which `Cage` parses: it starts before the argument
/// parser could. A test holds these options to it.
struct ConfineHelp: DescribedOnly {
    static let configuration = CommandConfiguration(
        commandName: "confine",
        abstract: "Confine itself for good, then become COMMAND.",
        usage: "codetainer confine [OPTIONS] [--] COMMAND [ARGUMENTS]",
        discussion: """
            Whatever the options, no capability is left in any set, root is nothing special any more, \
            set-id programs gain nothing, no core is dumped, and the environment is an allow-list.

            Filters of --seccomp:
              agent         the default: what developers' tools call, and nothing beyond
              agent-userns  the same with namespaces for sandboxes inside it
              service       what codetainer's own services call; anything else kills
              none          no filter

            Rules of --landlock:
              write=DIR     change files below DIR only; write= for nowhere
              use=PATH      and open for writing what is there (devices), making nothing
              read=DIR      read and start files below DIR only, and what may be changed
              execute=DIR   execute programs below DIR only
              connect=PORT  connect to these TCP ports only
              bind=PORT     listen on these TCP ports only
              scope         no signal outside, no abstract socket from outside

            codetainer confine --uid 1000 --gid 1000 --landlock write=/tmp -- make

            Ends with the command's own code; 127 when there is no such command, 126 when it cannot be \
            run, 71 when a layer cannot be put on, 64 when the options are wrong.
            """)

    @Option(
        help: ArgumentHelp(
            "Become this user, with no other group than --gid.", valueName: "number"))
    var uid: String?

    @Option(help: ArgumentHelp("Become this group.", valueName: "number"))
    var gid: String?

    @Option(
        help: ArgumentHelp("The filter of system calls.", valueName: "filter"),
        completion: .list(["agent", "agent-userns", "service", "none"]))
    var seccomp: String?

    @Option(
        help: ArgumentHelp("What is in reach. Repeat for more.", valueName: "rule"),
        completion: .list([
            "write=", "use=", "read=", "execute=", "connect=", "bind=", "scope",
        ]))
    var landlock: [String] = []

    @Option(
        help: ArgumentHelp(
            "Lower a limit: core, nproc, nofile, memlock or msgqueue. Repeat for more.",
            valueName: "name=number"),
        completion: .list(["core=", "nproc=", "nofile=", "memlock=", "msgqueue="]))
    var limit: [String] = []

    @Option(
        help: ArgumentHelp(
            "How willingly the kernel ends it when memory runs out, up to 1000.",
            valueName: "number"))
    var oomScore: String?

    @Option(
        help: ArgumentHelp(
            "Keep a variable besides PATH, TERM, LANG and TZ; * keeps all. Repeat for more.",
            valueName: "name"))
    var keepEnv: [String] = []

    @Option(
        help: ArgumentHelp(
            "Keep descriptors below this open; 3 when not given.", valueName: "number"))
    var keepDescriptors: String?

    @Flag(help: "Start a session without a controlling terminal (setsid(2)).")
    var newSession = false

    @Flag(help: "The same, with standard input for its controlling terminal.")
    var terminal = false

    @Option(help: ArgumentHelp("Start there.", valueName: "dir"), completion: .directory)
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "Fail where the kernel lacks Landlock or a part of it that is asked for; it is a line on standard error otherwise.",
            valueName: "layer"), completion: .list(["landlock"]))
    var require: [String] = []

    @Flag(help: "Leave that line out.")
    var quiet = false

    @Flag(help: "Say what fails as JSON objects, as CODETAINER_LOG=json has it.")
    var json = false
}
