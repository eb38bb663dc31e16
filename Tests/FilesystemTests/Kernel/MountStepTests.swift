import Filesystem
import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

/// Steps carried out in a mount namespace of their own.
@Suite struct MountStepTests {
    private let scratch: Scratch
    /// What is captured for another thread: the scratch itself must go in this namespace.
    private let path: FilePath

    init() throws {
        scratch = try Scratch()
        path = scratch.path
    }

    /// A tmpfs without any restriction, as a volume has none.
    private static func mountPlain(at path: FilePath) throws {
        try Mounting.mount("tmpfs", at: path, type: "tmpfs", options: [.noExecution])
    }

    private static func mount(at path: FilePath) throws -> Mount {
        try #require(try threadMounts().mount(at: path))
    }

    @Test func tmpfsIsMadeAsRequired() throws {
        let path = scratch.path.appending("made/on/the/way")
        try inNamespaces([.mount]) {
            let requirement = TmpfsRequirement(
                path: path, size: 8 << 20,
                ownership: Ownership(user: 1000, group: 1001, mode: 0o1770))
            try MountStep.tmpfs(requirement).apply()
            let mount = try Self.mount(at: path)
            #expect(
                mount.fileSystem == "tmpfs" && mount.options.isSuperset(of: ["nosuid", "nodev"]))
            #expect(mount.fileSystemOptions.contains("size=8192k"))
            let status = try #require(try FileStatus(of: path))
            #expect(status.user == 1000 && status.group == 1001 && status.mode == 0o1770)
            #expect(try FileStatus(of: path.removingLastComponent())?.user == 0)
            // What the plan asked for it now finds.
            let plan = MountPlan(table: try threadMounts(), canMount: false)
            #expect(try plan.writablePaths([requirement]) == [])
            // And the size is a limit.
            let file = path.appending("file").string
            let ran = try run(["dd", "if=/dev/zero", "of=\(file)", "bs=1M", "count=9"])
            #expect(ran.code == 1 && ran.errors.contains("No space left on device"))
            #expect(try run(["dd", "if=/dev/zero", "of=\(file)", "bs=1M", "count=7"]).code == 0)
        }
        #expect(try MountTable.current().mount(at: path) == nil)
    }

    /// What was mounted below the path is there again, once, with nothing hidden under the tmpfs.
    @Test func tmpfsKeepsWhatIsMountedBelow() throws {
        let path = scratch.path.appending("kept")
        try inNamespaces([.mount]) {
            let volume = path.appending("deep/volume")
            _ = try Directory.making(volume, ownership: .root(mode: 0o755))
            try Self.mountPlain(at: volume)
            try Directory(volume).write(
                Array("here".utf8), to: "file", ownership: .root(mode: 0o644))
            let single = path.appending("single")
            try Directory(path).write([], to: "single", ownership: .root(mode: 0o644))
            try Mounting.bind(volume.appending("file"), at: single)
            let requirement = TmpfsRequirement(
                path: path, size: 8 << 20,
                ownership: Ownership(user: 1000, group: 1001, mode: 0o700))
            let plan = MountPlan(table: try threadMounts(), canMount: true)
            for step in try plan.writablePaths([requirement]) { try step.apply() }

            #expect(try Self.mount(at: path).fileSystemOptions.contains("size=8192k"))
            #expect(try Files.names(in: path) == ["deep", "single"])
            #expect(try FileStatus(of: path.appending("deep"))?.user == 1000)
            #expect(try Files.text(volume.appending("file")) == "here")
            #expect(try Files.text(single) == "here")
            for kept in [volume, single] {
                #expect(try threadMounts().mounts.filter { $0.path == kept }.count == 1)
                #expect(
                    try Self.mount(at: kept).options.isSuperset(of: ["nosuid", "nodev", "noexec"]))
            }
        }
    }

    @Test func secretsGoOutOfSight() throws {
        try inNamespaces([.mount]) { [path] in
            let shelf = path.appending("shelf")
            try Directory(path).makeDirectory("shelf", ownership: .root(mode: 0o755))
            try Directory(path).write(
                Array("secret".utf8), to: "file", ownership: .root(mode: 0o644))
            try Self.mountPlain(at: shelf)
            try Directory(shelf).write(Array("secret".utf8), to: "a", ownership: .root(mode: 0o644))
            #expect(
                Files.hasContents(shelf.appending("a")) && Files.hasContents(path.appending("file"))
            )
            try MountStep.detach(shelf).apply()
            try MountStep.cover(path.appending("file")).apply()
            #expect(!Files.hasContents(shelf.appending("a")))
            #expect(!Files.hasContents(path.appending("file")))
        }
    }

    @Test func restrictingEndsSetIDPrograms() throws {
        try inNamespaces([.mount]) { [path] in
            try Mounting.mount("tmpfs", at: path, type: "tmpfs", options: [])
            try Directory(path).write(
                try Files.read("/usr/bin/id"), to: "id", ownership: .root(mode: 0o4755))
            let asAgent = [
                "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups",
                "\(path)/id", "-u",
            ]
            #expect(try run(asAgent).output == "0\n")
            try MountStep.restrict(try Self.mount(at: path)).apply()
            #expect(try run(asAgent).output == "1000\n")
            #expect(
                try Self.mount(at: path).options.isSuperset(of: ["nosuid", "nodev", "rw"]))
        }
    }

    @Test func readOnlyIsForRootToo() throws {
        try inNamespaces([.mount]) { [path] in
            try Self.mountPlain(at: path)
            let before = try Self.mount(at: path)
            let write = ["touch", "\(path)/file"]
            #expect(try run(write).code == 0)
            try MountStep.readOnly(before).apply()
            let ran = try run(write)
            #expect(ran.code == 1 && ran.errors.contains("Read-only file system"))
            let after = try Self.mount(at: path)
            #expect(after.isReadOnly)
            // Every other option stays.
            #expect(after.options.subtracting(["ro"]) == before.options.subtracting(["rw"]))
        }
    }

    @Test func hidingIsForThatProcOnly() throws {
        try inNamespaces([.mount]) { [path] in
            try Mounting.mount("proc", at: path, type: "proc", options: [.noSetID])
            let look = [
                "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "cat",
                "\(path)/1/status",
            ]
            #expect(try run(look).code == 0)
            try MountStep.hideProcesses(try Self.mount(at: path)).apply()
            let hidden = try run(look)
            #expect(hidden.code == 1 && hidden.errors.contains("No such file or directory"))
            #expect(try run(["cat", "\(path)/1/status"]).code == 0)
            let mount = try Self.mount(at: path)
            #expect(MountPlan.hidesProcesses(mount) && mount.options.contains("nosuid"))
            #expect(!MountPlan.hidesProcesses(try Self.mount(at: "/proc")))
        }
    }

    @Test func withoutThePrivilegeItSaysSo() throws {
        let error = #expect(throws: SystemCallError.self) {
            try MountStep.readOnly(
                try #require(
                    MountTable(parsing: MountInfo.volume(at: path.string)).mounts.first)
            ).apply()
        }
        // Not a mount at all: the call that fails, on what, and why.
        #expect(
            error == SystemCallError("mount", "\(path) read-only", .invalidArgument))
    }
}
