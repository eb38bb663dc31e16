extension SystemCallPolicy {
    /// What an agent and everything it starts may not call. Everything else is allowed, because it
    /// runs a developer's tools; what needs a capability fails in the kernel as well.
    static let agent = SystemCallPolicy(
        otherwise: .allow, rules: everywhere + ownMounts + ownNamespaces,
        lastKnownCall: lastKnownCall)

    /// The same for an agent that runs sandboxes of its own (bubblewrap, Chromium): a user
    /// namespace, and inside it the mounts and the other namespaces. Joining a namespace, the
    /// newer mount interface and a clock of its own stay refused: neither needs them.
    static let agentWithUserNamespaces = SystemCallPolicy(
        otherwise: .allow, rules: everywhere, lastKnownCall: lastKnownCall)

    /// Flags of clone(2) that make a namespace: mount, cgroup, UTS, IPC, user, PID, network.
    private static let namespaceFlags: [UInt64] = [
        0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
    ]

    /// Time namespaces: a flag of unshare(2) only; in clone(2) its bit is part of the exit signal.
    private static let timeNamespace: UInt64 = 0x80

    private static func anyFlag(of flags: [UInt64]) -> [[SystemCallRule.Comparison]] {
        flags.map { [.masked(0, mask: $0, value: $0)] }
    }

    /// Families other than UNIX (1), INET (2), INET6 (10) and NETLINK (16).
    private static let otherFamilies: [[SystemCallRule.Comparison]] =
        ([0, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15] as [UInt64]).map { [.equals(0, $0)] }
        + [[.above(0, 16)]]

    /// SOCK_SEQPACKET (5, SCTP) and SOCK_DCCP (6) of INET and INET6; of SOCK_STREAM and
    /// SOCK_DGRAM: DCCP (33), L2TP (115), SCTP (132), UDP-Lite (136), SMC (256).
    private static let otherTransports: [[SystemCallRule.Comparison]] =
        ([2, 10] as [UInt64]).flatMap { family -> [[SystemCallRule.Comparison]] in
            ([5, 6] as [UInt64]).map { [.equals(0, family), .masked(1, mask: 0xf, value: $0)] }
                + ([33, 115, 132, 136, 256] as [UInt64]).map {
                    [.equals(0, family), .equals(2, $0)]
                }
        }

    /// setsockopt(2) at IPPROTO_IPV6 (41) with IPV6_JOIN_GROUP (20), MCAST_JOIN_GROUP (42) or
    /// MCAST_JOIN_SOURCE_GROUP (46). What IPv4 would tell (IGMP) the packet filter refuses; IPv6
    /// needs its reports (RFC 4861 §7.2.1), and they have no owner to tell them apart by.
    private static let multicastJoins: [[SystemCallRule.Comparison]] =
        ([20, 42, 46] as [UInt64]).map { [.equals(1, 41), .equals(2, $0)] }

    /// setsockopt(2) with IPV6_TRANSPARENT (75) or IPV6_FREEBIND (78) at IPPROTO_IPV6 (41), with
    /// IP_FREEBIND (15) or IP_TRANSPARENT (19) at IPPROTO_IP, which IPv6 sockets take as well.
    private static let foreignSources: [[SystemCallRule.Comparison]] =
        ([(41, 75), (41, 78), (0, 15), (0, 19)] as [(UInt64, UInt64)])
        .map { [.equals(1, $0.0), .equals(2, $0.1)] }

    /// The youngest call that this policy was made with knowledge of: file_setattr(2), Linux 6.17.
    private static let lastKnownCall: UInt32 = 469

    private static let ownMounts = [
        SystemCallRule(
            .permissionDenied, ["mount", "umount", "umount2", "pivot_root", "chroot"],
            because: "the mount tree is part of the cage")
    ]

    private static let ownNamespaces = [
        SystemCallRule(
            .permissionDenied, ["unshare", "clone"], when: anyFlag(of: namespaceFlags),
            because: "a user namespace gives capabilities over kernel interfaces"),
        SystemCallRule(
            .permissionDenied, ["sethostname", "setdomainname"],
            because: "the names of a UTS namespace that is not the agent's"),
    ]

    private static let everywhere = [
        SystemCallRule(
            .permissionDenied,
            [
                "fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree",
                "mount_setattr", .numbered(467, "open_tree_attr"),
            ], because: "the mount tree by its newer interface"),
        SystemCallRule(
            .permissionDenied, ["setns"], because: "another namespace is outside the cage"),
        SystemCallRule(
            .permissionDenied, ["unshare"], when: anyFlag(of: [timeNamespace]),
            because: "a clock of one's own is no tool of a developer's"),
        SystemCallRule(
            .notImplemented, ["clone3"],
            because: "its flags are in memory, where a filter cannot see them; libc uses clone then"
        ),
        SystemCallRule(
            .permissionDenied, ["process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"],
            because: "reach into other processes"),
        SystemCallRule(
            .permissionDenied, ["prlimit64"], when: [[.differs(0, 0), .differs(2, 0)]],
            because: "a limit on another process's processor time is a signal to it"),
        SystemCallRule(
            .permissionDenied, ["bpf", "perf_event_open", "userfaultfd"],
            because: "large kernel interfaces that exploits are built from"),
        SystemCallRule(
            .notImplemented, ["io_uring_setup", "io_uring_enter", "io_uring_register"],
            because: "calls made through a ring pass no filter"),
        SystemCallRule(
            .permissionDenied, ["add_key", "request_key", "keyctl"],
            because: "keyrings are not namespaced by container"),
        SystemCallRule(
            .permissionDenied,
            [
                "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
                "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog",
                "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "iopl", "ioperm",
                "vhangup",
            ], because: "the machine is not the agent's"),
        SystemCallRule(
            .permissionDenied, ["open_by_handle_at"],
            because: "opens files by number, past every mount (shocker)"),
        SystemCallRule(
            .permissionDenied, ["ioctl"], when: [[.equals(1, 0x5412)], [.equals(1, 0x541c)]],
            because: "TIOCSTI and TIOCLINUX type into the operator's terminal"),
        SystemCallRule(
            .permissionDenied, ["ioctl"], when: [[.equals(1, 0x5423)]],
            because: "TIOCSETD loads line disciplines, old drivers that nobody types through"),
        SystemCallRule(
            .permissionDenied, ["socket", "socketpair"], when: otherFamilies,
            because: "packet, vsock, alg and the like pass or widen the network cage"),
        SystemCallRule(
            .permissionDenied, ["socket"], when: otherTransports,
            because: "transports that nothing speaks, each a kernel module of its own"),
        SystemCallRule(
            .permissionDenied, ["socket"], when: [[.equals(0, 16), .differs(2, 0)]],
            because: "of netlink only the routing tables may be read"),
        SystemCallRule(
            .permissionDenied, ["setsockopt"], when: multicastJoins,
            because:
                "the kernel tells the whole link which IPv6 groups it joined: 14 octets of choice"
        ),
        SystemCallRule(
            .permissionDenied, ["setsockopt"], when: foreignSources,
            because: "whoever answers a packet answers its source, which is the sender's to choose"
        ),
        SystemCallRule(
            .notImplemented,
            [
                "modify_ldt", "uselib", "_sysctl", "sysfs", "ustat", "lookup_dcookie",
                "nfsservctl", "remap_file_pages",
            ], because: "what only old or 32-bit programs call, which do not run here"),
    ]
}
