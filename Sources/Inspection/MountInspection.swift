import Control
import Filesystem
import Linux
import SystemPackage

/// The layers that the mount tree makes, as it is now.
struct MountInspection {
    let table: MountTable
    let facts: CageFacts

    var readOnlyRoot: StatusReport.Layer {
        let name = "read-only-root"
        guard let root = table.mount(at: "/"), root.isReadOnly else {
            return .init(name: name, state: .off, reason: "/ is writable")
        }
        return .init(name: name, state: .on, reason: "/ is read-only")
    }

    var writablePaths: StatusReport.Layer {
        let name = "writable-paths"
        for path in facts.writablePaths {
            guard let mount = table.mount(at: FilePath(path)) else {
                return .init(name: name, state: .off, reason: "\(path) is not a mount")
            }
            guard mount.options.isSuperset(of: ["nosuid", "nodev"]) else {
                return .init(name: name, state: .off, reason: "\(path) lacks nosuid or nodev")
            }
        }
        return .init(
            name: name, state: .on,
            reason: "nosuid, nodev: \(facts.writablePaths.joined(separator: " "))")
    }

    /// Optional: the packet filter sends every query to the responder in any case.
    var resolverFile: StatusReport.Layer {
        let name = "resolv-conf"
        let path: FilePath = "/etc/resolv.conf"
        let text = (try? Files.text(path, limit: 1 << 16)) ?? ""
        guard text.split(separator: "\n").contains("nameserver 127.0.0.53") else {
            return .init(
                name: name, state: .off, reason: "/etc/resolv.conf names another server",
                required: false)
        }
        let isReadOnly = table.mount(at: path)?.isReadOnly ?? table.mount(at: "/")?.isReadOnly
        return .init(
            name: name, state: isReadOnly == true ? .on : .off,
            reason: isReadOnly == true
                ? "names the responder, read-only" : "names the responder, writable for root",
            required: false)
    }

    /// Optional: other uids' files in /proc are closed to the agent in any case.
    var hiddenProcesses: StatusReport.Layer {
        let name = "hidepid"
        guard let proc = table.mount(at: "/proc"), MountPlan.hidesProcesses(proc) else {
            return .init(
                name: name, state: .off, reason: "/proc shows every process", required: false)
        }
        return .init(
            name: name, state: .on, reason: "/proc shows the agent its own", required: false)
    }
}
