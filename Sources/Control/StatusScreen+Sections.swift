extension StatusScreen {
    func layers(_ detail: Detail) -> [ScreenLine] {
        let on = report.layers.filter { $0.state == .on }
        let off = report.layers.filter { $0.state == .off }
        var summary = "\(on.count) on" + (off.isEmpty ? "" : ", \(off.count) off")
        if !detail.isFull { summary += ": " + on.map(\.name).joined(separator: " ") }
        let shown = detail.isFull ? report.layers : off
        let width = shown.map(\.name.count).max() ?? 0
        return [section("layers", summary)]
            + shown.map { layer in
                var line = ScreenLine("  ")
                line.add(layer.name, column: width)
                switch layer.state {
                case .on: line.add("on ", .green)
                case .off: line.add("off", layer.required ? .red : .yellow)
                }
                line.add("  \(layer.reason)")
                return line
            }
    }

    func services(_ detail: Detail) -> [ScreenLine] {
        let services = report.services
        let ready = services.filter(\.ready)
        let shown = detail.hasParts ? services : services.filter { !$0.ready }
        var lines = [section("services", "\(ready.count) of \(services.count) ready")]
        let width = max(shown.map(\.name.count).max() ?? 0, 8)
        lines += shown.map { service in
            var line = ScreenLine("  ")
            line.add(service.name, column: width)
            line.add(
                service.state, service.ready ? .green : service.required ? .red : .yellow,
                column: 8)
            line.add(
                "pid \(service.pid), \(service.restarts) restarts, \(service.pid > 0 ? "up" : "for") \(Figures.duration(service.seconds))"
            )
            return line
        }
        let itself = report.supervisor
        guard detail.hasParts || itself.traps > 0 || itself.stalls > 0 else { return lines }
        var line = ScreenLine("  ")
        line.add("PID 1", column: width)
        line.add("ready", .green, column: 8)
        line.add(
            "\(itself.traps) traps, \(itself.upgrades) upgrades, \(itself.stalls) stalls")
        lines.append(line)
        for text in [itself.lastTrap.map { "last trap: \($0)" }, itself.lastStall] {
            if let text { lines.append(ScreenLine("  \(text)", .yellow)) }
        }
        return lines
    }

    func credentials(_ detail: Detail) -> [ScreenLine] {
        let credentials = report.credentials
        guard !credentials.hosts.isEmpty || credentials.refused > 0 else { return [] }
        let served = credentials.hosts.reduce(0) { $0 + $1.served }
        let lines = [section("credentials", "\(served) served, \(credentials.refused) refused")]
        guard detail.hasParts else { return lines }
        let width = credentials.hosts.map(\.name.count).max() ?? 0
        return lines
            + credentials.hosts.map { host in
                var line = ScreenLine("  ")
                line.add(host.name, column: width)
                line.add("\(host.served) served")
                return line
            }
    }

    var session: [ScreenLine] {
        guard let session = report.session else { return [section("session", "not started")] }
        var line = section("session")
        switch session.state {
        case .running:
            line.add("running", .green)
            if let seconds = session.seconds { line.add(" for \(Figures.duration(seconds))") }
        case .ended: line.add("ended with code \(session.exitCode ?? 0)", .yellow)
        case .gone: line.add("gone", .red)
        }
        line.add(", \(session.isHeadless ? "headless" : session.name): ")
        line.add(session.command.joined(separator: " "))
        return [line]
    }

    // MARK: Limits

    func limits(_ detail: Detail) -> [ScreenLine] {
        var limits = report.limits
        let isFull = detail.isFull || limits.count <= detail.top + 2
        if !isFull {
            // Memory and processes, and those that are fullest.
            let others = limits.indices.filter { limits[$0].path != nil }
                .sorted { limits[$0].part > limits[$1].part }
            limits = limits.filter { $0.path == nil } + others.prefix(detail.top).map { limits[$0] }
        }
        let names = limits.map { $0.path ?? $0.name }
        let width = names.map(\.count).max() ?? 0
        var lines = [section("limits", report.limits.isEmpty ? "cannot be read here" : "")]
        for (limit, name) in zip(limits, names) {
            var line = ScreenLine("  ")
            line.add(name, column: width)
            let isCount = limit.name == StatusReport.Limit.processes
            func figure(_ count: UInt64) -> String {
                isCount ? "\(count)" : Figures.octets(count)
            }
            if let most = limit.limit {
                add(bar: limit.part, to: &line)
                line.add(figure(limit.used) + " of " + figure(most))
            } else {
                line.add(figure(limit.used) + ", no limit")
            }
            lines.append(line)
        }
        return lines + rest(report.limits.count - limits.count)
    }

    private func add(bar part: Double, to line: inout ScreenLine) {
        let width = isWide ? 20 : 5
        let marks = Figures.marks(part, of: 1, width: width)
        let style: ScreenLine.Style = part < 0.65 ? .green : part < 0.85 ? .yellow : .red
        line.add("[")
        line.add(String(repeating: "#", count: marks), style)
        line.add(String(repeating: ".", count: width - marks), .faint)
        line.add("] ")
    }

    // MARK: Boot

    func boot(_ detail: Detail) -> [ScreenLine] {
        let stages = report.boot.stages
        let total = stages.reduce(0) { $0 + $1.milliseconds }
        let longest = stages.map(\.milliseconds).max() ?? 0
        var lines = [section("boot", Figures.decimal(total) + " ms")]
        if detail.hasParts {
            let width = max(5, min(40, (columns ?? 80) - 27))
            lines += stages.map { stage in
                var line = ScreenLine("  ")
                line.add(stage.name, column: 10)
                let figure = Figures.decimal(stage.milliseconds)
                line.pad(to: 22 - figure.utf8.count)
                line.add(figure + " ms ")
                let marks = Figures.marks(stage.milliseconds, of: longest, width: width)
                line.add(String(repeating: "#", count: marks), .green)
                return line
            }
            if let current = report.boot.current {
                var line = ScreenLine("  ")
                line.add(current, .yellow, column: 10)
                line.add("running")
                lines.append(line)
            }
        } else if let slowest = stages.first(where: { $0.milliseconds == longest }) {
            lines[0].add(", \(slowest.name) \(Figures.decimal(longest)) ms of it")
        }
        return lines + report.boot.warnings.map { ScreenLine("  warning: \($0)", .yellow) }
    }
}

extension StatusReport.Limit {
    /// Of what is allowed, how much is used: from 0 to 1; 0 where there is no limit.
    fileprivate var part: Double {
        guard let limit, limit > 0 else { return 0 }
        return min(1, Double(used) / Double(limit))
    }
}
