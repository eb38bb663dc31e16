/// A group of system calls that is refused, and why: the filter as data.
struct Refusal: Sendable {
    enum Answer: Sendable {
        /// "Operation not permitted": the honest answer.
        case permissionDenied
        /// "Function not implemented": for calls that programs probe, so that they fall back.
        case notImplemented
    }

    /// When a call is refused: always, or when an argument has a value.
    enum Condition: Sendable {
        case always
        /// Argument `index`, as far as `mask` shows it, equals `value`.
        case masked(index: UInt32, mask: UInt64, value: UInt64)
        case equal(index: UInt32, value: UInt64)
        case above(index: UInt32, value: UInt64)
        /// Both must hold, of the low 32 bits.
        case bothEqual((index: UInt32, value: UInt64), (index: UInt32, value: UInt64))
        /// Both must hold: one argument equals, another differs.
        case equalAndNot(equal: (index: UInt32, value: UInt64), not: (index: UInt32, value: UInt64))
    }

    let calls: [String]
    let when: [Condition]
    let answer: Answer
    let reason: String

    init(
        _ calls: [String], when: [Condition] = [.always], _ answer: Answer = .permissionDenied,
        because reason: String
    ) {
        (self.calls, self.when, self.answer, self.reason) = (calls, when, answer, reason)
    }
}

extension Refusal {
    /// Flags of clone(2) that make a namespace: mount, cgroup, UTS, IPC, user, PID, network.
    private static let namespaceFlags: [UInt64] = [
        0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
    ]

    /// Time namespaces: a flag of unshare(2) only; in clone(2) its bit is part of the exit signal.
    private static let timeNamespace: UInt64 = 0x80

    private static func anyFlag(of flags: [UInt64], inArgument index: UInt32) -> [Condition] {
        flags.map { .masked(index: index, mask: $0, value: $0) }
    }

    /// An ioctl(2) request, of which the kernel looks at 32 bits only.
    private static func request(_ number: UInt64) -> Condition {
        .masked(index: 1, mask: 0xffff_ffff, value: number)
    }

    /// personality(2) with anything but 0 (plain Linux) and 0xffffffff (a question).
    private static let personalityChange: [Condition] = (0..<31).flatMap { bit -> [Condition] in
        let high: UInt64 = 0x8000_0000
        let mask = high | 1 << UInt64(bit)
        return [
            .masked(index: 0, mask: mask, value: 1 << UInt64(bit)),
            .masked(index: 0, mask: mask, value: high),
        ]
    }

    /// Families other than UNIX (1), INET (2), INET6 (10) and NETLINK (16).
    private static let otherFamilies: [Condition] =
        ([0, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15] as [UInt64]).map {
            .equal(index: 0, value: $0)
        } + [.above(index: 0, value: 16)]

    /// setsockopt(2) at IPPROTO_IPV6 (41) with IPV6_JOIN_GROUP (20), MCAST_JOIN_GROUP (42) or
    /// MCAST_JOIN_SOURCE_GROUP (46). What IPv4 would tell (IGMP) the packet filter refuses; IPv6
    /// needs its reports (RFC 4861 §7.2.1), and they have no owner to tell them apart by.
    private static let multicastJoins: [Condition] = ([20, 42, 46] as [UInt64]).map {
        .bothEqual((index: 1, value: 41), (index: 2, value: $0))
    }

    /// What an agent and everything it starts may not call. Everything else is allowed, because it
    /// runs a developer's tools; what needs a capability fails in the kernel as well.
    static let agent: [Refusal] = [
        Refusal(
            ["mount", "umount", "umount2", "pivot_root", "chroot"],
            because: "the mount tree is part of the cage"),
        Refusal(
            [
                "fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree",
                "mount_setattr",
            ], because: "the mount tree by its newer interface"),
        Refusal(["setns"], because: "another namespace is outside the cage"),
        Refusal(
            ["unshare"], when: anyFlag(of: namespaceFlags + [timeNamespace], inArgument: 0),
            because: "a user namespace gives capabilities over kernel interfaces"),
        Refusal(
            ["clone"], when: anyFlag(of: namespaceFlags, inArgument: 0),
            because: "a user namespace gives capabilities over kernel interfaces"),
        Refusal(
            ["clone3"], .notImplemented,
            because: "its flags are in memory, where a filter cannot see them; libc uses clone then"
        ),
        Refusal(
            ["process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"],
            because: "reach into other processes"),
        Refusal(
            ["bpf", "perf_event_open", "userfaultfd"],
            because: "large kernel interfaces that exploits are built from"),
        Refusal(
            ["io_uring_setup", "io_uring_enter", "io_uring_register"], .notImplemented,
            because: "calls made through a ring pass no filter"),
        Refusal(
            ["add_key", "request_key", "keyctl"],
            because: "keyrings are not namespaced by container"
        ),
        Refusal(
            [
                "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
                "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog",
                "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "iopl", "ioperm",
                "vhangup",
            ], because: "the machine is not the agent's"),
        Refusal(
            ["open_by_handle_at"], because: "opens files by number, past every mount (shocker)"),
        Refusal(
            ["personality"], when: personalityChange,
            because: "old execution domains switch protections off"),
        Refusal(
            ["ioctl"], when: [request(0x5412), request(0x541c)],
            because: "TIOCSTI and TIOCLINUX type into the operator's terminal"),
        Refusal(
            ["socket", "socketpair"], when: otherFamilies,
            because: "packet, vsock, alg and the like pass or widen the network cage"),
        Refusal(
            ["socket"],
            when: [.equalAndNot(equal: (index: 0, value: 16), not: (index: 2, value: 0))],
            because: "of netlink only the routing tables may be read"),
        Refusal(
            ["setsockopt"], when: multicastJoins,
            because:
                "the kernel tells the whole link which IPv6 groups it joined: 14 octets of choice"
        ),
    ]

    /// A service (the resolver): the agent's list, and no new program or process.
    static let service: [Refusal] =
        agent + [
            Refusal(
                ["clone", "fork", "vfork", "ptrace", "kill", "tkill"],
                because: "a service starts nothing and signals nobody")
        ]
}
