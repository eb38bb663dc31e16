import CSeccomp
import Linux
import SystemPackage

/// A seccomp filter by name (seccomp(2)); what it does is a `SystemCallPolicy`.
///
/// Calls of another architecture (32-bit, x32) end the process.
public enum SystemCallFilter: String, CaseIterable, Sendable {
    case agent
    /// The agent's, with what sandboxes inside the agent need.
    case agentWithUserNamespaces = "agent-userns"
    /// A service of this program, from its start on; it goes on to `ServiceCage`.
    case service
    /// The lease service's: a program with shared libraries, threads and TLS.
    case lease
    case none

    var policy: SystemCallPolicy? {
        switch self {
        case .agent: .agent
        case .agentWithUserNamespaces: .agentWithUserNamespaces
        case .service: .service
        case .lease: .lease
        case .none: nil
        }
    }

    /// Builds the filter and puts it on the calling process; no-new-privileges must be set.
    public func load() throws(SystemCallError) { try policy?.load() }
}

extension SystemCallPolicy {
    /// Builds the filter and puts it on the calling process.
    func load() throws(SystemCallError) {
        // A filter of its own, because libseccomp has no rule for a range of calls.
        if let lastKnownCall { try Privileges.denyRanges(callsAfter: lastKnownCall) }
        try Filter.build(self).load()
    }

    /// The filter's program as the kernel takes it: struct sock_filter, eight octets each.
    ///
    /// - Parameter architecture: libseccomp's number of one; nil for this machine's.
    func program(for architecture: UInt32? = nil) throws(SystemCallError) -> [UInt8] {
        let file = try MemoryFile.empty("filter", byteCount: 0)
        try Filter.build(self, for: architecture).export(to: file.raw)
        return try MemoryFile.contents(of: file.raw)
    }
}

/// A filter under construction, released with its owner (seccomp_init(3)).
@safe private struct Filter: ~Copyable {
    private let context: scmp_filter_ctx
    /// Whether it is for another architecture: libseccomp translates calls by name, so those that it
    /// has no name for are left out.
    private let isForeign: Bool

    private init(adopting context: scmp_filter_ctx, isForeign: Bool) {
        unsafe self.context = context
        self.isForeign = isForeign
    }

    deinit { unsafe seccomp_release(context) }

    static func build(_ policy: SystemCallPolicy, for architecture: UInt32? = nil)
        throws(SystemCallError) -> Filter
    {
        guard let context = unsafe seccomp_init(policy.otherwise.action) else {
            throw SystemCallError("seccomp_init", "", .noMemory)
        }
        let native = seccomp_arch_native()
        let filter = unsafe Filter(
            adopting: context, isForeign: architecture.map { $0 != native } ?? false)
        if let architecture { try filter.target(architecture) }
        try filter.set(
            SCMP_FLTATR_ACT_BADARCH, UInt32(SCMP_ACT_KILL_PROCESS), "bad architecture")
        // A binary tree: a filter of a hundred calls is read in seven steps.
        try filter.set(SCMP_FLTATR_CTL_OPTIMIZE, 2, "optimize")
        for rule in policy.rules { try filter.add(rule) }
        return filter
    }

    private func target(_ architecture: UInt32) throws(SystemCallError) {
        guard isForeign else { return }
        try check(unsafe seccomp_arch_add(context, architecture), "seccomp_arch_add")
        try check(unsafe seccomp_arch_remove(context, seccomp_arch_native()), "seccomp_arch_remove")
    }

    private func set(_ attribute: scmp_filter_attr, _ value: UInt32, _ name: String)
        throws(SystemCallError)
    {
        try check(unsafe seccomp_attr_set(context, attribute, value), "seccomp_attr_set", name)
    }

    private func add(_ rule: SystemCallRule) throws(SystemCallError) {
        for call in rule.calls {
            // A call that this architecture does not have (umount on arm64) needs no rule.
            let number = call.number
            guard number >= 0, !(isForeign && call.isNumbered) else { continue }
            for condition in rule.when {
                var comparisons = condition.map(\.comparison)
                try check(
                    unsafe seccomp_rule_add_array(
                        context, rule.verdict.action, number, UInt32(comparisons.count),
                        &comparisons),
                    "seccomp_rule_add", call.description)
            }
        }
    }

    func load() throws(SystemCallError) {
        try check(unsafe seccomp_load(context), "seccomp_load")
    }

    func export(to file: CInt) throws(SystemCallError) {
        try check(unsafe seccomp_export_bpf(context, file), "seccomp_export_bpf")
    }

    /// libseccomp returns the negative error number.
    private func check(
        _ result: CInt, _ call: StaticString, _ subject: @autoclosure () -> String = ""
    ) throws(SystemCallError) {
        guard result < 0 else { return }
        throw SystemCallError(call, subject(), Errno(rawValue: -result))
    }
}

extension SystemCall {
    fileprivate var isNumbered: Bool { if case .numbered = self { true } else { false } }

    /// Its number here; negative when this architecture has none.
    var number: Int32 {
        switch self {
        case .named(let name): unsafe seccomp_syscall_resolve_name(name)
        case .numbered(let number, _): number
        }
    }
}

extension SystemCallRule.Verdict {
    fileprivate var action: UInt32 {
        switch self {
        case .allow: UInt32(SCMP_ACT_ALLOW)
        case .permissionDenied: codetainer_act_errno(UInt16(EPERM))
        case .notImplemented: codetainer_act_errno(UInt16(ENOSYS))
        case .kill: UInt32(SCMP_ACT_KILL_PROCESS)
        }
    }
}

extension SystemCallRule.Comparison {
    fileprivate var comparison: scmp_arg_cmp {
        switch self {
        case .masked(let index, let mask, let value):
            scmp_arg_cmp(arg: index, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)
        case .above(let index, let value):
            scmp_arg_cmp(arg: index, op: SCMP_CMP_GT, datum_a: value, datum_b: 0)
        case .differs(let index, let value):
            scmp_arg_cmp(arg: index, op: SCMP_CMP_NE, datum_a: value, datum_b: 0)
        }
    }
}
