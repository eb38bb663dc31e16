/// The stages of a boot, in order. Nothing is ever "starting anyway": the first that fails stops
/// the container.
public enum Stage: String, CaseIterable, Sendable {
    /// Profile and environment become one validated configuration.
    case configure
    /// Required secrets are there and well-formed, and leave the environment.
    case secrets
    /// The packet filter goes in, default-deny, before anything else runs.
    case lockdown
    /// A file system in memory on every writable path; the home's skeleton.
    case filesystem
    /// The DNS service answers.
    case resolver
    /// git, gh and npm know who the agent is, without a token in a file.
    case identity
    /// Everything else becomes read-only; PID 1 gives up what it no longer needs.
    case harden
    /// As the agent: what must fail is tried, and fails.
    case verify
    /// The repository is cloned, as the agent, inside the cage.
    case workspace
    /// The services of the profile are up, in their order.
    case services
    /// tmux and the agent.
    case session

    var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }
}

/// Codes a container ends with when boot fails (sysexits.h).
public enum ExitCode: CInt, Sendable {
    case usage = 64
    case unavailable = 69
    case software = 70
    case system = 71
    case inputOutput = 74
    case noPermission = 77
    case configuration = 78
}

/// Why boot stopped: lines that say what is wrong, where and what to do, and the code.
public struct BootFailure: Error, Equatable, CustomStringConvertible {
    public let code: CInt
    public let messages: [String]

    init(_ code: ExitCode, _ messages: [String]) {
        (self.code, self.messages) = (code.rawValue, messages)
    }

    init(_ code: ExitCode, _ message: String) { self.init(code, [message]) }

    /// With a code that the profile has chosen.
    init(code: CInt, _ messages: [String]) { (self.code, self.messages) = (code, messages) }

    /// The container was asked to stop before boot was over.
    init(stoppedBy number: CInt) {
        code = 128 + number
        messages = []
    }

    public var description: String { messages.joined(separator: "\n") }
}
