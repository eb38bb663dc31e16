extension SystemCallPolicy {
    /// From the exec of a service of this program until it enters its own cage, before it reads
    /// the first octet of the network: what a static program needs to start, and what it does then.
    ///
    /// It can still execute a program, since that is how it is started; `resolver` cannot.
    static let service = SystemCallPolicy(otherwise: .kill, rules: startUp + resolving)

    /// What the resolver calls while it serves. Any other call ends it: only a defect or an
    /// intruder makes one, and the resolver that PID 1 starts instead begins with nothing granted.
    /// An error number would leave an intruder free to try the next one.
    static let resolver = SystemCallPolicy(otherwise: .kill, rules: resolving)

    /// What a relay of output calls: no socket, no file, no process.
    static let relay = SystemCallPolicy(otherwise: .kill, rules: relaying)

    /// What the metrics server calls: sockets that it was given, and those that come in.
    static let metricsServer = SystemCallPolicy(otherwise: .kill, rules: serving)

    /// Calls that a run without a mishap does not make, with the rule that allows them.
    static let rarelyCalled: Set<SystemCall> = [
        "clock_gettime", "mmap", "mremap", "madvise", "futex", "write", "rt_sigreturn",
        "restart_syscall",
    ]

    /// Younger architectures have the general form of a call only.
    #if arch(x86_64)
        private static let waitForEvents: SystemCall = "epoll_wait"
        private static let readLink: SystemCall = "readlink"
        private static let access: SystemCall = "access"
    #else
        private static let waitForEvents: SystemCall = "epoll_pwait"
        private static let readLink: SystemCall = "readlinkat"
        private static let access: SystemCall = "faccessat"
    #endif

    private static let resolving = [
        SystemCallRule(
            .allow, [waitForEvents, "epoll_ctl"],
            because: "the loop waits for events"),
        SystemCallRule(
            .allow, ["recvmmsg", "sendmmsg", "recvfrom", "sendto", "read"],
            because: "questions, answers, grants, copied packets and the signal that ends it"),
        SystemCallRule(
            .allow, ["accept4", "close"], because: "clients over TCP, and sockets that are done"),
        SystemCallRule(
            .allow, ["socket"], when: internetSockets,
            because: "a socket of its own for each question to an upstream, over UDP or TCP"),
        SystemCallRule(
            .allow, ["connect"], because: "and where it goes, which Landlock and nftables judge"),
        SystemCallRule(
            .allow, ["getrandom"], because: "identifiers and ports that nobody can guess"),
        SystemCallRule(
            .allow, ["clock_gettime"], because: "where the kernel's vDSO has no clock to read"),
        SystemCallRule(
            .allow, ["brk", "mmap", "munmap", "mremap"], because: "memory of its own"),
        SystemCallRule(
            .allow, ["madvise", "futex"], because: "memory given back, and the runtime's locks"),
        SystemCallRule(
            .allow, ["write"], because: "why it ends, on standard error"),
        SystemCallRule(
            .allow, ["rt_sigreturn", "restart_syscall"],
            because: "the kernel's own after a stop and a continue"),
        SystemCallRule(.allow, ["exit_group"], because: "the end"),
    ]

    private static let relaying = [
        SystemCallRule(
            .allow, [waitForEvents, "read", "write"], because: "lines in, lines out, signals"),
        SystemCallRule(
            .allow, ["clock_gettime"], because: "where the kernel's vDSO has no clock to read"),
        SystemCallRule(
            .allow, ["brk", "mmap", "munmap", "mremap", "madvise", "futex"],
            because: "memory of its own, and the runtime's locks"),
        SystemCallRule(
            .allow, ["rt_sigreturn", "restart_syscall"],
            because: "the kernel's own after a stop and a continue"),
        SystemCallRule(.allow, ["exit_group", "close"], because: "the end"),
    ]

    private static let serving = [
        SystemCallRule(
            .allow, [waitForEvents, "epoll_ctl"], because: "the loop waits for events"),
        SystemCallRule(
            .allow, ["accept4", "recvfrom", "sendto", "close"],
            because: "collectors, their questions, and the report from PID 1"),
        SystemCallRule(
            .allow, ["clock_gettime"], because: "where the kernel's vDSO has no clock to read"),
        SystemCallRule(
            .allow, ["brk", "mmap", "munmap", "mremap", "madvise", "futex"],
            because: "memory of its own, and the runtime's locks"),
        SystemCallRule(.allow, ["write"], because: "why it ends, on standard error"),
        SystemCallRule(
            .allow, ["rt_sigreturn", "restart_syscall"],
            because: "the kernel's own after a stop and a continue"),
        SystemCallRule(.allow, ["exit_group"], because: "the end"),
    ]

    /// SOCK_DGRAM (2) and SOCK_STREAM (1) of INET (2) and INET6 (10), with the protocol that goes
    /// with them.
    private static let internetSockets: [[SystemCallRule.Comparison]] =
        ([2, 10] as [UInt64]).flatMap { family in
            ([1, 2] as [UInt64]).map { type in
                [.equals(0, family), .masked(1, mask: 0xf, value: type), .equals(2, 0)]
            }
        }

    private static let startUp = [
        SystemCallRule(.allow, ["execve"], because: "confine becomes the service"),
        SystemCallRule(
            .allow,
            [
                "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64",
                readLink, "mprotect", "gettid", "ioctl", "sched_getaffinity",
            ], because: "the C library and the Swift runtime make themselves ready"),
        SystemCallRule(
            .allow, ["openat", "newfstatat", "pread64"],
            because: "the runtime looks at the machine, the service at its policy"),
        SystemCallRule(
            .allow, [access, "rt_sigaction", "sigaltstack"],
            because: "a build for debugging, with libraries of its own and a backtracer"),
        SystemCallRule(
            .allow, ["epoll_create1", "rt_sigprocmask", "signalfd4"],
            because: "the loop, and the signal that ends it"),
        SystemCallRule(
            .allow,
            [
                "prctl", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
                "seccomp",
            ], because: "the rest of its cage, which it enters itself"),
    ]
}
