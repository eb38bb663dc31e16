import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Confinement

/// The agent's and the service's filter, as the kernel applies them. Arguments are such that the
/// kernel itself answers otherwise: that answer is the control beside each refusal.
@Suite struct FilterTests {
    private static let none = UInt64(bitPattern: -1)
    private static let invalidAddress: UInt64 = 1
    /// Anywhere in the process's memory that may be written; see `SystemCall`.
    private static let buffer = SystemCall.buffer

    /// Each call that the agent's list refuses whatever its arguments.
    private static let refused: [SystemCall] =
        [
            SystemCall("mount", invalidAddress, invalidAddress, 0, 0, 0),
            SystemCall("umount2", invalidAddress, 0),
            SystemCall("pivot_root", invalidAddress, invalidAddress),
            SystemCall("chroot", invalidAddress),
            SystemCall("fsopen", invalidAddress, 0),
            SystemCall("fsconfig", none, 0, 0, 0, 0),
            SystemCall("fsmount", none, 0, 0),
            SystemCall("fspick", none, invalidAddress, 0),
            SystemCall("move_mount", none, invalidAddress, none, invalidAddress, 0),
            SystemCall("open_tree", none, invalidAddress, 0),
            SystemCall("467", none, invalidAddress, 0, invalidAddress, 0),  // open_tree_attr
            SystemCall("sethostname", invalidAddress, 65),
            SystemCall("setdomainname", invalidAddress, 65),
            SystemCall("mount_setattr", none, invalidAddress, 0, invalidAddress, 0),
            SystemCall("setns", none, 0),
            SystemCall("process_vm_readv", 1, 0, 0, 0, 0, 1),
            SystemCall("process_vm_writev", 1, 0, 0, 0, 0, 1),
            SystemCall("pidfd_getfd", none, 0, 1),
            SystemCall("kcmp", none, none, 0, 0, 0),
            SystemCall("bpf", 0, invalidAddress, 1),
            SystemCall("perf_event_open", invalidAddress, 0, none, none, 0),
            SystemCall("userfaultfd", 0xffff),
            SystemCall("add_key", invalidAddress, invalidAddress, 0, 0, 0),
            SystemCall("request_key", invalidAddress, invalidAddress, 0, 0),
            SystemCall("keyctl", 9999, 0, 0, 0, 0),
            SystemCall("kexec_load", 0, 0x7fff_ffff, 0, 0),
            SystemCall("kexec_file_load", none, none, 0, 0, 0xffff),
            SystemCall("init_module", invalidAddress, 0, invalidAddress),
            SystemCall("finit_module", none, invalidAddress, 0),
            SystemCall("delete_module", invalidAddress, 0),
            SystemCall("reboot", 0, 0, 0, 0),
            SystemCall("swapon", invalidAddress, 0),
            SystemCall("swapoff", invalidAddress),
            SystemCall("acct", invalidAddress),
            SystemCall("quotactl", none, invalidAddress, 0, invalidAddress),
            SystemCall("quotactl_fd", none, 0, 0, 0),
            SystemCall("syslog", 99, 0, 0),
            SystemCall("settimeofday", invalidAddress, invalidAddress),
            SystemCall("clock_settime", 99, invalidAddress),
            SystemCall("clock_adjtime", 99, invalidAddress),
            SystemCall("adjtimex", invalidAddress),
            // Without a controlling terminal, as here, it does nothing.
            SystemCall("vhangup"),
            SystemCall("open_by_handle_at", none, invalidAddress, 0),
        ] + x86

    #if arch(x86_64)
        private static let x86 = [
            SystemCall("iopl", 9), SystemCall("ioperm", 0xfff_ffff, 1, 1),
        ]
    #else
        private static let x86: [SystemCall] = []
    #endif

    /// What is answered with ENOSYS, so that a program falls back.
    private static let absent =
        [
            SystemCall("clone3", invalidAddress, 0),
            SystemCall("io_uring_setup", 0, invalidAddress),
            SystemCall("io_uring_enter", none, 0, 0, 0, 0, 0),
            SystemCall("io_uring_register", none, 0, 0, 0),
            SystemCall("remap_file_pages", 1, 0, 0, 0, 0),
        ] + absentX86

    #if arch(x86_64)
        /// Others of the list are gone from today's kernels, which answer the same.
        private static let absentX86 = [
            SystemCall("modify_ldt", 99, 0, 0), SystemCall("ustat", 0, invalidAddress),
            SystemCall("sysfs", 99, 0, 0),
        ]
    #else
        private static let absentX86: [SystemCall] = []
    #endif
    private static let gone: Set<String> = ["uselib", "_sysctl", "lookup_dcookie", "nfsservctl"]

    /// CLONE_FS with a new user or mount namespace is EINVAL: no child comes of it.
    private static let cloneFS: UInt64 = 0x200

    private static let refusedByArgument: [SystemCall] =
        [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]
        .flatMap { flag in
            [
                SystemCall("unshare", flag),
                SystemCall("clone", flag | 0x1002_0000 & ~flag | cloneFS, 0, 0, 0, 0),
            ]
        } + [
            SystemCall("unshare", 0x80),
            SystemCall("unshare", 0x80 | 0x400),
            SystemCall("personality", 0x0002_0000),  // UNAME26
            SystemCall("personality", 0x0004_0000),  // ADDR_NO_RANDOMIZE
            SystemCall("personality", 8),  // PER_LINUX32
            SystemCall("personality", 0x8000_0000),
            SystemCall("personality", 0x7fff_ffff),
            SystemCall("ioctl", 0, 0x5412, invalidAddress),
            SystemCall("ioctl", 0, 0x541c, invalidAddress),
            // The kernel looks at 32 bits of the request only (CVE-2023-1523).
            SystemCall("ioctl", 0, 0x1_0000_5412, invalidAddress),
            SystemCall("socket", 17, 3, 0),  // AF_PACKET
            SystemCall("socket", 15, 3, 2),  // AF_KEY
            SystemCall("socket", 38, 5, 0),  // AF_ALG
            SystemCall("socket", 40, 1, 0),  // AF_VSOCK
            SystemCall("socket", 44, 3, 0),  // AF_XDP
            SystemCall("socket", 9, 5, 0),  // AF_X25
            SystemCall("socket", 99, 1, 0),
            // SCTP, DCCP, L2TP, UDP-Lite, SMC: by type and by protocol.
            SystemCall("socket", 2, 5, 0), SystemCall("socket", 10, 0x80805, 132),
            SystemCall("socket", 2, 6, 0), SystemCall("socket", 2, 1, 132),
            SystemCall("socket", 2, 1, 256), SystemCall("socket", 10, 2, 115),
            SystemCall("socket", 2, 2, 136), SystemCall("socket", 0x1_0000_0002, 1, 132),
            SystemCall("socket", 0x1_0000_0011, 3, 0),
            SystemCall("ioctl", 0, 0x5423, invalidAddress),  // TIOCSETD
            SystemCall("ioctl", 0, 0xffff_ffff_0000_541c, invalidAddress),
            SystemCall("socketpair", 40, 1, 0, invalidAddress),
            SystemCall("socket", 16, 3, 12),  // NETLINK_NETFILTER
            SystemCall("socket", 16, 3, 9),  // NETLINK_AUDIT
            SystemCall("socket", 16, 3, 15),  // NETLINK_KOBJECT_UEVENT
            // A limit that there is none of, so that the control changes nothing.
            SystemCall("prlimit64", 1, 99, buffer, 0),
            SystemCall("prlimit64", 1, 99, 0x1_0000_0000, 0),
            SystemCall("setsockopt", none, 41, 20, invalidAddress, 20),  // IPV6_JOIN_GROUP
            SystemCall("setsockopt", none, 41, 78, invalidAddress, 4),  // IPV6_FREEBIND
            SystemCall("setsockopt", none, 0, 15, invalidAddress, 4),  // IP_FREEBIND
            SystemCall("setsockopt", none, 41, 42, invalidAddress, 136),  // MCAST_JOIN_GROUP
            SystemCall("setsockopt", none, 41, 46, invalidAddress, 264),
            SystemCall("setsockopt", none, 0x1_0000_0029, 0x1_0000_0014, invalidAddress, 20),
        ]

    /// The same calls, where a developer's tools need them.
    private static let allowed = [
        SystemCall("unshare", 0),
        SystemCall("unshare", 0x400),  // CLONE_FILES
        SystemCall("clone", 17, 0, 0, 0, 0),  // SIGCHLD, as fork(3) does
        SystemCall("personality", 0xffff_ffff),
        SystemCall("personality", 0),
        SystemCall("socket", 1, 1, 0),
        SystemCall("socket", 2, 1, 0),
        SystemCall("socket", 2, 0x80801, 6),  // SOCK_CLOEXEC, SOCK_NONBLOCK, TCP
        SystemCall("socket", 2, 2, 0),
        SystemCall("socket", 10, 2, 17),
        SystemCall("socketpair", 1, 5, 0, buffer),
        SystemCall("socket", 10, 1, 0),
        SystemCall("socket", 16, 3, 0),  // NETLINK_ROUTE
        SystemCall("ptrace", 0, 0, 0, 0),  // PTRACE_TRACEME
        SystemCall("kill", 0, 0),
        SystemCall("prlimit64", 0, 4, 0, buffer),  // its own RLIMIT_CORE, asked for
        SystemCall("prlimit64", 0, 4, buffer, 0),  // and set
    ]

    private static func agent(_ filter: String) throws -> [String] {
        [
            try codetainer(), "confine", "--uid", "1000", "--gid", "1000", "--seccomp", filter,
            "--directory", "/", "--",
        ]
    }

    @Test func theAgentIsRefused() throws {
        let calls = Self.refused + Self.refusedByArgument
        let inside = try SystemCall.make(calls, in: try Self.agent("agent"))
        // As root, without a cage, each reaches the kernel, which says something else.
        let outside = try SystemCall.make(calls, in: [])
        for (index, call) in calls.enumerated() {
            #expect(inside[index] == .notPermitted, "\(call)")
            #expect(outside[index] != .notPermitted, "\(call)")
        }
    }

    @Test func theAgentIsToldThatThereIsNo() throws {
        let inside = try SystemCall.make(Self.absent, in: try Self.agent("agent"))
        let outside = try SystemCall.make(Self.absent, in: [])
        for (index, call) in Self.absent.enumerated() {
            #expect(inside[index] == .notImplemented, "\(call)")
            #expect(outside[index] != .notImplemented, "\(call)")
        }
    }

    @Test func theAgentIsAllowed() throws {
        let answers = try SystemCall.make(Self.allowed, in: try Self.agent("agent"))
        for (index, call) in Self.allowed.enumerated() {
            guard case .result = answers[index] else {
                Issue.record("\(call): \(answers[index])")
                continue
            }
        }
        // A terminal's size may be asked for, where there is a terminal.
        let size = SystemCall("ioctl", 0, 0x5413, 1)
        #expect(try SystemCall.make([size], in: try Self.agent("agent")) == [.error(25)])
    }

    @Test func everyUnconditionalRefusalIsTried() {
        let tried = Set((Self.refused + Self.absent).map(\.name))
        let listed = SystemCallPolicy.agent.rules.filter(\.isUnconditional).flatMap(\.calls)
            .filter { $0.number >= 0 }
            .map { if case .numbered(let number, _) = $0 { "\(number)" } else { "\($0)" } }
        #expect(Set(listed).subtracting(Self.gone) == tried)
    }

    /// Nobody has judged calls that are younger than the list: file_setattr(2) is the last it knows.
    @Test func callsYoungerThanTheListDoNotExist() throws {
        let known = SystemCall("469", Self.none, Self.invalidAddress, 0, 0, 0)
        let calls = [470, 471, 512, 600, 9999].map { SystemCall("\($0)", Self.none) } + [known]
        let inside = try SystemCall.make(calls, in: try Self.agent("agent"))
        #expect(inside.dropLast().allSatisfy { $0 == .notImplemented })
        let outside = try SystemCall.make([known], in: [])
        #expect(inside.last == outside.first)
    }

    #if arch(x86_64)
        /// getpid(2) by its x32 number, which no filter for x86-64 lists.
        @Test func callsOfX32EndTheProcess() throws {
            let foreign = ["perl", "-e", "syscall(0x40000000 + 39); print 'alive'"]
            let inside = try run(try Self.agent("agent") + foreign)
            #expect(inside.status == .signalled(.badSystemCall) && inside.output == "")
            let outside = try run(try Self.agent("none") + foreign)
            #expect(outside.code == 0 && outside.output == "alive")
        }

        /// A 64-bit program that enters by `int 0x80`, as a 32-bit one does: getpid(2) by number 20,
        /// then exit(7) by the 64-bit entry. The kernel under test may have no such entry; then it
        /// is SIGSEGV with and without a filter.
        @Test func callsOf32BitsEndTheProcess() throws {
            let scratch = try Scratch()
            let program = scratch.path.appending("int80")
            try Directory(scratch.path).write(
                Self.executable([
                    0xb8, 20, 0, 0, 0, 0xcd, 0x80,  // mov eax, 20; int 0x80
                    0xbf, 7, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05,  // edi 7, eax 60, syscall
                ]), to: "int80", ownership: .root(mode: 0o755))
            let outside = try run(try Self.agent("none") + [program.string])
            try #require(outside.status == .exited(7), "this kernel has no 32-bit entry")
            let inside = try run(try Self.agent("agent") + [program.string])
            #expect(inside.status == .signalled(.badSystemCall))
        }

        /// The smallest ELF file around machine code (elf(5)).
        private static func executable(_ code: [UInt8]) -> [UInt8] {
            func little<Number: FixedWidthInteger>(_ numbers: Number...) -> [UInt8] {
                numbers.flatMap { number in
                    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
                }
            }
            let base: UInt64 = 0x40_0000
            let size = UInt64(64 + 56 + code.count)
            let header: [UInt8] =
                [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
                + little(UInt16(2), 62) + little(UInt32(1)) + little(base + 120, 64, 0)
                + little(UInt32(0)) + little(UInt16(64), 56, 1, 0, 0, 0)
            let segment =
                little(UInt32(1), 5) + little(UInt64(0), base, base, size, size, 0x1000)
            return header + segment + code
        }
    #endif
}
