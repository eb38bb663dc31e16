import Control
import Linux
import Profile
import Supervision
import SystemPackage

extension BootSequence {
    /// Writes the agent's new numbers into /etc/passwd and /etc/group, where everybody looks who has
    /// a name or wants one: `docker exec --user`, ssh, git, `ls -l`.
    ///
    /// On a root that is read-only, what the container sees is a file of /run/codetainer.
    func writeAccounts(_ configuration: BootConfiguration) throws(BootFailure) {
        guard let before = configuration.imageAgent else { return }
        let agent = configuration.agent
        note(
            "\(agent.name) has uid \(agent.user) and gid \(agent.group) here, not \(before.user) and \(before.group)"
        )
        do throws(SystemCallError) {
            try rewrite("passwd") { text in
                AccountFiles.renumbered(
                    passwd: text, agent.name, user: agent.user, group: agent.group)
            }
            try rewrite("group") { text in
                AccountFiles.renumbered(group: text, agent.name, agent.group)
            }
        } catch {
            warn(
                "/etc still has \(agent.name) as uid \(before.user): \(error): programs that ask who they are get no name: add `--cap-add SYS_ADMIN`, or run without `--read-only`"
            )
        }
    }

    private func rewrite(_ name: String, _ change: ([UInt8]) -> [UInt8]) throws(SystemCallError) {
        let path = FilePath("/etc").appending(name)
        // An image of one program has no accounts.
        guard let status = try FileStatus(of: path) else { return }
        let old = try Files.read(path, limit: 1 << 20)
        let new = change(old)
        guard new != old else { return }
        let ownership = Ownership(user: status.user, group: status.group, mode: status.mode)
        do throws(SystemCallError) {
            try Directory("/etc").write(new, to: name, ownership: ownership)
        } catch {
            // A runtime that mounts a file of its own over it has that written in place.
            if error.cause == .resourceBusy { return try Files.overwrite(new, at: path) }
            guard error.cause == .readOnlyFileSystem, canMount else { throw error }
            try Directory(Paths.run).write(new, to: name, ownership: ownership)
            try Mounting.bind(Paths.run.appending(name), at: path)
        }
    }

    /// Volumes that the engine has just made of the image's directories are the image's agent's, and
    /// the workspace may be somebody's who is not the agent.
    func settleOwners(_ configuration: BootConfiguration, _ table: MountTable) {
        let agent = configuration.agent
        let volumes = supervisor.facts.cage.writablePaths.map { FilePath($0) }
        for volume in volumes {
            guard let before = configuration.imageAgent, let status = status(of: volume),
                status.user == before.user, status.user != agent.user
            else { continue }
            // Whoever has filled it keeps it: it may be a directory of the host's.
            guard (try? Files.names(in: volume)) == [] else {
                warn(
                    "\(volume) belongs to uid \(before.user), and the agent is uid \(agent.user): give it a volume of its own, or `chown` this one"
                )
                continue
            }
            do throws(SystemCallError) {
                try Files.give(volume, toUser: agent.user, group: agent.group)
            } catch {
                warn("\(volume) stays uid \(before.user)'s: \(error): add `--cap-add CHOWN`")
            }
        }
        let workspace = FilePath(configuration.profile.workspace.path)
        guard let mount = table.mount(at: workspace), !mount.isReadOnly,
            volumes.contains(workspace), let status = status(of: workspace),
            !status.isWritable(byUser: agent.user, group: agent.group)
        else { return }
        let remedy =
            status.user == 0
            ? "give it to uid \(agent.user) with `chown`" : "set CODETAINER_UID=auto"
        warn(
            "\(workspace) belongs to uid \(status.user), and the agent, uid \(agent.user), cannot write there: \(remedy)"
        )
    }

    private func status(of path: FilePath) -> FileStatus? {
        (try? FileStatus(of: path)).flatMap { $0 }
    }
}

extension FileStatus {
    /// Whether the permission bits let somebody write who is no more than this user and group.
    func isWritable(byUser user: UInt32, group: UInt32) -> Bool {
        let shift: UInt32 = self.user == user ? 6 : self.group == group ? 3 : 0
        return mode >> shift & 0o2 != 0
    }
}
