/// A line for a terminal: text in a few colours, whose width is known.
public struct ScreenLine: Sendable {
    /// Colours (ECMA-48 §8.3.117, "SGR").
    public enum Style: UInt8, Sendable {
        case plain = 1
        case heading, faint, red, green, yellow, strongRed, strongGreen, strongYellow

        fileprivate var parameter: String {
            switch self {
            case .plain: "0"
            case .heading: "1"
            case .faint: "2"
            case .red: "31"
            case .green: "32"
            case .yellow: "33"
            case .strongRed: "1;31"
            case .strongGreen: "1;32"
            case .strongYellow: "1;33"
            }
        }
    }

    /// The text, where a control character with a style's number stands before what has it: no
    /// other is let in.
    private var text = String.UnicodeScalarView()
    private var style = Style.plain
    /// In characters of the terminal.
    public private(set) var width = 0

    public init(_ text: String = "", _ style: Style = .plain) { add(text, style) }

    /// Adds text; what would do something to a terminal is shown as what it is.
    public mutating func add(_ added: String, _ style: Style = .plain) {
        if style != self.style {
            text.append(Unicode.Scalar(style.rawValue))
            self.style = style
        }
        for scalar in added.unicodeScalars {
            if scalar.isUnfitForTerminals {
                add("\\u{\(String(scalar.value, radix: 16, uppercase: true))}", style)
            } else {
                text.append(scalar)
                width += scalar.terminalWidth
            }
        }
    }

    /// Adds text in a column of its own, and two spaces after it.
    public mutating func add(_ text: String, _ style: Style = .plain, column: Int) {
        let start = width
        add(text, style)
        pad(to: start + column + 2)
    }

    /// Goes on at a column, counted from 0, where it has not come that far.
    public mutating func pad(to column: Int) {
        while width < column { add(" ") }
    }

    /// The line as a terminal takes it, without an end of line.
    ///
    /// - Parameter columns: a longer line ends in an ellipsis there; nil for a line that is not cut.
    public func rendered(columns: Int?, colour: Bool) -> String {
        let columns = columns ?? width
        guard columns > 0 else { return "" }
        let isCut = width > columns
        // One column is the ellipsis's.
        var room = isCut ? columns - 1 : width
        var rendered = ""
        var (wanted, shown) = (Style.plain, Style.plain)
        func paint(_ style: Style) {
            guard colour, style != shown else { return }
            if shown != .plain { rendered += "\u{1b}[0m" }
            if style != .plain { rendered += "\u{1b}[\(style.parameter)m" }
            shown = style
        }
        for scalar in text {
            if let style = scalar.value < 0x20 ? Style(rawValue: UInt8(scalar.value)) : nil {
                wanted = style
                continue
            }
            room -= scalar.terminalWidth
            if room < 0 { break }
            paint(wanted)
            rendered.unicodeScalars.append(scalar)
        }
        paint(.plain)
        if isCut { return rendered + "…" }
        // Blanks that only made a column.
        while rendered.utf8.last == 0x20 { rendered.unicodeScalars.removeLast() }
        return rendered
    }
}

extension Unicode.Scalar {
    /// Whether it is invisible, or nobody knows what a terminal makes of it.
    fileprivate var isUnfitForTerminals: Bool {
        if isASCII { return value < 0x20 || value == 0x7f }
        switch properties.generalCategory {
        case .privateUse, .unassigned: return true
        default: return isInvisible
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
