import Linux
import SystemPackage

/// What boot finds in an image that was not made for it.
struct ImageFacts {
    var accounts: [Account] = []
    var mounts = MountTable(parsing: "")
    /// Whether mount(2) may be called, and so directories made for it.
    var canMount = true
    /// Where PID 1 was started: the image's WORKDIR.
    var directory: FilePath = "/"
    /// This program.
    var program: FilePath = "/usr/local/bin/codetainer"
    /// The image's own profile; nil where it has none.
    var profile: String?
    /// The names in a directory; nil where there is none.
    var names: (FilePath) -> [String]? = { _ in nil }

    /// The facts of the root that this process sees.
    static func current(canMount: Bool) throws(SystemCallError) -> ImageFacts {
        ImageFacts(
            accounts: try accounts(), mounts: try MountTable.current(), canMount: canMount,
            directory: FilePath(try Files.target(of: "/proc/self/cwd")),
            program: FilePath(try System.executablePath()),
            profile: try FileStatus(of: CageProfile.file) != nil ? CageProfile.file.string : nil,
            names: { try? Files.names(in: $0) })
    }

    /// Those of /etc/passwd, which a scratch image lacks.
    static func accounts() throws(SystemCallError) -> [Account] {
        do throws(SystemCallError) {
            return Account.all(inPasswd: try Files.text("/etc/passwd"))
        } catch {
            guard [.noSuchFileOrDirectory, .notDirectory].contains(error.cause) else { throw error }
            return []
        }
    }

    /// Whether a missing directory can be made.
    private var isRootWritable: Bool { !(mounts.mount(at: "/")?.isReadOnly ?? false) }

    /// Whether a file system in memory can be had at `path`, or one is there.
    func canBeWritable(_ path: FilePath) -> Bool {
        if mounts.mount(at: path) != nil { return true }
        return canMount && (names(path) != nil || isRootWritable)
    }

    /// The account with the home that the agent gets.
    func atHome(_ account: Account) -> Account {
        Account(
            name: account.name, user: account.user, group: account.group, home: home(of: account),
            shell: account.shell)
    }

    /// The agent's home: that of its account where the image keeps nothing of its own, which a file
    /// system in memory would hide; /tmp otherwise.
    func home(of account: Account) -> FilePath {
        let home = account.home.lexicallyNormalized()
        let unusable: [FilePath] = ["/", "/root", "/nonexistent", "/tmp"]
        guard home.isAbsolute, !unusable.contains(home), canBeWritable(home),
            WritablePath.defect(of: home.string, program: program) == nil
        else { return "/tmp" }
        if mounts.mount(at: home) != nil { return home }
        // What a new home is filled with, .profile and the like, is nobody's own.
        return (names(home) ?? []).allSatisfy { $0.hasPrefix(".") } ? home : "/tmp"
    }
}
