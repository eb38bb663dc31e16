/// How an operator's tmux client attaches. A value, so that tests can read the command line.
public struct AttachPlan: Equatable, Sendable {
    /// A pane that boot has made.
    public enum Pane: String, CaseIterable, Sendable {
        case agent
        case shell

        var number: Int { self == .agent ? 0 : 1 }
    }

    /// tmux's target, `$0`.
    public var session: String
    /// The pane that this operator's keys go to; nil for the one that everybody's do.
    public var pane: Pane?
    /// Whether the operator only watches.
    public var isReadOnly: Bool
    /// The window's size, which is to be kept: for a watcher who is alone.
    public var keptSize: CharacterSize?

    public init(
        session: String, pane: Pane? = nil, isReadOnly: Bool = false,
        keptSize: CharacterSize? = nil
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
        var flags: [String] = []
        if isReadOnly { flags += ["read-only", "ignore-size"] }
        if pane != nil { flags.append("active-pane") }
        var words = ["tmux", "-N"]
        if let keptSize {
            words += [
                "resize-window", "-t", "\(session):", "-x", "\(keptSize.columns)",
                "-y", "\(keptSize.rows)", ";",
            ]
        }
        words.append("attach-session")
        if !flags.isEmpty { words += ["-f", flags.joined(separator: ",")] }
        words += ["-t", session]
        // Not before: it would give the window the size of whoever watches.
        if !isReadOnly { words += [";", "set-option", "-wu", "-t", "\(session):", "window-size"] }
        if let pane {
            words += [
                ";", "select-window", "-t", "\(session):0",
                ";", "select-pane", "-t", "\(session):0.\(pane.number)",
            ]
        }
        return words
    }
}
