/// Looks for the keys that leave among those that a watcher types and nobody gets. Pure.
struct LeaveKeys {
    /// What leaves: tmux's own `C-b d`, and `C-c`; each also as a terminal sends it whose keys were
    /// extended (xterm's modifyOtherKeys, and CSI u), since the agent's tmux may have asked for that.
    private static let words: [[UInt8]] = [
        "\u{2}d", "\u{1b}[98;5ud", "\u{1b}[27;5;98~d",
        "\u{3}", "\u{1b}[99;5u", "\u{1b}[27;5;99~",
    ].map { Array($0.utf8) }

    private var recent: [UInt8] = []

    /// Whether one of them ends in `octets`, which follow those of the last call.
    mutating func leave(in octets: [UInt8]) -> Bool {
        for octet in octets {
            recent.append(octet)
            if recent.count > 16 { recent.removeFirst() }
            for word in Self.words where recent.suffix(word.count) == word[...] { return true }
        }
        return false
    }
}
