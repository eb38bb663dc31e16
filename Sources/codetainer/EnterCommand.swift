import ArgumentParser
import Boot
import Confinement
import Control
import Linux
import SystemPackage

/// `codetainer enter`
struct EnterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enter",
        abstract:
            "Become the agent in its cage, then a command: a shell of one's own beside the session.",
        discussion: """
            For `docker exec`, whose processes start as root and outside of the cage. Nothing of the \
            caller's environment goes along but PATH, TERM, LANG and TZ: what was passed to the \
            container with --env is not the agent's. Within the cage it is the command alone.

            Ends as the command does; with 2 when nothing runs here or boot is not over, with 64, 71, \
            126 and 127 as `confine`.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the command starts; the agent's home unless given.", valueName: "path"))
    var directory: String?

    @Argument(parsing: .captureForPassthrough, help: "The command; the agent's shell unless given.")
    var command: [String] = []

    func run() throws {
        let process = ProcessVectors()
        var words = command.first == "--" ? Array(command.dropFirst()) : command
        do {
            if Self.isCaged {
                guard let program = words.first else {
                    Self.leave("enter: name a command: this is the cage")
                }
                if let directory { try Commands.enterDirectory(directory) }
                let path = process.variables["PATH"] ?? Commands.defaultPath
                try Processes.become(
                    try Commands.find(program, path: path), words, environment: process.environment)
            }
            let report = try Self.report()
            guard var cage = try? Cage.parse(report.cage + ["command"]).cage else {
                Self.leave("boot is not over: see `status`")
            }
            let account = Self.account(cage)
            if System.userID != 0 { cage.identity = nil }
            // Its terminal is the caller's, in whose session it stays.
            (cage.newSession, cage.takesTerminal) = (false, false)
            if words.isEmpty { words = [account.shell.string, "-l"] }
            let variables = Self.variables(process.variables, account, report)
            try ConfineCommand.enter(directory ?? account.home.string, as: cage.identity)
            cage.directory = nil
            let executable = try Commands.find(
                words[0], path: variables["PATH"] ?? Commands.defaultPath)
            if System.userID == 0 {
                StandardStreams.give(to: account.user, group: account.group)
            }
            var environment = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            _ = try cage.confine(&environment)
            try Processes.become(executable, words, environment: environment)
        } catch let error as Commands.LookUpError {
            Terminal.fail("enter: \(error)", code: error.code)
        } catch {
            Terminal.fail("enter: \(error): see `status`", code: ExitCode.system.rawValue)
        }
    }

    private static func leave(_ reason: String) -> Never {
        Terminal.fail(reason, code: 2)
    }

    /// No capability is left that a program could get back: it is the cage, or one as narrow.
    private static var isCaged: Bool {
        guard let status = ProcessStatus.of(System.processID) else { return false }
        return System.userID != 0 && status.bounding.isEmpty && status.noNewPrivileges
    }

    private static func report() throws -> StatusReport {
        do throws(SystemCallError) {
            let reply = try ControlClient.ask(.status)
            if let report = try? StatusReport(json: reply) { return report }
            leave("PID 1 did not answer with a report: see `status`")
        } catch {
            leave("codetainer is not running here: \(error): run this inside the container")
        }
    }

    private static func account(_ cage: Cage) -> Account {
        guard let identity = cage.identity else {
            leave("enter: the cage has no account: see `status`")
        }
        let known = Account.all(inPasswd: (try? Files.text("/etc/passwd")) ?? "").first {
            $0.user == identity.user
        }
        return Account(
            name: known?.name ?? "\(identity.user)", user: identity.user, group: identity.group,
            home: known?.home ?? "/", shell: known?.shell ?? "/bin/sh")
    }

    private static func variables(
        _ own: [String: String], _ account: Account, _ report: StatusReport
    ) -> [String: String] {
        var variables = own.filter { Cage.Environment.usual.contains($0.key) }
        variables["PATH"] =
            variables["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables["LANG"] = variables["LANG"] ?? "C.UTF-8"
        variables["HOME"] = account.home.string
        (variables["USER"], variables["LOGNAME"]) = (account.name, account.name)
        variables["SHELL"] = account.shell.string
        variables["XDG_RUNTIME_DIR"] = "/run/user/\(account.user)"
        if let lease = report.lease { variables.merge(lease.variables) { $1 } }
        return variables
    }
}
