/// The sessions of the agent's tmux server, as a confined client wrote them down, and the one among
/// them that an operator means.
///
/// The server is the agent's: it says what it likes. Only numbers are taken from it to act on; names
/// are compared and shown. A session is addressed by its id, because the agent renames its session
/// to say what it works on, and tmux never gives an id again (tmux(1), "COMMANDS", `$`).
public struct SessionList {
    public struct Entry {
        /// tmux's number of the session; boot's own is the server's first, 0.
        public let number: UInt32
        public let columns, rows: UInt16
        /// Printable.
        public let name: String

        /// As tmux takes it for a target.
        public var target: String { "$\(number)" }
    }

    /// More sessions than anybody has.
    private static let limit = 64

    /// The session that is meant; nil when there is none.
    public private(set) var chosen: Entry?
    /// What sessions are called, each once, in tmux's order.
    public private(set) var names: [String] = []
    /// The panes of each session, as tmux takes both for a target: `$0 %1`.
    private var panes: Set<String> = []
    /// Those among them that a client is attached beside, and does not see.
    private var panesApart: Set<String> = []
    /// Whether a client is attached that gives a window its size.
    public private(set) var hasTypist = false
    /// Whether one is attached that does not, while there are such.
    public private(set) var hasWatcher = false

    /// What the client is asked.
    public static let question = [
        "tmux", "-N", "list-sessions", "-F",
        "session #{session_id} #{window_width} #{window_height} #{session_name}",
        ";", "list-clients", "-F", "client #{client_flags}",
        ";", "list-panes", "-a", "-F",
        "pane #{session_id} #{pane_id} #{?window_active,0,#{session_attached}}",
    ]

    /// Lines that are not understood are left out.
    ///
    /// - Parameters:
    ///   - name: a session's present name, or `first`; nil for boot's session, whatever its name.
    ///   - first: the name that boot gave its session, which `status` shows.
    public init(parsing output: [UInt8], choosing name: String?, first: String) {
        var boots: Entry?
        for line in output.split(separator: 0x0a) {
            let words = String(decoding: line, as: UTF8.self)
            if words.hasPrefix("client ") {
                let isWatcher = words.split(separator: ",").contains("ignore-size")
                if isWatcher { hasWatcher = true } else { hasTypist = true }
                continue
            }
            if words.hasPrefix("pane $") {
                let fields = words.split(separator: " ")
                guard fields.count == 4 else { continue }
                let pane = "\(fields[1]) \(fields[2])"
                panes.insert(pane)
                if fields[3] != "0" { panesApart.insert(pane) }
                continue
            }
            guard names.count < Self.limit, let entry = Self.entry(line, words) else { continue }
            names.append(entry.name)
            if entry.number < boots?.number ?? .max { boots = entry }
            if entry.name == name { chosen = entry }
        }
        if name == nil || name == first { chosen = chosen ?? boots }
        if let boots, boots.name != first, let place = names.firstIndex(of: boots.name) {
            names[place] = "\(first) (renamed to \(boots.name))"
        }
    }

    /// Whether the session that is meant has `pane`: a tmux that is to choose another session's for a
    /// client with a pane of its own ends, and the agent with it (3.3a).
    public func has(_ pane: AttachPlan.Pane) -> Bool {
        place(of: pane).map { panes.contains($0) } ?? false
    }

    /// Whether somebody is attached to the session that is meant and looks at another window than that
    /// of `pane`: a session has one current window, for all.
    public func isApart(_ pane: AttachPlan.Pane) -> Bool {
        place(of: pane).map { panesApart.contains($0) } ?? false
    }

    private func place(of pane: AttachPlan.Pane) -> String? {
        chosen.map { "\($0.target) \(pane.target)" }
    }

    /// `session $0 220 50 name`, with a size that tmux makes a window of (its `WINDOW_MINIMUM` and
    /// `WINDOW_MAXIMUM`).
    private static func entry(_ line: ArraySlice<UInt8>, _ words: String) -> Entry? {
        let mark = "session $"
        guard words.hasPrefix(mark) else { return nil }
        var rest = line.dropFirst(mark.utf8.count)
        guard let number = Self.number(&rest), let columns = Self.number(&rest),
            1...10_000 ~= columns,
            let rows = Self.number(&rest), 1...10_000 ~= rows
        else { return nil }
        return Entry(
            number: number, columns: UInt16(columns), rows: UInt16(rows),
            name: PrintableLine.text(rest))
    }

    /// Takes digits and the space after them.
    private static func number(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
        var number: UInt32 = 0
        var count = 0
        while let octet = rest.popFirst() {
            if octet == 0x20 { return count > 0 ? number : nil }
            guard 0x30...0x39 ~= octet, count < 9 else { return nil }
            number = number * 10 + UInt32(octet - 0x30)
            count += 1
        }
        return nil
    }
}
