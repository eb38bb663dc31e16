/// A line for a terminal: text in a few colours, whose width is known.
public struct ScreenLine: Equatable, Sendable {
    /// Colours (ECMA-48 §8.3.117, "SGR"): its parameter.
    public enum Style: String, Sendable {
        case plain = ""
        case heading = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case strongRed = "1;31"
        case strongGreen = "1;32"
        case strongYellow = "1;33"
    }

    private struct Piece: Equatable {
        let style: Style
        let text: String
    }

    private var pieces: [Piece] = []
    /// In characters of the terminal.
    public private(set) var width = 0

    public init(_ text: String = "", _ style: Style = .plain) { add(text, style) }

    /// Adds text; what would do something to a terminal is shown as what it is.
    public mutating func add(_ text: String, _ style: Style = .plain) {
        var clean = ""
        for scalar in text.unicodeScalars {
            if scalar.isUnfitForTerminals {
                clean += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
            } else {
                clean.unicodeScalars.append(scalar)
            }
        }
        guard !clean.isEmpty else { return }
        pieces.append(Piece(style: style, text: clean))
        for scalar in clean.unicodeScalars { width += scalar.terminalWidth }
    }

    /// Adds text in a column of its own, and two spaces after it.
    public mutating func add(_ text: String, _ style: Style = .plain, column: Int) {
        let start = width
        add(text, style)
        pad(to: start + column + 2)
    }

    /// Goes on at a column, counted from 0, where it has not come that far.
    public mutating func pad(to column: Int) {
        add(String(repeating: " ", count: max(0, column - width)))
    }

    /// The line as a terminal takes it, without an end of line.
    ///
    /// - Parameter columns: a longer line ends in an ellipsis there; nil for a line that is not cut.
    public func rendered(columns: Int?, colour: Bool) -> String {
        let isCut = columns.map { width > $0 } ?? false
        // One column is the ellipsis's.
        var room = isCut ? max(0, (columns ?? 0) - 1) : width
        var text = ""
        for piece in pieces where room > 0 {
            let shown = Self.prefix(of: piece.text, room: &room)
            let isPainted = colour && piece.style != .plain
            text += isPainted ? "\u{1b}[\(piece.style.rawValue)m\(shown)\u{1b}[0m" : shown
        }
        if isCut { return columns == 0 ? "" : text + "…" }
        // Blanks that only made a column.
        while text.last == " " { text.removeLast() }
        return text
    }

    /// As much of `text` as fits; a character that does not ends the line.
    private static func prefix(of text: String, room: inout Int) -> String {
        var prefix = ""
        for scalar in text.unicodeScalars {
            guard scalar.terminalWidth <= room else {
                room = 0
                break
            }
            room -= scalar.terminalWidth
            prefix.unicodeScalars.append(scalar)
        }
        return prefix
    }
}

extension Unicode.Scalar {
    /// Whether it is invisible, or nobody knows what a terminal makes of it.
    fileprivate var isUnfitForTerminals: Bool {
        if isInvisible { return true }
        switch properties.generalCategory {
        case .privateUse, .unassigned: return true
        default: return false
        }
    }

    /// Columns that a terminal takes for it: none for a mark on the one before, two for what East
    /// Asian writing has square, and for pictures (Unicode Standard Annex 11, "W" and "F").
    fileprivate var terminalWidth: Int {
        guard value >= 0x300 else { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
            0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
            0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f200...0x1f2ff, 0x20000...0x3fffd:
            return 2
        default: return properties.isEmojiPresentation ? 2 : 1
        }
    }
}
