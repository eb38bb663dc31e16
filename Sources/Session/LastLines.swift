/// What the agent has shown last, read from its pane by a confined client.
public enum LastLines {
    /// As many as are shown.
    private static let count = 10

    /// What the client is asked: the screen, and some lines before it.
    public static let question = [
        "tmux", "-N", "capture-pane", "-p", "-J", "-t", AttachPlan.Pane.agent.target, "-S", "-40",
    ]

    /// The last lines, printable; without those that the agent's runner has added, wherever they
    /// stand, as the caller says that itself, and empty ones at the end.
    public static func lines(of output: [UInt8]) -> [String] {
        var lines: [String] = []
        for line in output.split(separator: 0x0a, omittingEmptySubsequences: false) {
            let text = PrintableLine.text(line)
            if !text.hasPrefix("[codetainer] ") { lines.append(text) }
        }
        while lines.last?.isEmpty ?? false { lines.removeLast() }
        return Array(lines.suffix(count))
    }
}
