/// The sessions of the agent's tmux server, as a confined client wrote them down.
///
/// The server is the agent's: it says what it likes. Only numbers are taken from it to act on; names
/// are compared and shown. A session is addressed by its id, because the agent renames its session
/// to say what it works on, and tmux never gives an id again (tmux(1), "COMMANDS", `$`).
public struct SessionList: Equatable, Sendable {
    public struct Entry: Equatable, Sendable {
        /// tmux's number of the session; boot's own is the server's first, 0.
        public let number: UInt32
        public let size: CharacterSize
        /// Printable.
        public let name: String

        /// As tmux takes it for a target.
        public var target: String { "$\(number)" }
    }

    /// Why no session was chosen.
    public enum ChoiceError: Error, Equatable {
        /// The server has none.
        case empty
        /// None has the name; these are there.
        case unknown([String])
    }

    /// More sessions than anybody has.
    private static let limit = 64

    /// In the order of their numbers.
    public let sessions: [Entry]
    /// Whether a client is attached that gives a window its size.
    public let hasTypist: Bool

    /// What the client is asked.
    public static let question = [
        "tmux", "-N", "list-sessions", "-F",
        "session #{session_id} #{window_width} #{window_height} #{session_name}",
        ";", "list-clients", "-F", "client #{client_flags}",
    ]

    /// Lines that are not understood are left out.
    public init(parsing output: [UInt8]) {
        var sessions: [Entry] = []
        var hasTypist = false
        for line in output.split(separator: 0x0a) {
            let fields = line.split(separator: 0x20, maxSplits: 4, omittingEmptySubsequences: false)
            let words = fields.map { String(decoding: $0, as: UTF8.self) }
            if words.count == 2, words[0] == "client" {
                let flags = words[1].split(separator: ",")
                if !flags.contains("ignore-size") { hasTypist = true }
            }
            guard words.count == 5, words[0] == "session", words[1].first == "$",
                let number = UInt32(words[1].dropFirst()), let columns = UInt16(words[2]),
                let rows = UInt16(words[3]), let size = CharacterSize(columns, rows),
                sessions.count < Self.limit
            else { continue }
            sessions.append(
                Entry(number: number, size: size, name: PrintableLine.text(fields[4])))
        }
        sessions.sort { $0.number < $1.number }
        self.sessions = sessions
        self.hasTypist = hasTypist
    }

    /// The session with `name`, or boot's where nil or its first name is given.
    ///
    /// - Parameter first: the name that boot gave its session, which `status` shows.
    public func session(named name: String?, first: String) throws(ChoiceError) -> Entry {
        guard let boots = sessions.first else { throw .empty }
        guard let name else { return boots }
        if let entry = sessions.first(where: { $0.name == name }) { return entry }
        if name == first { return boots }
        throw .unknown(
            sessions.map { entry in
                entry == boots && entry.name != first
                    ? "\(first) (renamed to \(entry.name))" : entry.name
            })
    }
}

/// A window's size in characters, each as tmux takes it.
public struct CharacterSize: Equatable, Sendable {
    public let columns, rows: UInt16

    /// - Returns: nil for what tmux makes no window of (`WINDOW_MINIMUM`, `WINDOW_MAXIMUM`).
    public init?(_ columns: UInt16, _ rows: UInt16) {
        guard 1...10_000 ~= columns, 1...10_000 ~= rows else { return nil }
        (self.columns, self.rows) = (columns, rows)
    }
}
