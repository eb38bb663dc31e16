import Linux
import SystemPackage

/// Rows 31 and 33: ceilings that the agent cannot lift. A fork bomb itself is not tried: it would
/// take the processes of the live agent, which has the same uid.
extension Catalogue {
    static let limits: [Attack] = [
        Attack(
            "lift the ceiling on processes, dump core", rows: [31, 33],
            stops: [.refused(.notPermitted): .noCapability],
            control: .calls([
                // RLIMIT_CORE to 0.
                Call(
                    "prlimit64", 0, 4, .octets([UInt8](repeating: 0, count: 16)), 0,
                    as: "a limit is lowered")
            ]),
            attempts: .calls([
                Call("prlimit64", 0, 6, unlimited, 0, as: "RLIMIT_NPROC to unlimited"),
                Call("prlimit64", 0, 4, unlimited, 0, as: "RLIMIT_CORE to unlimited"),
            ])),
        Attack(
            "fill the memory through a tmpfs", rows: [31],
            stops: [.refused(.noSpace): .limit, .refused(.fileTooLarge): .limit],
            control: writesOwnFile,
            attempts: Trial("32 TiB at once on every tmpfs it can write") {
                _ throws(SystemCallError) in
                try WritableMounts.current.get().filter { $0.fileSystem == "tmpfs" }.map(flood)
            }),
    ]

    private static let unlimited = RawCall.Argument.octets([UInt8](repeating: 0xff, count: 16))

    private static let thirtyTwoTiB: RawCall.Argument = 0x2000_0000_0000

    /// A tmpfs compares the length with its size before it takes a page (shmem_fallocate). One that
    /// is mounted without a limit, which is size 0, would take them, so there it is not tried; one
    /// without a size has half of the memory (tmpfs(5)).
    private static func flood(_ mount: Mount) -> Observation {
        Trial.observe("fallocate on \(mount.path)") { () throws(SystemCallError) in
            guard !mount.fileSystemOptions.contains("size=0k") else {
                return .said("no size limit")
            }
            let path = temporaryPath(mount.path.string)
            defer { Files.remove(path) }
            let file = try Files.appending(to: path, mode: 0o600)
            let call = Call("fallocate", .descriptor(file.raw), 0, 0, thirtyTwoTiB)
            return try Trial.observe([call]).first?.answer ?? .said("not tried")
        }
    }
}
