/// What is taken from a process before it becomes the program it shall run, in this order.
///
/// The order is the security argument: each layer either needs a privilege that a later one takes
/// away, or would be undone by an earlier one running after it.
public enum Layer: String, CaseIterable, Sendable {
    /// A session of its own, so that no terminal of the operator is its controlling terminal.
    case session
    /// Descriptors from 3 on close at the exec, but for those that were named.
    case descriptors
    /// Ceilings on resources; no core dump. While still root, so that a hard limit may be set.
    case resourceLimits = "resource-limits"
    /// Nothing can be gained by exec any more. Needs CAP_SETPCAP, so before the identity.
    case boundingSet = "bounding-set"
    /// Root's special treatment ends, locked. Needs CAP_SETPCAP too.
    case secureBits = "secure-bits"
    /// Groups, gid, uid: after this no way back.
    case identity
    /// No capability is left in any set, whatever the uid.
    case capabilities
    /// What an unprivileged seccomp filter needs, and the end of set-id programs.
    case noNewPrivileges = "no-new-privileges"
    /// Last, because the layers above make system calls that the filter refuses.
    case seccomp
}
