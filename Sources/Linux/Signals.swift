import CLinux
import Glibc
import SystemPackage

/// A signal by its number (signal(7)).
public struct Signal: Hashable, Sendable, CustomStringConvertible {
    public let number: CInt
    public init(_ number: CInt) { self.number = number }

    public static let hangUp = Signal(SIGHUP)
    public static let interrupt = Signal(SIGINT)
    public static let quit = Signal(SIGQUIT)
    public static let kill = Signal(SIGKILL)
    public static let user1 = Signal(SIGUSR1)
    public static let user2 = Signal(SIGUSR2)
    public static let terminate = Signal(SIGTERM)
    public static let child = Signal(SIGCHLD)
    public static let `continue` = Signal(SIGCONT)
    public static let stop = Signal(SIGSTOP)
    public static let terminalStop = Signal(SIGTSTP)
    public static let terminalInput = Signal(SIGTTIN)
    public static let terminalOutput = Signal(SIGTTOU)
    public static let windowChange = Signal(SIGWINCH)
    public static let pipe = Signal(SIGPIPE)

    private static let names: [CInt: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL",
        SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE",
        SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2",
        SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGSTKFLT: "SIGSTKFLT",
        SIGCHLD: "SIGCHLD", SIGCONT: "SIGCONT", SIGSTOP: "SIGSTOP", SIGTSTP: "SIGTSTP",
        SIGTTIN: "SIGTTIN", SIGTTOU: "SIGTTOU", SIGURG: "SIGURG", SIGXCPU: "SIGXCPU",
        SIGXFSZ: "SIGXFSZ", SIGVTALRM: "SIGVTALRM", SIGPROF: "SIGPROF", SIGWINCH: "SIGWINCH",
        SIGIO: "SIGIO", SIGPWR: "SIGPWR", SIGSYS: "SIGSYS",
    ]

    /// What a process may be sent on purpose and can be passed on to another: all but what cannot be
    /// caught, what the kernel sends for a fault of the process's own or for its use of a terminal
    /// or a pipe, SIGCHLD, and the two that libc keeps to itself.
    public static let forwardable: [Signal] = (1...last).map { Signal($0) }.filter {
        ![
            SIGKILL, SIGSTOP, SIGCHLD, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS,
            SIGPIPE, SIGTTIN, SIGTTOU, 32, 33,
        ].contains($0.number)
    }

    /// Those that queue, each as often as it is sent (signal(7)), but for the two that libc keeps.
    public static let realTime: [Signal] = (34...last).map { Signal($0) }

    /// The number of `name`, which is in capitals and begins with SIG.
    static func number(named name: String) -> CInt? { names.first { $0.value == name }?.key }

    public var description: String { Self.names[number] ?? "signal \(number)" }
}

/// A set of blocked signals that arrive as reads of a descriptor (signalfd(2)).
public struct SignalDescriptor: ~Copyable, Sendable {
    public let descriptor: OwnedDescriptor

    /// Blocks `signals` in the calling thread and opens a descriptor for them.
    public init(blocking signals: [Signal]) throws(SystemCallError) {
        descriptor = OwnedDescriptor(adopting: try Self.open(-1, blocking: signals))
    }

    /// Blocks `signals`, too; from now on these are what it has.
    public func take(_ signals: [Signal]) throws(SystemCallError) {
        _ = try Self.open(descriptor.raw, blocking: signals)
    }

    /// - Parameter descriptor: the one to change, or -1.
    private static func open(_ descriptor: CInt, blocking signals: [Signal])
        throws(SystemCallError) -> CInt
    {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal.number) }
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        return try checked(unsafe codetainer_signalfd(descriptor, &set), "signalfd")
    }

    /// Lets every signal but `signals` through: an exec out of a handler left all of them blocked.
    public static func unblockAll(but signals: [Signal]) throws(SystemCallError) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal.number) }
        try checked(unsafe codetainer_trap_unblock(&set), "sigprocmask")
    }

    /// The next pending signal with the process that sent it, or nil when none is pending.
    public func next() throws(SystemCallError) -> (signal: Signal, sender: CInt)? {
        // struct signalfd_siginfo is 128 octets: ssi_signo at 0, ssi_pid at 12.
        var record = [UInt8](repeating: 0, count: 128)
        guard try descriptor.read(into: &record) == 128 else { return nil }
        return (
            Signal(CInt(truncatingIfNeeded: record.unsigned32(at: 0))),
            CInt(truncatingIfNeeded: record.unsigned32(at: 12))
        )
    }
}

extension [UInt8] {
    /// Four octets in the machine's byte order, as the kernel's structures have them.
    func unsigned32(at offset: Int) -> UInt32 {
        #if _endian(little)
            let order = [0, 1, 2, 3]
        #else
            let order = [3, 2, 1, 0]
        #endif
        return order.enumerated().reduce(0) { value, place in
            value | UInt32(self[offset + place.element]) << UInt32(8 * place.offset)
        }
    }
}

/// Sends `signal` to a process, or with a negative number to a process group (kill(2)).
public func send(_ signal: Signal, to process: CInt) throws(SystemCallError) {
    try checked(kill(process, signal.number), "kill", "\(process) \(signal)")
}

/// Sends `signal` to the process of a descriptor (pidfd_send_signal(2)).
public func send(_ signal: Signal, toProcess handle: CInt) throws(SystemCallError) {
    try checked(
        codetainer_pidfd_send_signal(handle, signal.number), "pidfd_send_signal", "\(signal)")
}

/// Has `signal` do from now on what it does by default.
public func obey(_ signal: Signal) {
    _ = Glibc.signal(signal.number, SIG_DFL)
}

/// Ignores `signal` from now on.
public func ignore(_ signal: Signal) {
    _ = Glibc.signal(signal.number, SIG_IGN)
}
