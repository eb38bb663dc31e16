import Filesystem
import Linux
import Profile
import SystemPackage

/// What a profile expects of the image and of the run.
extension BootSequence {
    /// Ends boot where the image itself holds a credential: before anything is mounted over it.
    func checkImage(_ configuration: BootConfiguration) throws(BootFailure) {
        guard configuration.profile.expectations.noCredentials else { return }
        let findings = try attempting("look for credentials in the image") {
            () throws(SystemCallError) in try BakedCredentials.find()
        }
        guard findings.isEmpty else {
            throw BootFailure(
                .configuration,
                findings.map {
                    "the image holds \($0): remove it and build the image again: a secret is given when the container starts"
                })
        }
    }

    /// Makes what the profile wants read-only so, as far as it is there, and looks whether it is.
    func holdReadOnly(_ configuration: BootConfiguration) throws(BootFailure) {
        var paths: [FilePath] = []
        for text in configuration.profile.expectations.readOnly {
            let path = FilePath(text)
            let resolved = try attempting("look at \(path)") { () throws(SystemCallError) in
                try FileStatus(of: path) == nil ? nil : try Files.resolved(path)
            }
            guard let resolved else { continue }
            guard resolved == path else {
                throw BootFailure(
                    .configuration,
                    "\(path) must be read-only and is reached by a link, which the agent may change: mount it at its own place"
                )
            }
            paths.append(path)
        }
        guard !paths.isEmpty else { return }
        do {
            let plan = MountPlan(table: try MountTable.current(), canMount: canMount)
            for step in try plan.holdingReadOnly(paths) { try step.apply() }
            let after = MountPlan(table: try MountTable.current(), canMount: canMount)
            if let path = after.writable(of: paths).first {
                throw BootFailure(.system, "\(path) is still writable: \(Self.refusalAdvice)")
            }
        } catch let error as MountPlanError {
            throw BootFailure(.configuration, error.description)
        } catch let error as SystemCallError {
            throw Self.mountFailure(error)
        } catch {
            throw BootFailure(.system, "\(error)")
        }
        note("read-only: \(paths.map(\.string).joined(separator: ", "))")
    }

    /// Has `status` show the limits as off that the profile wants and nobody has set.
    func reportLimits(_ configuration: BootConfiguration) throws(BootFailure) {
        let wanted = configuration.profile.expectations.limits
        guard !wanted.isEmpty else { return }
        let table = try attempting("read the mounts") { () throws(SystemCallError) in
            try MountTable.current()
        }
        let membership = (try? Files.text("/proc/self/cgroup", limit: 1 << 16)) ?? ""
        for limit in wanted {
            let group = ControlGroup(of: limit.rawValue, membership: membership, mounts: table)
            let figure: UInt64? =
                switch limit {
                case .memory: group?.memory?.limit
                case .processors: group?.processorLimit
                case .processes: group?.processes?.limit
                }
            guard figure == nil else { continue }
            let option =
                switch limit {
                case .memory: "--memory 4g"
                case .processors: "--cpus 2"
                case .processes: "--pids-limit 100"
                }
            report(missing: "\(limit.rawValue)-limit", "none is in force: add `\(option)`")
        }
    }
}
