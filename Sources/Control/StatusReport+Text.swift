extension StatusReport {
    /// The report for a person: one screen, aligned; coloured where `colour` is set.
    ///
    /// Texts that came from the network were made printable when the report was written.
    public func text(colour: Bool) -> String {
        let paint = Paint(isOn: colour)
        var lines: [String] = []
        let summary = reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")
        lines.append(
            paint.strong(verdict == .locked ? .green : .red, verdict.rawValue)
                + "\(summary)  \(boot.profile), codetainer \(version)")

        lines += ["", paint.heading("boot")]
        let total = boot.stages.reduce(0) { $0 + $1.milliseconds }
        lines += boot.stages.map { stage in
            "  \(Self.padded(stage.name, 12))\(Self.right(Self.decimal(stage.milliseconds), 10)) ms"
        }
        lines.append("  \(Self.padded("total", 12))\(Self.right(Self.decimal(total), 10)) ms")
        lines += boot.warnings.map { "  " + paint.plain(.yellow, "warning: \($0)") }

        lines += ["", paint.heading("layers")]
        let width = (layers.map(\.name.count).max() ?? 0) + 2
        lines += layers.map { layer in
            let state =
                layer.state == .on
                ? paint.plain(.green, "on ")
                : paint.plain(layer.required ? .red : .yellow, "off")
            return "  \(Self.padded(layer.name, width))\(state)  \(layer.reason)"
        }

        lines += ["", paint.heading("supervisor")]
        lines.append(
            "  \(supervisor.traps) traps, \(supervisor.upgrades) upgrades, \(supervisor.stalls) stalls"
        )
        lines += [supervisor.lastTrap.map { "last trap: \($0)" }, supervisor.lastStall]
            .compactMap { $0 }.map { "  " + paint.plain(.yellow, $0) }

        lines += ["", paint.heading("resolver")]
        lines.append(
            "  pid \(resolver.pid), \(resolver.restarts) restarts, \(resolver.answered) answered, \(resolver.denied) denied, upstream \(resolver.upstreams.joined(separator: " "))"
        )

        if !services.isEmpty {
            lines += ["", paint.heading("services")]
            let width = (services.map(\.name.count).max() ?? 0) + 2
            lines += services.map { service in
                let state = Self.padded(service.state, 10)
                let colour: Paint.Colour =
                    service.ready ? .green : service.required ? .red : .yellow
                return
                    "  \(Self.padded(service.name, width))\(paint.plain(colour, state))pid \(service.pid), \(service.restarts) restarts, \(service.pid > 0 ? "up" : "for") \(service.seconds) s"
            }
        }

        lines += ["", paint.heading("egress")]
        lines.append("  \(egress.rules) rules, \(egress.refusedPackets) packets refused")
        lines += egress.grants.map { grant in
            "  \(Self.padded(grant.name, 34)) \(grant.address) \(grant.protocol)/\(grant.port), \(grant.seconds) s left"
        }
        lines += egress.denied.map { denied in
            "  " + paint.plain(.yellow, "denied ")
                + " \(Self.padded(denied.name, 26)) \(denied.count) times; allow with: \(denied.name)"
        }
        lines += egress.refused.map { refused in
            "  " + paint.plain(.yellow, "refused")
                + " \(Self.padded("\(refused.address) \(refused.protocol)/\(refused.port)", 26)) \(refused.count) times"
        }

        lines += ["", paint.heading("credentials")]
        lines += credentials.hosts.map { "  \(Self.padded($0.name, 34)) \($0.served) served" }
        lines.append("  \(credentials.refused) refused")

        lines += ["", paint.heading("session")]
        if let session {
            let ended = session.exitCode.map { " with code \($0)" } ?? ""
            lines.append(
                "  \(session.isHeadless ? "headless" : session.name): \(session.command.joined(separator: " ")): \(session.state.rawValue)\(ended)"
            )
        } else {
            lines.append("  not started")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Two digits after the point.
    private static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}

/// Colours of a terminal (ECMA-48, "SGR").
private struct Paint {
    enum Colour: Int {
        case red = 31
        case green = 32
        case yellow = 33
    }

    let isOn: Bool

    func plain(_ colour: Colour, _ text: String) -> String { sgr("\(colour.rawValue)", text) }
    func strong(_ colour: Colour, _ text: String) -> String { sgr("1;\(colour.rawValue)", text) }
    func heading(_ text: String) -> String { sgr("1", text) }

    private func sgr(_ code: String, _ text: String) -> String {
        isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
