extension SystemCallPolicy {
    /// What the lease service calls, from its exec on: shared libraries are loaded, the server's name
    /// is looked up in a thread, and TLS is spoken over TCP. What it does not know fails, so that a
    /// library of another version falls back; nothing in it makes a process, a file or a signal.
    static let lease = SystemCallPolicy(otherwise: .permissionDenied, rules: leasing)

    /// Younger architectures have the general form of a call only.
    #if arch(x86_64)
        private static let older: [SystemCall] = [
            "access", "readlink", "poll", "pipe", "epoll_wait", "getdents64", "stat", "lstat",
        ]
    #else
        private static let older: [SystemCall] = ["getdents64"]
    #endif

    private static let leasing = [
        SystemCallRule(
            .allow,
            ["execve", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64"],
            because: "confine becomes the service, and the C library makes itself ready"),
        SystemCallRule(
            .allow,
            [
                "openat", "newfstatat", "fstat", "statx", "pread64", "read", "close", "lseek",
                "faccessat", "faccessat2", "readlinkat", "getcwd",
            ] + older,
            because: "shared libraries, the authorities, /etc/hosts; Landlock says which files"),
        SystemCallRule(
            .allow,
            ["brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "mlock", "futex"],
            because: "memory of its own, and the runtime's locks"),
        SystemCallRule(
            .allow, ["clone", "clone3", "exit", "sched_getaffinity", "sched_yield", "gettid"],
            because: "the thread that looks a name up"),
        SystemCallRule(
            .allow, ["socket"], when: internet,
            because: "the server and the resolver; which, Landlock and nftables judge"),
        SystemCallRule(
            .allow, ["socketpair", "pipe2", "eventfd2"], because: "to wake its own loop"),
        SystemCallRule(
            .allow,
            [
                "connect", "getsockname", "getpeername", "getsockopt", "setsockopt", "bind",
                "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "shutdown",
            ], because: "questions, answers, and what it tells PID 1"),
        SystemCallRule(
            .allow,
            [
                "ppoll", "epoll_create1", "epoll_ctl", "epoll_pwait", "signalfd4", "fcntl", "ioctl",
                "rt_sigaction", "rt_sigprocmask", "sigaltstack", "rt_sigreturn",
                "restart_syscall", "clock_nanosleep", "nanosleep",
            ], because: "the loop waits, and the signal that ends it"),
        SystemCallRule(
            .allow, ["clock_gettime", "gettimeofday", "getrandom", "uname", "sysinfo"],
            because: "time, random numbers, and what machine it is"),
        SystemCallRule(
            .allow,
            ["getpid", "getuid", "geteuid", "getgid", "getegid"],
            because: "libraries ask whether they are privileged"),
        SystemCallRule(.allow, ["write", "writev"], because: "why it ends, on standard error"),
        SystemCallRule(.allow, ["exit_group"], because: "the end"),
    ]

    /// SOCK_STREAM (1) and SOCK_DGRAM (2) of INET (2) and INET6 (10).
    private static let internet: [[SystemCallRule.Comparison]] =
        ([2, 10] as [UInt64]).flatMap { family in
            ([1, 2] as [UInt64]).map { type in
                [.equals(0, family), .masked(1, mask: 0xf, value: type)]
            }
        }
}
