import Linux

/// The terminal of the agent's pane, as the runner found it.
///
/// An agent that a signal ends (SIGKILL when memory is short) gives nothing back: its own process
/// group stays in the foreground, keys are not made lines of, and the pane reports the mouse and
/// shows the alternate screen.
final class PaneTerminal {
    /// What ends full-screen programs' modes, and changes nothing where none is on (ctlseqs of xterm):
    /// margins and origin, with the cursor where it was, insertion, lines that do not wrap; the mouse,
    /// the marks around a paste, the alternate screen (not with 1049, which moves the cursor in any
    /// case); a cursor that shows, plain keys and plain letters.
    ///
    /// The cursor goes to the first row when the origin is changed, and bringing its place back brings
    /// the origin back (DECRC): without margins one is as good as the other.
    private static let plain =
        "\u{1b}7\u{1b}[r\u{1b}[?6l\u{1b}8\u{1b}[4l\u{1b}[?7h\u{0f}"
        + "\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1006l\u{1b}[?1004l\u{1b}[?2004l"
        + "\u{1b}[?47l\u{1b}[?25h\u{1b}[?1l\u{1b}>\u{1b}[0m\u{1b}(B"
    /// To the last row, and one further: nothing that is on the screen is written over.
    private static let below = "\u{1b}[?6l\u{1b}[999;1H\r\n"

    /// For how long a terminal may keep a text from being written.
    private static let patience: Milliseconds = 200

    private let descriptor: CInt
    private let settings: TerminalSettings
    /// The same terminal, for writing without waiting: the agent has the other open file as well.
    private let output: OwnedDescriptor

    /// - Returns: nil where `descriptor` is no terminal.
    init?(_ descriptor: CInt) {
        guard let settings = try? TerminalSettings(of: descriptor),
            let output = try? PseudoTerminal.reopen(descriptor)
        else { return nil }
        (self.descriptor, self.settings) = (descriptor, settings)
        self.output = output
    }

    /// Makes it the caller's again, who has SIGTTOU blocked.
    ///
    /// What was typed for the agent is lost: when a terminal begins to make lines again, the kernel
    /// takes what is waiting for one (n_tty), and it would start the agent once more.
    func takeBack(after status: ExitStatus) {
        Foreground.bring(Foreground.ownGroup, to: descriptor)
        TerminalSettings.resumeOutput(of: descriptor)
        try? settings.apply(to: descriptor)
        TerminalSettings.discardInput(of: descriptor)
        var text = Self.plain
        if case .signalled = status { text += Self.below }
        write(Array(text.utf8))
    }

    /// Nobody waits for one that is stopped (Ctrl-S), or that nobody reads.
    func write(_ text: [UInt8]) {
        try? Output.writeBounded(text, to: output.raw, patience: Self.patience)
    }
}
