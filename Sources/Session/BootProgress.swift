public import Control
public import Linux

/// The stages of a boot as they pass, for an operator who waits. Pure: the time comes in, text goes
/// out.
public struct BootProgress {
    public enum Style: Equatable, Sendable {
        /// One line for each stage that is over: for a file, a pipe or a dumb terminal.
        case lines
        /// And one that is drawn again and again for the stage that runs.
        case live(colour: Bool)

        /// What suits a terminal that calls itself `terminal` (no-color.org).
        public init(isTerminal: Bool, terminal: String?, noColour: String?) {
            guard isTerminal, let terminal, !terminal.isEmpty, terminal != "dumb" else {
                self = .lines
                return
            }
            self = .live(colour: (noColour ?? "").isEmpty)
        }
    }

    private static let frames = ["|", "/", "-", "\\"]
    /// Back to the start of the line, and nothing on it (ECMA-48, "EL").
    private static let wipe = "\r\u{1b}[K"

    private let style: Style
    /// Stages that were shown.
    private var shown = 0
    private var hasBegun = false
    private var stage: String?
    private var since: Instant
    private var frame = 0
    private var isDrawn = false

    public init(style: Style, at now: Instant) { (self.style, since) = (style, now) }

    /// What PID 1 has reported.
    ///
    /// - Parameters:
    ///   - stages: those that are over.
    ///   - current: the one that runs; nil when boot is over, of which nothing is shown if it was
    ///     before anybody waited.
    public mutating func update(
        stages: [StatusReport.Boot.Stage], current: String?, at now: Instant
    ) -> String {
        guard current != nil || hasBegun else { return "" }
        hasBegun = true
        var text = ""
        for stage in stages.dropFirst(shown) {
            text += isDrawn ? Self.wipe : ""
            isDrawn = false
            let tenths = Int64(max(0, min(stage.milliseconds, 1e9)) * 10 + 0.5)
            text += Self.painted("+", style == .live(colour: true) ? "32" : nil)
            text += Self.row(stage.name, tenths, " ms") + "\n"
        }
        shown = max(shown, stages.count)
        if stage != current { (stage, since) = (current, now) }
        return text + tick(at: now)
    }

    /// Draws the stage that runs again; nothing where lines are all there is.
    public mutating func tick(at now: Instant) -> String {
        guard case .live(let colour) = style, !hasBegun || stage != nil else { return "" }
        let waited = now.since(since)
        // A boot that is over is not waited for.
        guard hasBegun || waited > 150 else { return "" }
        isDrawn = true
        frame = (frame + 1) % Self.frames.count
        let tenths = max(0, waited.nanoseconds / 100_000_000)
        return Self.wipe + Self.painted(Self.frames[frame], colour ? "36" : nil)
            + Self.row(stage ?? "starting", tenths, " s")
    }

    /// Leaves nothing of the spinner behind.
    public mutating func end() -> String {
        defer { isDrawn = false }
        return isDrawn ? Self.wipe : ""
    }

    private static func painted(_ sign: String, _ colour: String?) -> String {
        guard let colour else { return sign }
        return "\u{1b}[" + colour + "m" + sign + "\u{1b}[0m"
    }

    /// A name, and a time that is given in tenths.
    private static func row(_ name: String, _ tenths: Int64, _ unit: String) -> String {
        let time = String(tenths / 10) + "." + String(tenths % 10) + unit
        let gap = max(1, 24 - name.utf8.count - time.utf8.count)
        return " " + name + String(repeating: " ", count: gap) + time
    }
}
