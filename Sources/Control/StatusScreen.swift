/// The report for a person: one screen, the verdict first, then what there is most to know about.
///
/// Where the terminal is low it says less: layers that are on in one line, then the stages of boot,
/// then all but the worst of everything. In a pipe it says all, and no line is cut.
public struct StatusScreen: Sendable {
    let report: StatusReport
    /// Of the terminal; nil in a pipe.
    let columns: Int?
    private let rows: Int?
    /// Seconds since 1970.
    let now: Int64

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
        /// Whether every layer and stage has a line, and sections are apart.
        let isFull: Bool
        /// Whether stages, services and hosts have a line each.
        let hasParts: Bool

        static let all = [
            Detail(top: 5, isFull: true, hasParts: true),
            Detail(top: 3, isFull: false, hasParts: true),
            Detail(top: 2, isFull: false, hasParts: false),
        ]
    }

    /// Whether there is room beside what matters.
    var isWide: Bool { columns.map { $0 >= 70 } ?? true }

    /// The most detailed that fits, or else the least detailed.
    public var lines: [ScreenLine] {
        for detail in Detail.all.dropLast() {
            let lines = lines(detail)
            if lines.count <= rows ?? .max { return lines }
        }
        return lines(Detail.all[Detail.all.count - 1])
    }

    func lines(_ detail: Detail) -> [ScreenLine] {
        var lines = heading
        for section in [
            layers(detail), egress(detail), services(detail), credentials(detail),
            session, limits(detail), boot(detail),
        ] where !section.isEmpty {
            if detail.isFull { lines.append(ScreenLine()) }
            lines += section
        }
        return lines
    }

    /// Text for standard output.
    public func text(colour: Bool) -> String {
        var text = ""
        for line in lines { text += line.rendered(columns: columns, colour: colour) + "\n" }
        return text
    }

    private var heading: [ScreenLine] {
        let style: ScreenLine.Style =
            switch report.verdict {
            case .locked: .strongGreen
            case .degraded: .strongRed
            case .booting: .strongYellow
            }
        var lines = [ScreenLine(report.verdict.rawValue, style)]
        if columns == nil {
            let reasons = report.reasons.joined(separator: "; ")
            lines[0].add(reasons.isEmpty ? "" : ": \(reasons)")
        } else {
            for (index, reason) in report.reasons.enumerated() {
                if index > 0 { lines.append(ScreenLine()) }
                lines[index].add(index == 0 ? ": " : "")
                lines[index].pad(to: report.verdict.rawValue.utf8.count + 2)
                lines[index].add(reason)
            }
        }
        let age = Figures.duration(now - report.boot.started)
        lines.append(
            ScreenLine(
                "\(report.boot.profile), up \(age), codetainer \(report.version)", .faint))
        return lines
    }

    /// A section's first line, where its summary begins.
    func section(_ name: String, _ summary: String = "") -> ScreenLine {
        var line = ScreenLine(name, .heading)
        line.pad(to: max(10, line.width + 2))
        line.add(summary)
        return line
    }

    func rest(_ count: Int) -> [ScreenLine] {
        count > 0 ? [ScreenLine("  … and \(count) more", .faint)] : []
    }
}
