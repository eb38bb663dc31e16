/// What the agent has shown last, read from its pane by a confined client.
public enum LastLines {
    /// As many as are shown, and the lines of history that they are looked for in.
    private static let count = 10
    private static let history = 40

    /// What the client is asked.
    public static func question(session: String) -> [String] {
        [
            "tmux", "-N", "capture-pane", "-p", "-J", "-t", "\(session):0.0", "-S",
            "-\(history)",
        ]
    }

    /// The last lines, printable; without those that the agent's runner has added, as the caller
    /// says that itself, and empty ones at the end.
    public static func lines(of output: [UInt8]) -> [String] {
        var lines = output.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
            var line = line
            while line.last == 0x20 || line.last == 0x0d { line.removeLast() }
            return line
        }
        let runner = Array("[codetainer] ".utf8)
        while let last = lines.last, last.isEmpty || last.starts(with: runner) {
            lines.removeLast()
        }
        return lines.suffix(count).map { PrintableLine.text($0) }
    }
}
