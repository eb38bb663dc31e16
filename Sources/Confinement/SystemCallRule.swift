/// What becomes of some system calls, and why: a filter as data.
struct SystemCallRule: Sendable {
    enum Verdict: Sendable {
        case allow
        /// "Operation not permitted": the honest answer.
        case permissionDenied
        /// "Function not implemented": for calls that programs probe, so that they fall back.
        case notImplemented
        /// SIGSYS ends the process.
        case kill
    }

    /// A look at one argument; several in one condition must all hold.
    enum Comparison: Hashable, Sendable {
        /// What `mask` shows of argument `index` equals `value`.
        case masked(_ index: UInt32, mask: UInt64, value: UInt64)
        /// All 64 bits, unsigned.
        case above(_ index: UInt32, UInt64)
        /// All 64 bits.
        case differs(_ index: UInt32, UInt64)

        /// The low 32 bits, which are all that the kernel takes of an int. A filter that compared
        /// the rest as well could be passed by setting it (CVE-2023-1523).
        static func equals(_ index: UInt32, _ value: UInt64) -> Comparison {
            .masked(index, mask: 0xffff_ffff, value: value)
        }
    }

    let calls: [SystemCall]
    /// The rule holds when one of these does; an empty one always does.
    let when: [[Comparison]]
    let verdict: Verdict
    let reason: String

    init(
        _ verdict: Verdict, _ calls: [SystemCall], when: [[Comparison]] = [[]],
        because reason: String
    ) {
        (self.verdict, self.calls, self.when, self.reason) = (verdict, calls, when, reason)
    }

    var isUnconditional: Bool { when.contains([]) }
}

/// A system call by name, or by the number that it has on every architecture.
enum SystemCall: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    case named(String)
    /// Calls from 424 on have one number everywhere (Linux 5.1). For those that are younger than
    /// the libseccomp that is linked in.
    case numbered(Int32, String)

    init(stringLiteral name: String) { self = .named(name) }

    var description: String {
        switch self {
        case .named(let name), .numbered(_, let name): name
        }
    }
}

/// What a filter does with every call: the first rule that holds, else `otherwise`.
struct SystemCallPolicy: Sendable {
    let otherwise: SystemCallRule.Verdict
    let rules: [SystemCallRule]
    /// The youngest call that a list of refusals was made with knowledge of; every younger one is
    /// answered ENOSYS, and a program goes the way it went before there was such a call. Nil for a
    /// list of what is allowed. With it goes personality(2), because old execution domains switch
    /// protections off: ranges of values are what libseccomp takes a rule a bit for.
    var lastKnownCall: UInt32?
}
