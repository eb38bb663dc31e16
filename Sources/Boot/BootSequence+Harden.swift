import Control
import Filesystem
import Linux
import Supervision
import SystemPackage

extension BootSequence {
    /// Makes everything read-only that is not meant to be written, hides processes, and gives up
    /// the capabilities that boot alone needed.
    func harden(_ configuration: BootConfiguration) throws(BootFailure) {
        do {
            let plan = MountPlan(table: try MountTable.current(), canMount: canMount)
            let writable =
                supervisor.facts.cage.writablePaths.map { FilePath($0) }
                + configuration.writablePaths
            for step in try plan.hardening(writable: writable) {
                do throws(SystemCallError) {
                    try step.apply()
                } catch {
                    // hidepid is an additional layer: the agent's uid is the first one.
                    guard case .hideProcesses = step else { throw error }
                    report(missing: "hidepid", "\(error)")
                }
            }
            try holdReadOnly(configuration)
            if !canMount {
                report(missing: "hidepid", "the container lacks CAP_SYS_ADMIN")
            }
            try Privileges.limitBoundingSet(to: Self.keptCapabilities)
            try Privileges.clearAmbientSet()
            try Privileges.keepCapabilities(Self.keptCapabilities)
        } catch let failure as BootFailure {
            throw failure
        } catch let error as MountPlanError {
            throw BootFailure(.system, "\(error)")
        } catch let error as SystemCallError where Self.isAboutMounts(error) {
            throw Self.mountFailure(error)
        } catch {
            throw BootFailure(.system, "cannot \(error): \(Self.refusalAdvice)")
        }
    }
}
