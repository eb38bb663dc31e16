public import Linux
import SystemPackage

/// What became of one attack.
public struct Finding: Equatable, Sendable {
    public enum Verdict: Equatable, Sendable {
        /// By these layers, as these answers show.
        case held(layer: String, answers: String)
        /// What succeeded, or failed otherwise than by the cage.
        case broken(String)
        /// The attack proves nothing: its control failed, or its process ended. Not a pass.
        case untold(String)
    }

    public let attack: String
    public let verdict: Verdict
    public let time: Milliseconds

    public init(attack: String, verdict: Verdict, time: Milliseconds) {
        (self.attack, self.verdict, self.time) = (attack, verdict, time)
    }

    public var isHeld: Bool {
        if case .held = verdict { true } else { false }
    }

    /// What is wrong; nil when the attack was stopped.
    public var complaint: String? {
        switch verdict {
        case .held: nil
        case .broken(let how): how
        case .untold(let why): "cannot tell: \(why)"
        }
    }

    public var layer: String {
        if case .held(let layer, _) = verdict { layer } else { "" }
    }

    public var answers: String {
        if case .held(_, let answers) = verdict { answers } else { "" }
    }
}

extension Observation: CustomStringConvertible {
    public var description: String {
        switch answer {
        case .done: "\(what): it worked"
        case .refused(let cause): "\(what): \(answer.symbol), \(cause)"
        case .ended, .said: "\(what): \(answer.symbol)"
        }
    }
}

extension Answer {
    /// As short as it goes: an error's name of errno(3), a signal's, or what was said.
    public var symbol: String {
        switch self {
        case .done: "done"
        case .refused(let cause): Self.names[cause] ?? "errno \(cause.rawValue)"
        case .ended(let signal): "\(signal)"
        case .said(let words): words
        }
    }

    private static let names: [Errno: String] = [
        .notPermitted: "EPERM", .noSuchFileOrDirectory: "ENOENT", .noSuchProcess: "ESRCH",
        .ioError: "EIO", .badFileDescriptor: "EBADF", .permissionDenied: "EACCES",
        .badAddress: "EFAULT", .resourceBusy: "EBUSY", .fileExists: "EEXIST",
        .improperLink: "EXDEV", .operationNotSupportedByDevice: "ENODEV",
        .notDirectory: "ENOTDIR", .isDirectory: "EISDIR", .invalidArgument: "EINVAL",
        .inappropriateIOCTLForDevice: "ENOTTY", .textFileBusy: "ETXTBSY",
        .fileTooLarge: "EFBIG", .noSpace: "ENOSPC", .readOnlyFileSystem: "EROFS",
        .noFunction: "ENOSYS", .addressInUse: "EADDRINUSE",
        .addressNotAvailable: "EADDRNOTAVAIL", .networkUnreachable: "ENETUNREACH",
        .addressFamilyNotSupported: "EAFNOSUPPORT", .protocolNotSupported: "EPROTONOSUPPORT",
        .timedOut: "ETIMEDOUT", .connectionRefused: "ECONNREFUSED", .noRouteToHost: "EHOSTUNREACH",
        .connectionReset: "ECONNRESET", .noSuchAddressOrDevice: "ENXIO",
        .resourceTemporarilyUnavailable: "EAGAIN", .noMemory: "ENOMEM",
    ]
}
