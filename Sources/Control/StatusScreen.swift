/// The report for a person: one screen, the verdict first, then what there is most to know about.
///
/// Where the terminal is low it says less: no empty lines, layers that are on in one line, then the
/// stages of boot, then all but the worst of everything. In a pipe it says all, and no line is cut.
public final class StatusScreen {
    let report: StatusReport
    /// Of the terminal; nil in a pipe.
    let columns: Int?
    private let rows: Int?
    /// Seconds since 1970.
    private let now: Int64
    var detail = Detail.all[0]
    private var written: [ScreenLine] = []

    /// - Parameters:
    ///   - rows: how many lines there should be at most; nil for any number.
    ///   - now: seconds since 1970.
    public init(_ report: StatusReport, columns: Int?, rows: Int?, now: Int64) {
        (self.report, self.columns, self.rows, self.now) = (report, columns, rows, now)
    }

    /// How much is said.
    struct Detail {
        /// Entries of a list.
        let top: Int
        /// Whether sections are apart.
        let isAiry: Bool
        /// Whether every layer and every tmpfs has a line.
        let isFull: Bool
        /// Whether stages, services and hosts have a line each.
        let hasParts: Bool

        static let all = [
            Detail(top: 5, isAiry: true, isFull: true, hasParts: true),
            Detail(top: 5, isAiry: false, isFull: true, hasParts: true),
            Detail(top: 3, isAiry: false, isFull: false, hasParts: true),
            Detail(top: 2, isAiry: false, isFull: false, hasParts: false),
        ]
    }

    /// Whether there is room beside what matters.
    var isWide: Bool { columns ?? .max >= 70 }

    /// The most detailed that fits, or else the least detailed.
    public var lines: [ScreenLine] {
        for detail in Detail.all {
            self.detail = detail
            written = []
            addHeading()
            addLayers()
            addEgress()
            addServices()
            addLease()
            addCredentials()
            addSession()
            addLimits()
            addBoot()
            if written.count <= rows ?? .max { break }
        }
        return written
    }

    /// Text for standard output.
    public func text(colour: Bool) -> String {
        var text = ""
        for line in lines { text += line.rendered(columns: columns, colour: colour) + "\n" }
        return text
    }

    private func addHeading() {
        let verdict = report.verdict.rawValue
        let style: ScreenLine.Style =
            switch report.verdict {
            case .locked: .strongGreen
            case .degraded: .strongRed
            case .booting: .strongYellow
            }
        var line = ScreenLine(verdict, style)
        for (index, reason) in report.reasons.enumerated() {
            if index == 0 {
                line.add(": ")
            } else if columns == nil {
                line.add("; ")
            } else {
                add(line)
                line = ScreenLine()
                line.pad(to: verdict.utf8.count + 2)
            }
            line.add(reason)
        }
        add(line)
        add(
            ScreenLine(
                "\(report.boot.profile), up \(Figures.duration(now - report.boot.started)), codetainer \(report.version)",
                .faint))
    }

    // MARK: Lines

    func add(_ line: ScreenLine) { written.append(line) }

    /// A section's first line, which ends with a summary.
    func addSection(_ name: String, _ summary: String) { add(section(name, summary)) }

    func section(_ name: String, _ summary: String = "") -> ScreenLine {
        if detail.isAiry { add(ScreenLine()) }
        var line = ScreenLine(name, .heading)
        line.pad(to: max(10, line.width + 2))
        line.add(summary)
        return line
    }

    /// A line of a section that begins with a word in a column of its own.
    func row(_ label: String, _ style: ScreenLine.Style = .plain, column: Int) -> ScreenLine {
        var line = ScreenLine("  ")
        line.add(label, style, column: column)
        return line
    }

    func addRest(_ count: Int) {
        if count > 0 { add(ScreenLine("  … and \(count) more", .faint)) }
    }
}
