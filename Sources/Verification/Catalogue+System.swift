import Linux
import SystemPackage

/// Rows 24 to 26 and 28: the kernel's interfaces, which seccomp closes.
extension Catalogue {
    /// What the kernel says to an address where there is nothing, when no filter refuses first.
    private static let permittedCalls = Trial.calls([
        Call("statfs", Call.nowhere, Call.nowhere, as: "statfs of nowhere reaches the kernel")
    ]).expecting(.refused(.badAddress))

    static let system: [Attack] =
        [
            Attack(
                "mount and unmount", rows: [24], subject: .namespaces,
                stops: [.refused(.notPermitted): .seccomp],
                control: permittedCalls,
                attempts: .calls([
                    Call("mount", Call.nowhere, Call.nowhere, 0, 0, 0),
                    Call("umount2", Call.nowhere, 0), Call("chroot", Call.nowhere),
                    Call("open_tree", Call.none, Call.nowhere, 0),
                    Call("fsconfig", Call.none, 0, 0, 0, 0),
                    Call("mount_setattr", Call.none, Call.nowhere, 0, Call.nowhere, 0),
                    Call("pivot_root", Call.nowhere, Call.nowhere), Call("fsopen", Call.nowhere, 0),
                    Call("fsmount", Call.none, 0, 0), Call("fspick", Call.none, Call.nowhere, 0),
                    Call("move_mount", Call.none, Call.nowhere, Call.none, Call.nowhere, 0),
                ])),
            Attack(
                "new namespaces", rows: [25], subject: .namespaces,
                stops: [.refused(.notPermitted): .seccomp, .refused(.noFunction): .seccomp],
                control: .calls([
                    Call("clone", 17, 0, 0, 0, 0, as: "fork")
                ]),
                attempts: .calls(
                    namespaces.map { Call("unshare", .word($0.flag), as: "unshare \($0.name)") }
                        + namespaces.dropLast().map {
                            Call(
                                "clone", .word($0.flag | cloneThatIsInvalid), 0, 0, 0, 0,
                                as: "clone \($0.name)")
                        } + [
                            Call("clone3", Call.nowhere, 0), Call("setns", Call.none, 0),
                        ])),
            Attack(
                "io_uring, bpf, perf, userfaultfd", rows: [26],
                stops: [.refused(.notPermitted): .seccomp, .refused(.noFunction): .seccomp],
                control: permittedCalls,
                attempts: .calls([
                    Call("io_uring_setup", 0, Call.nowhere),
                    Call("io_uring_enter", Call.none, 0, 0, 0, 0, 0),
                    Call("io_uring_register", Call.none, 0, 0, 0), Call("bpf", 0, Call.nowhere, 1),
                    Call("perf_event_open", Call.nowhere, 0, Call.none, Call.none, 0),
                    Call("userfaultfd", 0xffff),
                ])),
            Attack(
                "keyrings", rows: [26], stops: [.refused(.notPermitted): .seccomp],
                control: permittedCalls,
                attempts: .calls([
                    Call("keyctl", 9999, 0, 0, 0, 0),
                    Call("add_key", Call.nowhere, Call.nowhere, 0, 0, 0),
                    Call("request_key", Call.nowhere, Call.nowhere, 0, 0),
                ])),
            Attack(
                "kernel modules, kexec, clock, quota", rows: [26],
                stops: [.refused(.notPermitted): .seccomp], control: permittedCalls,
                attempts: .calls([
                    Call("kexec_load", 0, 0x7fff_ffff, 0, 0),
                    Call("init_module", Call.nowhere, 0, Call.nowhere),
                    Call("finit_module", Call.none, Call.nowhere, 0),
                    Call("delete_module", Call.nowhere, 0), Call("reboot", 0, 0, 0, 0),
                    Call("swapon", Call.nowhere, 0), Call("acct", Call.nowhere),
                    Call("quotactl", Call.none, Call.nowhere, 0, Call.nowhere),
                    Call("syslog", 99, 0, 0),
                    Call("settimeofday", Call.nowhere, Call.nowhere),
                    Call("adjtimex", Call.nowhere),
                ])),
            Attack(
                "files by handle, past every mount", rows: [23, 24],
                stops: [.refused(.notPermitted): .seccomp], control: permittedCalls,
                attempts: .calls([Call("open_by_handle_at", Call.none, Call.nowhere, 0)])),
            Attack(
                "switch address randomisation off", rows: [26],
                stops: [.refused(.notPermitted): .seccomp],
                control: .calls([Call("personality", 0xffff_ffff)]),
                attempts: .calls([
                    Call("personality", 0x0004_0000),
                    Call("personality", 8, as: "personality PER_LINUX32"),
                ])),
            Attack(
                "type into a terminal", rows: [28], stops: [.refused(.notPermitted): .seccomp],
                control: Trial("its size can be asked for") { _ throws(SystemCallError) in
                    let terminal = try PseudoTerminal()
                    let slave = try PseudoTerminal.open(terminal.path)
                    _ = try WindowSize(of: slave.raw)
                    return []
                },
                attempts: Trial("TIOCSTI, TIOCLINUX on a terminal of its own") {
                    _ throws(SystemCallError) in
                    let terminal = try PseudoTerminal()
                    let slave = try PseudoTerminal.open(terminal.path)
                    return try Trial.observe([
                        Call("ioctl", .descriptor(slave.raw), 0x5412, Call.nowhere, as: "TIOCSTI"),
                        Call(
                            "ioctl", .descriptor(slave.raw), 0x541c, Call.nowhere, as: "TIOCLINUX"),
                        // The kernel looks at 32 bits of the request only (CVE-2023-1523).
                        Call(
                            "ioctl", .descriptor(slave.raw), 0x1_0000_5412, Call.nowhere,
                            as: "TIOCSTI in 64 bits"),
                    ])
                }),
        ] + foreign

    /// The time namespace last: a flag of unshare(2) only.
    private static let namespaces: [(name: String, flag: UInt64)] = [
        ("mount", 0x0002_0000), ("cgroup", 0x0200_0000), ("uts", 0x0400_0000),
        ("ipc", 0x0800_0000), ("user", 0x1000_0000), ("pid", 0x2000_0000), ("net", 0x4000_0000),
        ("time", 0x80),
    ]

    /// CLONE_FS with a new user namespace is EINVAL where clone(2) is not refused first.
    private static let cloneThatIsInvalid: UInt64 = 0x1000_0000 | 0x200

    #if arch(x86_64)
        private static let foreign = [
            Attack(
                "calls of another architecture", rows: [26],
                stops: [.ended(Signal(31)): .seccomp], control: permittedCalls,
                attempts: Trial("getpid by its x32 number") { _ throws(SystemCallError) in
                    let outcome = try RawCall.attempt(
                        [RawCall(number: 0x4000_0000 + 39, [])])
                    guard case .signalled(let signal) = outcome.status else {
                        return [Observation("getpid of x32", .said("the process lives"))]
                    }
                    return [Observation("getpid of x32", .ended(signal))]
                })
        ]
    #else
        private static let foreign: [Attack] = []
    #endif
}
