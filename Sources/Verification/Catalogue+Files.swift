import Linux
import SystemPackage

/// Rows 7, 29 and 33, and the third promise: what the agent must not write.
extension Catalogue {
    static let files: [Attack] = [
        Attack(
            "rewrite name resolution", rows: [7], stops: unwritable, control: writesOwnFile,
            attempts: .calls(
                ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf"].map { Call.writing($0) })),
        Attack(
            "change the root file system", rows: [7, 24], stops: unwritable, control: writesOwnFile,
            attempts: creating(["/", "/etc", "/usr/local/bin", "/opt", "/root"])),
        Attack(
            "change policy, profile or program", rows: [21, 27], stops: unwritable,
            control: writesOwnFile,
            attempts: .calls(
                [
                    Call.writing("/usr/local/bin/codetainer"),
                    Call.writing("/etc/passwd"),
                ]
                    + creating(below: [
                        "/opt/network", "/etc/codetainer", "/etc/codetainer/profiles",
                    ]))),
        Attack(
            "change the kernel's settings", rows: [21, 24, 33], stops: unwritable,
            control: writesOwnFile,
            attempts: .calls(
                [
                    "/proc/sys/kernel/core_pattern", "/proc/sys/net/ipv4/ip_forward",
                    "/proc/sys/kernel/yama/ptrace_scope", "/proc/sysrq-trigger",
                    "/sys/kernel/uevent_helper",
                ].map { Call.writing($0) })),
        Attack(
            "plant links and sockets where root looks", rows: [29], stops: unwritable,
            control: Trial("a link of its own") { _ throws(SystemCallError) in
                let path = temporaryPath(ownDirectory)
                defer { Files.remove(path) }
                return try Trial.observe([
                    Call("symlinkat", .text("/nowhere"), Call.here, .text(path.string))
                ])
            },
            attempts: Trial("links in /run, its files") { scene throws(SystemCallError) in
                let directories = ["/run/codetainer", "/run", "/run/user"]
                defer {
                    for directory in directories {
                        Files.remove(FilePath(directory).appending(".codetainer-verify"))
                    }
                }
                return try Trial.observe(
                    directories.map {
                        Call(
                            "symlinkat", .text("/nowhere"), Call.here,
                            .text("\($0)/.codetainer-verify"), as: "a link in \($0)")
                    } + [
                        Call.writing("/run/codetainer/ready"),
                        Call.writing("/run/codetainer/boot.log"),
                        // As it is: 666.
                        Call(
                            "fchmodat", Call.here, .text(scene.controlSocket.string), 0o666,
                            as: "chmod of the control socket"),
                    ])
            }),
        Attack(
            "make a device", rows: [33],
            stops: [
                .refused(.notPermitted): .noCapability, .refused(.permissionDenied): .landlock,
            ],
            control: Trial("a named pipe") { _ throws(SystemCallError) in
                try makeNode(mode: 0o010600, device: 0)
            },
            attempts: Trial("mknod of /dev/null's kind") { _ throws(SystemCallError) in
                try makeNode(mode: 0o020600, device: 1 << 8 | 3)
            }),
        Attack(
            "set-id programs and devices on what it can write", rows: [27, 33],
            stops: [.said("nosuid,nodev"): .mountOptions], control: writesOwnFile,
            attempts: Trial("every mount that takes a file of its own") {
                _ throws(SystemCallError) in
                try WritableMounts.current.get().map { mount in
                    let isStrict = mount.options.isSuperset(of: ["nosuid", "nodev"])
                    return Observation(
                        mount.path.string,
                        .said(isStrict ? "nosuid,nodev" : "lacks nosuid or nodev"))
                }
            }),
    ]

    private static let unwritable: [Answer: Stop] = [
        .refused(.readOnlyFileSystem): .readOnly, .refused(.permissionDenied): .identity,
        .refused(.notPermitted): .identity, .refused(.noSuchFileOrDirectory): .absent,
        .refused(.textFileBusy): .readOnly,
    ]

    /// Where a control may write. Not /tmp: as a volume it may be full of what an earlier agent left,
    /// who could so stop every boot.
    private static var ownDirectory: String {
        let runtime = "/run/user/\(System.userID)"
        return (try? FileStatus(of: FilePath(runtime))) ?? nil == nil ? "/tmp" : runtime
    }

    static func temporaryPath(_ directory: String) -> FilePath {
        FilePath(directory).appending(".codetainer-verify-\(System.processID)")
    }

    /// The act that every refused write stands beside.
    static let writesOwnFile = Trial("a file of its own") { _ throws(SystemCallError) in
        let path = temporaryPath(ownDirectory)
        defer { Files.remove(path) }
        return [
            Trial.observe("write \(path)") { () throws(SystemCallError) in
                try Files.appending(to: path, mode: 0o600).writeAll([0x0a])
                return .done
            }
        ]
    }

    private static func creating(below directories: [String]) -> [Call] {
        directories.map {
            // O_WRONLY, O_CREAT, O_EXCL
            Call(
                "openat", Call.here, .text("\($0)/.codetainer-verify"), 0o301, 0o600,
                as: "a file in \($0)")
        }
    }

    private static func creating(_ directories: [String]) -> Trial {
        Trial("a file in " + directories.joined(separator: ", ")) { _ throws(SystemCallError) in
            // What was made after all goes again; what was there before was not made (O_EXCL).
            defer {
                for directory in directories {
                    Files.remove(FilePath(directory).appending(".codetainer-verify"))
                }
            }
            return try Trial.observe(creating(below: directories))
        }
    }

    private static func makeNode(mode: UInt64, device: UInt64) throws(SystemCallError)
        -> [Observation]
    {
        let path = temporaryPath(ownDirectory)
        defer { Files.remove(path) }
        return try Trial.observe([
            Call("mknodat", Call.here, .text(path.string), .word(mode), .word(device))
        ])
    }
}

/// The mounts on which the caller can make a file.
enum WritableMounts {
    /// Found out once for a process.
    static let current = Result { () throws(SystemCallError) in try find() }

    private static func find() throws(SystemCallError) -> [Mount] {
        let kernel: Set = ["proc", "sysfs", "devpts", "cgroup", "cgroup2", "mqueue"]
        return try MountTable.current().mounts.filter { mount in
            guard !mount.isReadOnly, !kernel.contains(mount.fileSystem) else { return false }
            let path = Catalogue.temporaryPath(mount.path.string)
            guard (try? Files.appending(to: path, mode: 0o600)) != nil else { return false }
            Files.remove(path)
            return true
        }
    }
}
