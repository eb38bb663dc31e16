/// What a terminal shows, and what has to be written to it to show something else.
///
/// Only lines that differ are written, each with its rest erased after it, and all of it in one
/// piece between marks that have a terminal draw it at once: nothing flickers.
public struct ScreenFrame: Equatable, Sendable {
    /// Takes the alternate screen, so that what was there comes back (xterm's `?1049`); hides the
    /// cursor and keeps a line that is too long from wrapping (DEC's `DECTCEM`, `DECAWM`).
    public static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[H\u{1b}[J"
    public static let leave = "\u{1b}[?2026l\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    /// A line as it is written, and whether something may be left behind its end.
    private struct Row: Equatable {
        let text: String
        let isShort: Bool
    }

    private var rows: [Row] = []

    /// An empty screen.
    public init() {}

    /// - Parameters:
    ///   - lines: the last of which stays at the end; where there are more than `rows`, the last says
    ///     how many are not shown.
    public init(_ lines: [ScreenLine], columns: Int, rows: Int, colour: Bool) {
        var shown = lines
        if lines.count > rows, rows > 0 {
            shown = Array(lines.prefix(rows - 1))
            shown.append(
                ScreenLine("… \(lines.count - rows + 1) more: the terminal is too low", .faint))
        }
        self.rows = shown.map { line in
            Row(
                text: line.rendered(columns: columns, colour: colour),
                // Where the cursor stays on a line's last character, erasing would take that.
                isShort: line.width < columns)
        }
    }

    /// What turns `old` into this; empty when nothing does.
    public func update(from old: ScreenFrame) -> String {
        var text = ""
        for (index, row) in rows.enumerated() {
            if index < old.rows.count, old.rows[index] == row { continue }
            text += "\u{1b}[\(index + 1);1H" + row.text + (row.isShort ? "\u{1b}[K" : "")
        }
        if old.rows.count > rows.count { text += "\u{1b}[\(rows.count + 1);1H\u{1b}[J" }
        return text.isEmpty ? "" : "\u{1b}[?2026h" + text + "\u{1b}[?2026l"
    }

    /// What shows this on a screen of which nothing is known.
    public var whole: String {
        "\u{1b}[?2026h\u{1b}[H\u{1b}[J" + update(from: ScreenFrame())
    }
}
