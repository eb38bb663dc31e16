import Control
import Filesystem
import Linux
import Profile
import Session
import Supervision
import SystemPackage

extension BootSequence {
    /// Writable paths, the home's skeleton and the files of the profile; then the boot log and the
    /// control socket have a place.
    func prepareFiles(_ configuration: BootConfiguration) throws(BootFailure) {
        do {
            let plan = MountPlan(table: try MountTable.current(), canMount: canMount)
            let requirements = writablePaths(configuration, plan.table)
            let volumes = configuration.profile.writable.map { FilePath($0) }
            supervisor.facts.cage.writablePaths =
                (requirements.map(\.path)
                + volumes.filter { plan.table.mount(at: $0) != nil }).map(\.string)
            for step in try plan.writablePaths(requirements, volumes: volumes) {
                try step.apply()
            }
            warnOfMemory(requirements.filter { plan.table.mount(at: $0.path) == nil })
            let unlimited = plan.unlimited(requirements)
            if !unlimited.isEmpty {
                let paths = unlimited.map(\.string).joined(separator: ", ")
                report(missing: "sizes", "no size for \(paths): add `size=` to its `--tmpfs`")
            }
            try makeRuntimeDirectories(configuration)
            try writeAccounts(configuration)
            settleOwners(configuration, plan.table)
            // While PID 1 may still give files away.
            if configuration.profile.agent.isHeadless {
                StandardStreams.give(
                    to: configuration.agent.user, group: configuration.agent.group)
            }
            for link in configuration.profile.links { try make(link, configuration) }
            for file in configuration.profile.files { try install(file, configuration) }
            try writePrompt(configuration)
            try BootLog.shared.open(at: Paths.bootLog)
            try supervisor.serveControl(
                on: try UnixSocket.listen(at: Paths.controlSocket, mode: 0o666))
        } catch let error as BootFailure {
            throw error
        } catch let error as MountPlanError {
            throw BootFailure(.system, "\(error)")
        } catch let error as SystemCallError where Self.isAboutMounts(error) {
            throw Self.mountFailure(error)
        } catch let error as SystemCallError
            where error.cause == .readOnlyFileSystem && error.call == "mkdir"
        {
            throw BootFailure(
                .system,
                "cannot \(error): the image lacks it and its root is read-only: add `--tmpfs \(error.subject)`, or run without `--read-only`"
            )
        } catch let error as SystemCallError where error.cause == .permissionDenied {
            // Root without that capability is nobody special in a directory of the agent's.
            throw BootFailure(
                .noPermission,
                "cannot \(error): root needs CAP_DAC_OVERRIDE there: add `--cap-add DAC_OVERRIDE`"
            )
        } catch {
            throw BootFailure(.system, "cannot \(error): \(Self.refusalAdvice)")
        }
    }

    /// Files on a tmpfs are memory: where they may take all of it the kernel ends processes, and
    /// the files stay.
    private func warnOfMemory(_ mounted: [TmpfsRequirement]) {
        let files = mounted.reduce(0) { $0 + $1.size }
        guard let limit = MemoryLimit.current, files > limit else { return }
        warn(
            "files of the agent's may take \(files >> 20) MB of memory and the container has \(limit >> 20) MB: whoever fills them ends processes: raise `--memory`, or make the profile's tmpfs smaller"
        )
    }

    /// Whether a call failed that the runtime's own profiles (AppArmor, seccomp) may forbid.
    static func isAboutMounts(_ error: SystemCallError) -> Bool {
        ["mount", "umount2", "open_tree", "move_mount"].contains(error.call)
    }

    static func mountFailure(_ error: SystemCallError) -> BootFailure {
        BootFailure(
            .system,
            "cannot \(error): the runtime forbids it: add `--cap-add SYS_ADMIN`, and `--security-opt apparmor=unconfined` where AppArmor is active"
        )
    }

    private func writablePaths(_ configuration: BootConfiguration, _ table: MountTable)
        -> [TmpfsRequirement]
    {
        let agent = configuration.agent
        let run = TmpfsRequirement(path: "/run", size: 16 << 20, ownership: .root(mode: 0o755))
        // What the agent fills is its own: /run is root's.
        let own = TmpfsRequirement(
            path: FilePath(SessionPlan.socketDirectory(user: agent.user)), size: 16 << 20,
            ownership: Ownership(user: agent.user, group: agent.group, mode: 0o700))
        let hasOwn = canMount || table.mount(at: own.path) != nil
        if !hasOwn {
            report(
                missing: "own-run",
                "the agent can fill /run: add `--tmpfs \(own.path):size=16m,nosuid,nodev,uid=\(agent.user),gid=\(agent.group),mode=700`"
            )
        }
        return [run] + (hasOwn ? [own] : [])
            + configuration.profile.tmpfs.map { tmpfs in
                TmpfsRequirement(
                    path: FilePath(tmpfs.path), size: tmpfs.size,
                    ownership: Self.ownership(tmpfs.owner, tmpfs.mode, agent))
            }
    }

    private static func ownership(_ owner: AgentProfile.Owner, _ mode: UInt32, _ agent: Account)
        -> Ownership
    {
        switch owner {
        case .root: .root(mode: mode)
        case .agent: Ownership(user: agent.user, group: agent.group, mode: mode)
        }
    }

    private func makeRuntimeDirectories(_ configuration: BootConfiguration) throws {
        let agent = configuration.agent
        let own = Ownership(user: agent.user, group: agent.group, mode: 0o700)
        let run = try Directory("/run")
        try run.makeDirectory("codetainer", ownership: .root(mode: 0o755))
        try run.makeDirectory("user", ownership: .root(mode: 0o755))
        // One that is the agent's already root cannot even enter without CAP_DAC_OVERRIDE.
        let status = try FileStatus(of: FilePath(SessionPlan.socketDirectory(user: agent.user)))
        if status?.kind != .directory || status?.user != own.user || status?.mode != own.mode {
            try Directory("/run/user").makeDirectory("\(agent.user)", ownership: own)
        }
        if configuration.profile.agent.isHeadless { return }
        // tmux without TMUX_TMPDIR looks in /tmp; the socket itself is where no clean-up of /tmp
        // reaches it.
        let name = "tmux-\(agent.user)"
        let sockets = SessionPlan.socketDirectory(user: agent.user)
        try warning("tmux finds the session with TMUX_TMPDIR=\(sockets) only") {
            try Privileges.actingOnFiles(user: agent.user, group: agent.group) {
                () throws(SystemCallError) in
                try Directory("/tmp").makeDirectory(name, ownership: own)
                try Directory(FilePath("/tmp/\(name)")).link(
                    "default", to: FilePath("\(sockets)/\(name)/default"), ownership: own)
            }
        }
    }

    private func make(_ link: AgentProfile.Link, _ configuration: BootConfiguration) throws {
        // A program that this image does not have needs no link.
        guard try FileStatus(of: FilePath(link.target)) != nil else { return }
        try warning("\(link.path) was not made") {
            try place(link.path, .agent, 0o755, configuration) {
                directory, name, ownership throws(SystemCallError) in
                try directory.link(name, to: FilePath(link.target), ownership: ownership)
            }
        }
    }

    private func install(_ file: AgentProfile.File, _ configuration: BootConfiguration) throws {
        let contents: [UInt8]
        switch file.contents {
        case .text(let text): contents = Array(text.utf8)
        case .source(let source):
            do throws(SystemCallError) {
                contents = try readable(source, configuration)
            } catch {
                if file.isRequired {
                    throw BootFailure(
                        .configuration,
                        "[[file]] \(file.path): source \(source): \(error.cause): mount it there, correct `source`, or say `required = false`"
                    )
                }
                if error.cause != .noSuchFileOrDirectory { warn("\(file.path): \(error)") }
                return
            }
        }
        let write = {
            try self.place(file.path, file.owner, file.mode, configuration) {
                directory, name, ownership throws(SystemCallError) in
                try directory.write(contents, to: name, ownership: ownership)
            }
        }
        // What the operator puts over the agent must be there; what is the agent's own it may have
        // made impossible itself, in a home that outlives the container.
        if file.owner == .root {
            do {
                try write()
            } catch let error as SystemCallError {
                throw BootFailure(
                    .system,
                    "cannot install \(file.path): \(error): remove what is in its way from the volume that is mounted there"
                )
            }
        } else {
            try warning("\(file.path) was not installed", write)
        }
    }

    /// The contents of a file that root may read, or the agent: without CAP_DAC_OVERRIDE root is
    /// nobody special where a file is the agent's alone.
    private func readable(_ source: String, _ configuration: BootConfiguration)
        throws(SystemCallError) -> [UInt8]
    {
        let read = { () throws(SystemCallError) in
            try Files.read(FilePath(source), limit: 4 << 20)
        }
        do throws(SystemCallError) {
            return try read()
        } catch {
            guard error.cause == .permissionDenied else { throw error }
        }
        let agent = configuration.agent
        return try Privileges.actingOnFiles(user: agent.user, group: agent.group, read)
    }

    /// Does something whose failure only warns.
    private func warning(_ message: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as SystemCallError {
            warn("\(message): \(error)")
        }
    }

    /// Puts something at `path`; what belongs to the agent is made with the agent's own
    /// permissions, so that no link that an earlier run left leads root anywhere.
    private func place(
        _ path: String, _ owner: AgentProfile.Owner, _ mode: UInt32,
        _ configuration: BootConfiguration,
        _ body: (borrowing Directory, String, Ownership) throws(SystemCallError) -> Void
    ) throws {
        let (parent, name) = try Self.split(path)
        let agent = configuration.agent
        let ownership = Self.ownership(owner, mode, agent)
        let own = Self.ownership(.agent, 0o755, agent)
        try Privileges.actingOnFiles(user: agent.user, group: agent.group) {
            () throws(SystemCallError) in
            let directory = try Directory.making(parent, ownership: own)
            if owner == .agent { try body(directory, name, ownership) }
        }
        if owner == .root {
            try keepInPlace(parent, configuration)
            try body(try Directory(parent), name, ownership)
        }
    }

    /// Sees to it that the agent can neither rename nor remove what root puts into `directory`,
    /// nor any directory on the way there: the agent owns them from the writable path on.
    private func keepInPlace(_ directory: FilePath, _ configuration: BootConfiguration) throws {
        let tops = configuration.writablePaths.filter(directory.starts(with:))
        guard var path = tops.max(by: { $0.components.count < $1.components.count }) else { return }
        let agent = configuration.agent
        for name in Array(directory.components.dropFirst(path.components.count)) + [nil] {
            // Root without CAP_DAC_OVERRIDE cannot enter what is the agent's alone.
            let opened = try Privileges.actingOnFiles(user: agent.user, group: agent.group) {
                () throws(SystemCallError) in try Directory(path)
            }
            try opened.share(fromUser: agent.user, group: agent.group)
            if let name { path.append(name) }
        }
    }

    private static func split(_ path: String) throws(BootFailure) -> (FilePath, String) {
        var directory = FilePath(path)
        guard let name = directory.lastComponent?.string, directory.removeLastComponent() else {
            throw BootFailure(
                .configuration, "\"\(path)\" does not name a file: give it a name below a directory"
            )
        }
        return (directory, name)
    }
}
