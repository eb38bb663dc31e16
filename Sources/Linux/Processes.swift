import CLinux
import Glibc
import SystemPackage

/// How a process ended (wait(2)).
public enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case exited(CInt)
    case signalled(Signal)

    init(waitStatus: CInt) {
        self =
            codetainer_exited(waitStatus) != 0
            ? .exited(codetainer_exit_code(waitStatus))
            : .signalled(Signal(codetainer_term_signal(waitStatus)))
    }

    /// The code a shell reports: the process's own, or 128 plus the signal's number.
    public var code: CInt {
        switch self {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal.number
        }
    }

    public var isSuccess: Bool { self == .exited(0) }

    public var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signalled(let signal): "was ended by \(signal)"
        }
    }
}

/// A program to start: everything it gets is named here, nothing else is inherited.
///
/// - SeeAlso: posix_spawn(3)
public struct SpawnRequest: Sendable {
    public var executable: String
    /// The argument vector, with the name the program sees first.
    public var arguments: [String]
    /// The environment, as `NAME=value`.
    public var environment: [String]
    /// Descriptors of ours and the numbers (below 64) the child sees them under.
    public var descriptors: [(source: CInt, target: CInt)]
    /// Start in a session of its own (setsid(2)).
    public var newSession: Bool
    /// The path of a terminal that becomes standard input, output and error, and with `newSession`
    /// the controlling terminal too; nil for none.
    public var terminal: String?
    /// Which process group it starts in.
    public enum Group: Sendable {
        case callers
        /// One of its own.
        case own
        /// One of its own, in the foreground of the controlling terminal behind its standard input.
        case foreground
    }
    public var group = Group.callers
    /// Signals that stay pending until it asks for them.
    public var blocked: [Signal] = []

    public init(
        _ executable: String, _ arguments: [String], environment: [String] = [],
        descriptors: [(source: CInt, target: CInt)] = [], newSession: Bool = false,
        terminal: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
        self.newSession = newSession
        self.terminal = terminal
    }

    /// The shell with the file in the place of its own name, as execvp(3) has it where the kernel takes
    /// the file for no program.
    public var readByShell: SpawnRequest {
        var request = self
        request.executable = Commands.shell
        request.arguments = [Commands.shell, executable] + arguments.dropFirst()
        return request
    }
}

/// Starting and reaping processes. No Swift code ever runs between fork and exec.
public enum Processes {
    /// Descriptors at or above this number are never seen by a child.
    private static let inheritedLimit: CInt = 64

    /// Starts `request` with every signal at its default action, and unblocked unless named.
    ///
    /// Standard input is /dev/null unless a terminal is given, or a descriptor for 0; standard
    /// output and error are ours unless given.
    ///
    /// - Returns: the process's number.
    public static func spawn(_ request: SpawnRequest) throws(SystemCallError) -> CInt {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }

        // Each source is first moved above every target, so that no dup2 overwrites a source.
        var moved: [CInt] = []
        defer { for descriptor in moved { _ = close(descriptor) } }
        for (source, _) in request.descriptors {
            moved.append(
                try checked(
                    codetainer_fcntl(source, F_DUPFD_CLOEXEC, CLong(inheritedLimit)),
                    "fcntl", "descriptor \(source) for \(request.executable)"))
        }
        if let terminal = request.terminal {
            // Opened by the child, after its setsid(2): that makes it the controlling terminal.
            unsafe posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            unsafe posix_spawn_file_actions_adddup2(&actions, 0, 1)
            unsafe posix_spawn_file_actions_adddup2(&actions, 0, 2)
        } else if !request.descriptors.contains(where: { $0.target == 0 }) {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for (descriptor, inheritance) in zip(moved, request.descriptors) {
            precondition(inheritance.target < inheritedLimit)
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, inheritance.target)
        }
        // In its group by then, with every signal blocked.
        if case .foreground = request.group {
            unsafe codetainer_add_foreground(&actions)
        }

        var everySignal = sigset_t()
        var blocked = sigset_t()
        // With the two that libc keeps to itself, which sigfillset(3) leaves out: the child would ignore
        // them, and so would all that it starts.
        unsafe withUnsafeMutableBytes(of: &everySignal) {
            _ = unsafe $0.initializeMemory(as: UInt8.self, repeating: .max)
        }
        unsafe sigemptyset(&blocked)
        for signal in request.blocked { unsafe sigaddset(&blocked, signal.number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &everySignal)
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        if request.newSession { flags |= Self.setSession }
        if case .callers = request.group {} else { flags |= POSIX_SPAWN_SETPGROUP }
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        let arguments = CStringArray(request.arguments)
        let environment = CStringArray(request.environment)
        var process: pid_t = 0
        let failure = unsafe posix_spawn(
            &process, request.executable, &actions, &attributes, arguments.pointers,
            environment.pointers)
        guard failure == 0 else {
            throw SystemCallError("posix_spawn", request.executable, Errno(rawValue: failure))
        }
        return process
    }

    /// The next child that has ended, or nil when none has.
    ///
    /// - SeeAlso: waitpid(2), `WNOHANG`
    public static func reap() -> (process: CInt, status: ExitStatus)? {
        var status: CInt = 0
        while true {
            let process = unsafe waitpid(-1, &status, WNOHANG)
            if process > 0 { return (process, ExitStatus(waitStatus: status)) }
            if process < 0, Errno.current == .interrupted { continue }
            return nil
        }
    }

    /// Whether `process` is a child of the caller, ended or not (waitid(2), `WNOWAIT`).
    public static func isChild(_ process: CInt) -> Bool {
        var information = unsafe siginfo_t()
        return unsafe waitid(
            P_PID, id_t(bitPattern: process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
    }

    /// Whoever stops later after it was asked to has ignored that, and has a reason of its own.
    public static let timeToStop: Milliseconds = 1_000

    /// Whether `process`, a child, was stopped by a signal since this was asked last.
    ///
    /// - SeeAlso: waitid(2), `WSTOPPED`
    public static func wasStopped(_ process: CInt) -> Bool {
        var information = unsafe siginfo_t()
        let result = unsafe waitid(
            P_PID, id_t(bitPattern: process), &information, WSTOPPED | WNOHANG)
        // Without a child in that state the structure stays as it was: all zero.
        return unsafe result == 0 && information.si_signo == SIGCHLD
    }

    /// Whether `process`, a child, was stopped or continued by a signal since this was asked last:
    /// whether it is stopped, or nil where nothing of the kind has happened.
    ///
    /// - SeeAlso: waitid(2), `WSTOPPED`, `WCONTINUED`
    public static func changedStop(of process: CInt) -> Bool? {
        var information = unsafe siginfo_t()
        let result = unsafe waitid(
            P_PID, id_t(bitPattern: process), &information, WSTOPPED | WCONTINUED | WNOHANG)
        guard unsafe result == 0 && information.si_signo == SIGCHLD else { return nil }
        return unsafe information.si_code == CInt(CLD_STOPPED)
    }

    /// Waits until `process`, a child, has ended.
    public static func wait(for process: CInt) throws(SystemCallError) -> ExitStatus {
        var status: CInt = 0
        while unsafe waitpid(process, &status, 0) < 0 {
            let cause = Errno.current
            guard cause == .interrupted else {
                throw SystemCallError("waitpid", "\(process)", cause)
            }
        }
        return ExitStatus(waitStatus: status)
    }

    /// A descriptor that is readable once `process`, a child, has ended (pidfd_open(2)).
    public static func endDescriptor(of process: CInt) throws(SystemCallError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try checked(codetainer_pidfd_open(process), "pidfd_open", "\(process)"))
    }

    /// Sends `signal` to every process that the caller may signal, but itself: from PID 1 of a
    /// namespace, all of that namespace (kill(2), pid -1).
    ///
    /// Does nothing elsewhere: outside a container this would end the machine's processes.
    public static func signalEveryone(_ signal: Signal) {
        if getpid() == 1 { _ = kill(-1, signal.number) }
    }

    /// Whether PID 1, the caller, is the only process of its namespace.
    public static var isAlone: Bool {
        guard getpid() == 1 else { return false }
        if kill(-1, 0) == 0 { return false }
        return Errno.current == .noSuchProcess
    }

    /// Whether no process is in `group`, one that has ended and is not reaped included (kill(2)).
    public static func isGroupEmpty(_ group: CInt) -> Bool {
        if kill(-group, 0) == 0 { return false }
        return Errno.current == .noSuchProcess
    }

    /// Becomes another program; returns only by throwing.
    ///
    /// - SeeAlso: execve(2)
    public static func become(_ executable: String, _ arguments: [String], environment: [String])
        throws(SystemCallError) -> Never
    {
        let arguments = CStringArray(arguments)
        let environment = CStringArray(environment)
        unsafe execve(executable, arguments.pointers, environment.pointers)
        let cause = Errno.current
        throw SystemCallError("execve", executable, cause)
    }

    /// `POSIX_SPAWN_SETSID` of <spawn.h>, which a GNU feature test hides from the importer.
    private static let setSession: CInt = 0x80
}

/// A NULL-terminated vector of C strings that lives as long as its owner.
@safe private final class CStringArray {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            unsafe (pointers + index).initialize(to: strdup(string))
        }
        unsafe (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
