/// How an operator's tmux client attaches. A value, so that tests can read the command line.
public struct AttachPlan: Sendable {
    /// A pane that boot has made.
    public enum Pane: Sendable {
        case agent
        case shell

        public init?(_ name: String) {
            if name == "agent" {
                self = .agent
            } else if name == "shell" {
                self = .shell
            } else {
                return nil
            }
        }

        /// As tmux takes it for a target: boot's are the server's first, whose numbers no other pane
        /// ever has (tmux(1), "COMMANDS", `%`). Their places in the window change when it is split.
        public var target: String {
            switch self {
            case .agent: "%0"
            case .shell: "%1"
            }
        }
    }

    /// tmux's target, `$0`.
    public var session: String
    /// The pane that this operator's keys go to; nil for the one that everybody's do.
    public var pane: Pane?
    /// Whether the operator only watches.
    public var isReadOnly: Bool
    /// The window's size, which is to be kept: for a watcher who is alone.
    public var keptSize: (columns: UInt16, rows: UInt16)?

    public init(
        session: String, pane: Pane? = nil, isReadOnly: Bool = false,
        keptSize: (columns: UInt16, rows: UInt16)? = nil
    ) {
        (self.session, self.pane) = (session, pane)
        (self.isReadOnly, self.keptSize) = (isReadOnly, keptSize)
    }

    /// tmux and its arguments, for a client that never starts a server.
    ///
    /// A window has the size of the client that was used last (`window-size latest`, the default).
    /// tmux leaves a client with `ignore-size` out only while there are others, so for a watcher who
    /// comes alone the window is held at its size (`resize-window`), until somebody comes who types.
    ///
    /// `active-pane` gives a client an active pane of its own: choosing it moves nobody else's keys.
    /// Zooming would change the window for all, so the pane is not.
    ///
    /// - SeeAlso: tmux(1), `attach-session`, `resize-window`, `window-size`
    public var command: [String] {
        var line = "tmux -N "
        if let keptSize { line += Self.resizing(session, keptSize) + " ; " }
        line += "attach-session -t " + session
        if isReadOnly || pane != nil { line += " -f " }
        if isReadOnly { line += "read-only,ignore-size" }
        if pane != nil { line += isReadOnly ? ",active-pane" : "active-pane" }
        // Not before: it would give the window the size of whoever watches.
        if !isReadOnly { line += " ; set-option -wu -t \(session): window-size" }
        if let pane {
            let target = "\(session):.\(pane.target)"
            line += " ; select-window -t \(target) ; select-pane -t \(target)"
        }
        return line.split(separator: " ").map { String($0) }
    }

    /// tmux and its arguments, for a client that gives the window its size back, which is a watcher's
    /// since the last operator who typed has left.
    public static func keeping(_ size: (columns: UInt16, rows: UInt16), of session: String)
        -> [String]
    {
        ("tmux -N " + resizing(session, size)).split(separator: " ").map { String($0) }
    }

    private static func resizing(_ session: String, _ size: (columns: UInt16, rows: UInt16))
        -> String
    {
        "resize-window -t \(session): -x \(size.columns) -y \(size.rows)"
    }
}
