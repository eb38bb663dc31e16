/// What may be asked over the control socket: one ASCII line a connection.
public enum ControlRequest: Equatable, Sendable {
    /// The report, as JSON.
    case status
    /// The report with everything that is remembered of what was denied.
    case fullStatus
    /// Whether the container works, as `{"healthy":…}`.
    case health
    /// The memory with the latest decisions, as a descriptor beside the reply.
    case decisions
    /// The credential for a host, for git and gh.
    case credential(host: String)
    /// The allowlist files are to be read again.
    case reload
    /// A rule is to be opened, for so many seconds; 0 until the container ends.
    case allow(rule: String, seconds: UInt32)
    /// A name and everything below it are to be closed.
    case deny(name: String)
    /// PID 1 is to go on as the program at an absolute path.
    case upgrade(path: String)
    /// The caller is the agent's runner and stays connected; the agent's number follows.
    case agentStarted
    /// The agent is about to start again: its runner is to be as easily ended as the agent, which
    /// has its score from it, when memory runs out.
    case agentStarting
    /// The agent has ended with this code.
    case agentEnded(code: CInt)

    /// Longest line, in octets, line feed included.
    public static let longestLine = 512

    /// A year, in seconds.
    public static let longestAllowance: UInt32 = 31_536_000

    public struct Malformed: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Reads a line without its line feed.
    public init(parsing line: some Collection<UInt8>) throws(Malformed) {
        guard line.count < Self.longestLine else {
            throw Malformed(description: "the request is longer than 512 octets: make it shorter")
        }
        guard line.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw Malformed(description: "the request is not a line of ASCII")
        }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("status", 1): self = .status
        case ("status", 2) where words[1] == "all": self = .fullStatus
        case ("health", 1): self = .health
        case ("decisions", 1): self = .decisions
        case ("credential", 2): self = .credential(host: words[1])
        case ("reload", 1): self = .reload
        case ("allow", 3), ("allow", 4):
            // Between the two only the word of a rule that opens private addresses.
            guard let seconds = UInt32(words[words.count - 1]), seconds <= Self.longestAllowance,
                words.count == 3 || words[2] == "private"
            else {
                throw Malformed(description: "allow takes a rule and seconds, at most a year")
            }
            self = .allow(
                rule: words[1..<words.count - 1].joined(separator: " "), seconds: seconds)
        case ("deny", 2): self = .deny(name: words[1])
        case ("upgrade", 2):
            guard words[1].hasPrefix("/") else {
                throw Malformed(description: "upgrade takes an absolute path")
            }
            self = .upgrade(path: words[1])
        case ("agent-started", 1): self = .agentStarted
        case ("agent-starting", 1): self = .agentStarting
        case ("agent-ended", 2):
            guard let code = CInt(words[1]), (0...255).contains(code) else {
                throw Malformed(description: "agent-ended takes a code from 0 to 255")
            }
            self = .agentEnded(code: code)
        default: throw Malformed(description: "unknown request")
        }
    }

    /// The line to send, with its line feed.
    public var line: String {
        switch self {
        case .status: "status\n"
        case .fullStatus: "status all\n"
        case .health: "health\n"
        case .decisions: "decisions\n"
        case .credential(let host): "credential \(host)\n"
        case .reload: "reload\n"
        case .allow(let rule, let seconds): "allow \(rule) \(seconds)\n"
        case .deny(let name): "deny \(name)\n"
        case .upgrade(let path): "upgrade \(path)\n"
        case .agentStarted: "agent-started\n"
        case .agentStarting: "agent-starting\n"
        case .agentEnded(let code): "agent-ended \(code)\n"
        }
    }

    /// Whether it may give the resolver's work to another process.
    public var changesPolicy: Bool {
        switch self {
        case .reload, .allow, .deny: true
        default: false
        }
    }

    /// Whether a caller may ask this: root all but what is the agent's own, the agent for the report
    /// and what is its own, nobody else anything.
    public func isPermitted(for user: UInt32, agent: UInt32) -> Bool {
        switch self {
        case .status, .fullStatus: user == 0 || user == agent
        case .decisions, .reload, .allow, .deny, .upgrade: user == 0
        case .health: user == 0 || user == agent
        case .credential: user == agent
        case .agentStarted, .agentStarting, .agentEnded: user == agent
        }
    }
}

/// JSON that is small enough to be written by hand: PID 1 does without an encoder.
public enum ControlReply {
    public static func error(_ message: String) -> String {
        "{\"error\":\(quoted(message))}\n"
    }

    /// The answer to whoever is one too many; `ControlClient` asks again.
    public static let busy = error("busy: ask again in a moment")

    /// - Parameters:
    ///   - ailments: why the container is not healthy; none when it is.
    ///   - remarks: what else makes the verdict.
    ///   - port: the TCP port that whoever asks has to try as well.
    public static func health(
        verdict: String, ailments: [String], remarks: [String] = [], port: UInt16?
    ) -> String {
        let list = (ailments + remarks).map(quoted).joined(separator: ",")
        let port = port.map { ",\"port\":\($0)" } ?? ""
        return
            "{\"healthy\":\(ailments.isEmpty),\"verdict\":\(quoted(verdict)),\"reasons\":[\(list)]\(port)}\n"
    }

    /// The port that a health reply has to be tried, where it names one. Inside of its texts every
    /// quotation mark has a backslash before it, so nothing there looks like the key.
    public static func healthPort(in reply: String) -> UInt16? {
        let key = Array(",\"port\":".utf8)
        let octets = Array(reply.utf8)
        for start in octets.indices where octets[start...].starts(with: key) {
            let digits = octets[(start + key.count)...].prefix { (0x30...0x39).contains($0) }
            return UInt16(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }

    /// An upgrade that is done.
    public static func upgraded(to version: String) -> String {
        "{\"version\":\(quoted(version))}\n"
    }

    public static let accepted = "{}\n"

    /// A change of policy that is in force.
    public static func policy(rules: Int) -> String { "{\"rules\":\(rules)}\n" }

    /// A JSON string (RFC 8259 §7).
    public static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.isInvisible:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
