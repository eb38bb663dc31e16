public import SystemPackage

/// A request to the kernel's packet filter that failed: what was being done, and why not.
public struct NetlinkError: Error, Equatable, CustomStringConvertible {
    public enum Kind: Equatable, Sendable {
        /// The process lacks CAP_NET_ADMIN in its network namespace.
        case notPermitted
        /// The kernel has no nf_tables, or lacks a part that the ruleset needs.
        case unsupported
        /// The set holds as many elements as it may.
        case full
        /// The table, set or element is not there.
        case absent
        /// No answer came within the deadline.
        case noAnswer
        /// The answer is not what the protocol prescribes.
        case malformed
        /// Any other number of the kernel's, in `cause`.
        case refused
    }

    public let kind: Kind
    /// What was being done: `add rule 3 of chain output`.
    public let action: String
    /// The kernel's number.
    public let cause: Errno
    /// The kernel's own words, where it has any (netlink(7), NETLINK_EXT_ACK).
    public let detail: String

    init(_ kind: Kind, _ action: String, _ cause: Errno = Errno(rawValue: 0), _ detail: String = "")
    {
        self.kind = kind
        self.action = action
        self.cause = cause
        self.detail = detail
    }

    init(_ action: String, _ cause: Errno, _ detail: String = "") {
        let kind: Kind =
            switch cause {
            case .notPermitted, .permissionDenied: .notPermitted
            case .notSupported, .protocolNotSupported, .addressFamilyNotSupported:
                .unsupported
            case .tooManyOpenFilesInSystem: .full  // ENFILE is what nf_tables says
            case .noSuchFileOrDirectory: .absent
            case .wouldBlock, .timedOut: .noAnswer
            default: .refused
            }
        self.init(kind, action, cause, detail)
    }

    public var description: String {
        let reason =
            switch kind {
            case .noAnswer: "the kernel did not answer in time"
            case .malformed: "the kernel's answer is malformed"
            default: "\(cause)"
            }
        return "cannot \(action): \(reason)" + (detail.isEmpty ? "" : " (\(detail))")
    }
}
