/// What is taken from a process before it becomes the program it shall run, in this order.
///
/// The order is the security argument: each layer either needs a privilege that a later one takes
/// away, or would be undone by an earlier one running after it.
public enum Layer: String, CaseIterable, Sendable {
    case session
    case descriptors
    case environment
    case resourceLimits = "resource-limits"
    case boundingSet = "bounding-set"
    case inheritableSets = "inheritable-sets"
    case secureBits = "secure-bits"
    case identity
    case capabilities
    case noNewPrivileges = "no-new-privileges"
    case landlock
    case seccomp

    /// Why it is there, and where in the order.
    public var reason: String {
        switch self {
        case .session:
            "a session of its own: no terminal of the caller's is its controlling terminal"
        case .descriptors:
            "what the caller had open closes at the exec, but for what was named"
        case .environment:
            "an allow-list of variables: no secret or LD_PRELOAD comes along"
        case .resourceLimits:
            "ceilings, and no core dump; while root, which may set a hard limit"
        case .boundingSet:
            "no exec gains a capability again; needs CAP_SETPCAP, so before the identity"
        case .inheritableSets:
            "ambient and inheritable: nothing is passed through an exec"
        case .secureBits:
            "root's special treatment ends, locked; needs CAP_SETPCAP, which the identity takes"
        case .identity:
            "groups, gid, uid: after this no way back"
        case .capabilities:
            "none is left in any set, whatever the uid"
        case .noNewPrivileges:
            "set-id programs gain nothing; what Landlock and seccomp need without privilege"
        case .landlock:
            "files, ports and processes in reach; before seccomp, which may refuse its calls"
        case .seccomp:
            "last: the layers above make calls that the filter refuses"
        }
    }

    /// Whether a kernel without it is no reason to stop, unless the layer is asked for by
    /// `--require`: it is reported as off.
    public var isOptional: Bool { self == .landlock }
}
