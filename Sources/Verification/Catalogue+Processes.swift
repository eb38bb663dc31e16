import Linux
import SystemPackage

/// Rows 22, 23 and 32: PID 1 and the resolver.
extension Catalogue {
    private static func targets(_ scene: Scene) -> [UInt64] {
        [1] + (scene.resolver > 0 ? [UInt64(scene.resolver)] : [])
    }

    static let processes: [Attack] = [
        Attack(
            "trace PID 1 and the resolver", rows: [22],
            stops: [
                .refused(.notPermitted): .identity, .refused(.noSuchProcess): .hiddenProcesses,
            ],
            control: .calls([Call("ptrace", 0, 0, 0, 0, as: "a child of its own is traced")]),
            attempts: Trial("ptrace") { scene throws(SystemCallError) in
                try Trial.observe(
                    targets(scene).map {
                        // PTRACE_SEIZE, which does not stop the process.
                        Call("ptrace", 0x4206, .word($0), 0, 0, as: "ptrace of \($0)")
                    })
            }),
        Attack(
            "another process's memory and files", rows: [22],
            stops: [.refused(.notPermitted): .seccomp],
            control: .calls([Call("pidfd_open", 1, 0, as: "a process is named")]),
            attempts: Trial("process_vm_readv, process_vm_writev, pidfd_getfd, kcmp") {
                scene throws(SystemCallError) in
                try Trial.observe(
                    targets(scene).flatMap {
                        [
                            Call("process_vm_readv", .word($0), 0, 0, 0, 0, 1),
                            Call("process_vm_writev", .word($0), 0, 0, 0, 0, 1),
                        ]
                    } + [
                        Call("pidfd_getfd", Call.none, 0, 1),
                        Call("kcmp", Call.none, Call.none, 0, 0, 0),
                    ])
            }),
        Attack(
            "read PID 1 and the resolver in /proc", rows: [23],
            stops: [
                .refused(.noSuchFileOrDirectory): .hiddenProcesses,
                .refused(.permissionDenied): .identity, .refused(.notPermitted): .identity,
            ],
            control: ownProcess,
            attempts: Trial("environ, mem, maps, root, cwd, fd") { scene throws(SystemCallError) in
                try Trial.observe(
                    targets(scene).flatMap { process in
                        ["environ", "task/\(process)/environ", "mem", "maps", "auxv"].map {
                            Call.reading("/proc/\(process)/\($0)")
                        }
                            + ["root", "cwd", "exe", "fd/0"].map {
                                Call.following("/proc/\(process)/\($0)")
                            }
                    })
            }),
        Attack(
            "signals to PID 1 and the resolver", rows: [31, 32],
            stops: [.refused(.notPermitted): .identity],
            control: Trial("its own process can be signalled") { _ throws(SystemCallError) in
                try Trial.observe([Call("kill", 0, 0, as: "kill of its own group")])
            },
            attempts: Trial("kill, tgkill") { scene throws(SystemCallError) in
                // Signal 0 asks for the permission alone (kill(2)).
                try Trial.observe(
                    targets(scene).flatMap {
                        [
                            Call("kill", .word($0), 0, as: "kill \($0)"),
                            Call("tgkill", .word($0), .word($0), 0, as: "tgkill \($0)"),
                        ]
                    })
            }),
    ]

    /// /proc/self of a process that may be looked at: the attacking one itself may not, so that the
    /// live agent, which has its uid, cannot touch it.
    private static let ownProcess = Trial("it reads its own") { _ throws(SystemCallError) in
        try Trial.observe(
            [
                Call("prctl", 4, 1, 0, 0, 0, as: "PR_SET_DUMPABLE"),
                Call.reading("/proc/self/environ"), Call.reading("/proc/self/maps"),
                Call.following("/proc/self/root"), Call.following("/proc/self/fd/0"),
            ], copiesMemory: true)
    }
}

extension Attack {
    /// Whether it aims at the resolver's process, and so proves nothing when that has ended.
    public var aimsAtResolver: Bool { Catalogue.processes.contains { $0.name == name } }
}

extension Call {
    /// Relative paths start at the working directory.
    static let here = RawCall.Argument.word(UInt64(bitPattern: -100))

    static func reading(_ path: String) -> Call {
        Call("openat", here, .text(path), 0, 0, as: "open \(path)")
    }

    static func writing(_ path: String) -> Call {
        Call("openat", here, .text(path), 1, 0, as: "write \(path)")
    }

    static func following(_ path: String) -> Call {
        Call(
            "readlinkat", here, .text(path), .octets([UInt8](repeating: 0, count: 256)), 256,
            as: "readlink \(path)")
    }
}
