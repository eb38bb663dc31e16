import CSeccomp
import Linux
import SystemPackage

/// A seccomp filter by name (seccomp(2)); what it refuses is in `Refusal`.
///
/// Calls of another architecture (32-bit, x32) end the process.
public enum SystemCallFilter: String, CaseIterable, Sendable {
    case agent
    case service
    case none

    var refusals: [Refusal] {
        switch self {
        case .agent: Refusal.agent
        case .service: Refusal.service
        case .none: []
        }
    }

    /// Builds the filter and puts it on the calling process; no-new-privileges must be set.
    public func load() throws(SystemCallError) {
        guard self != .none else { return }
        guard let filter = Filter(default: UInt32(SCMP_ACT_ALLOW)) else {
            throw SystemCallError("seccomp_init", "", .noMemory)
        }
        for refusal in refusals { try filter.add(refusal) }
        try filter.load()
    }
}

/// A filter under construction, released with its owner (seccomp_init(3)).
@safe private struct Filter: ~Copyable {
    private let context: scmp_filter_ctx

    init?(default action: UInt32) {
        guard let context = unsafe seccomp_init(action) else { return nil }
        unsafe self.context = context
    }

    deinit { unsafe seccomp_release(context) }

    func add(_ refusal: Refusal) throws(SystemCallError) {
        for call in refusal.calls {
            let number = unsafe seccomp_syscall_resolve_name(call)
            // A call that this architecture does not have (umount on arm64) needs no rule.
            guard number >= 0 else { continue }
            for condition in refusal.when {
                var comparisons = condition.comparisons
                try check(
                    unsafe seccomp_rule_add_array(
                        context, refusal.answer.action, number, UInt32(comparisons.count),
                        &comparisons),
                    "seccomp_rule_add", call)
            }
        }
    }

    func load() throws(SystemCallError) {
        try check(
            unsafe seccomp_attr_set(
                context, SCMP_FLTATR_ACT_BADARCH, UInt32(SCMP_ACT_KILL_PROCESS)),
            "seccomp_attr_set", "bad architecture")
        try check(
            unsafe seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), "seccomp_attr_set",
            "optimize")
        try check(unsafe seccomp_load(context), "seccomp_load", "")
    }

    /// libseccomp returns the negative error number.
    private func check(_ result: CInt, _ call: StaticString, _ subject: String)
        throws(SystemCallError)
    {
        guard result < 0 else { return }
        throw SystemCallError(call, subject, Errno(rawValue: -result))
    }
}

extension Refusal.Answer {
    fileprivate var action: UInt32 {
        switch self {
        case .permissionDenied: codetainer_act_errno(UInt16(EPERM))
        case .notImplemented: codetainer_act_errno(UInt16(ENOSYS))
        }
    }
}

extension Refusal.Condition {
    fileprivate var comparisons: [scmp_arg_cmp] {
        switch self {
        case .always: []
        case .masked(let index, let mask, let value):
            [scmp_arg_cmp(arg: index, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)]
        case .equal(let index, let value):
            [scmp_arg_cmp(arg: index, op: SCMP_CMP_EQ, datum_a: value, datum_b: 0)]
        case .above(let index, let value):
            [scmp_arg_cmp(arg: index, op: SCMP_CMP_GT, datum_a: value, datum_b: 0)]
        case .bothEqual(let first, let second):
            [first, second].map { argument in
                scmp_arg_cmp(
                    arg: argument.index, op: SCMP_CMP_MASKED_EQ, datum_a: 0xffff_ffff,
                    datum_b: argument.value)
            }
        case .equalAndNot(let equal, let not):
            [
                scmp_arg_cmp(arg: equal.index, op: SCMP_CMP_EQ, datum_a: equal.value, datum_b: 0),
                scmp_arg_cmp(arg: not.index, op: SCMP_CMP_NE, datum_a: not.value, datum_b: 0),
            ]
        }
    }
}
