extension StatusScreen {
    func addLayers() {
        var (on, off, width) = ("", 0, 0)
        for layer in report.layers {
            if layer.state == .on { on += " " + layer.name } else { off += 1 }
            width = max(width, layer.name.utf8.count)
        }
        var summary = "\(report.layers.count - off) on"
        if off > 0 { summary += ", \(off) off" }
        if !detail.isFull, !on.isEmpty { summary += ":" + on }
        addSection("layers", summary)
        for layer in report.layers where detail.isFull || layer.state == .off {
            var line = row(layer.name, column: width)
            switch layer.state {
            case .on: line.add("on ", .green)
            case .off: line.add("off", layer.required ? .red : .yellow)
            }
            line.add("  ")
            line.add(layer.reason)
            add(line)
        }
    }

    func addServices() {
        var (ready, width) = (0, 8)
        for service in report.services {
            if service.ready { ready += 1 }
            width = max(width, service.name.utf8.count)
        }
        addSection("services", "\(ready) of \(report.services.count) ready")
        for service in report.services where detail.hasParts || !service.ready {
            var line = row(service.name, column: width)
            line.add(
                service.state, service.ready ? .green : service.required ? .red : .yellow,
                column: 8)
            line.add(
                "pid \(service.pid), \(service.restarts) restarts, \(service.pid > 0 ? "up" : "for") \(Figures.duration(service.seconds))"
            )
            add(line)
        }
        let itself = report.supervisor
        guard detail.hasParts || itself.traps > 0 || itself.stalls > 0 else { return }
        var line = row("PID 1", column: width)
        line.add("ready", .green, column: 8)
        line.add(
            "\(itself.traps) traps, \(itself.upgrades) upgrades, \(itself.stalls) stalls")
        add(line)
        if let trap = itself.lastTrap { addWarning("last trap: ", trap) }
        if let stall = itself.lastStall { addWarning("", stall) }
    }

    private func addWarning(_ kind: String, _ text: String) {
        add(ScreenLine("  " + kind + text, .yellow))
    }

    func addCredentials() {
        let credentials = report.credentials
        guard !credentials.hosts.isEmpty || credentials.refused > 0 else { return }
        var (served, width): (UInt64, Int) = (0, 0)
        for host in credentials.hosts {
            served &+= host.served
            width = max(width, host.name.utf8.count)
        }
        addSection("credentials", "\(served) served, \(credentials.refused) refused")
        guard detail.hasParts else { return }
        for host in credentials.hosts {
            var line = row(host.name, column: width)
            line.add("\(host.served) served")
            add(line)
        }
    }

    func addSession() {
        guard let session = report.session else { return addSection("session", "not started") }
        var line = section("session")
        switch session.state {
        case .running:
            line.add("running", .green)
            if let seconds = session.seconds { line.add(" for " + Figures.duration(seconds)) }
        case .ended: line.add("ended with code \(session.exitCode ?? 0)", .yellow)
        case .gone: line.add("gone", .red)
        }
        line.add(", " + (session.isHeadless ? "headless" : session.name) + ": ")
        line.add(session.command.joined(separator: " "))
        add(line)
    }

    // MARK: Limits

    /// Memory, processors and processes first; where there is no room for every tmpfs, the fullest.
    func addLimits() {
        let limits = report.limits
        addSection("limits", limits.isEmpty ? "cannot be read here" : "")
        var shown = Array(limits.indices)
        if !detail.isFull {
            var keys: [UInt64] = []
            for limit in limits { keys.append(limit.path == nil ? .max : limit.permille) }
            let always = limits.count { $0.path == nil }
            shown = Array(Ranking.descending(keys).prefix(detail.top + always))
        }
        var width = 0
        for index in shown { width = max(width, limits[index].title.utf8.count) }
        for index in shown {
            let limit = limits[index]
            var line = row(limit.title, column: width)
            if let most = limit.limit {
                add(bar: limit.permille, to: &line)
                line.add(limit.figure(limit.used) + " of " + limit.figure(most))
            } else {
                line.add(limit.figure(limit.used) + ", no limit")
            }
            add(line)
        }
        addRest(limits.count - shown.count)
    }

    private func add(bar permille: UInt64, to line: inout ScreenLine) {
        let width = isWide ? 20 : 5
        let marks = Figures.marks(permille, of: 1000, width: width)
        line.add("[")
        line.add(
            String(repeating: "#", count: marks),
            permille < 650 ? .green : permille < 850 ? .yellow : .red)
        line.add(String(repeating: ".", count: width - marks), .faint)
        line.add("] ")
    }

    // MARK: Boot

    func addBoot() {
        var (total, longest, slowest) = (0.0, 0.0, "")
        for stage in report.boot.stages {
            total += stage.milliseconds
            if stage.milliseconds > longest {
                (longest, slowest) = (stage.milliseconds, stage.name)
            }
        }
        var summary = Figures.decimal(total) + " ms"
        if !detail.hasParts, longest > 0 {
            summary += ", \(slowest) \(Figures.decimal(longest)) ms of it"
        }
        addSection("boot", summary)
        if detail.hasParts {
            let width = max(5, min(40, (columns ?? 80) - 27))
            for stage in report.boot.stages {
                var line = row(stage.name, column: 10)
                let figure = Figures.decimal(stage.milliseconds)
                line.pad(to: 22 - figure.utf8.count)
                line.add(figure + " ms ")
                // Microseconds, so that they are whole numbers.
                let marks = Figures.marks(
                    UInt64(stage.milliseconds * 1000), of: UInt64(longest * 1000), width: width)
                line.add(String(repeating: "#", count: marks), .green)
                add(line)
            }
            if let current = report.boot.current {
                var line = row(current, .yellow, column: 10)
                line.add("running")
                add(line)
            }
        }
        for warning in report.boot.warnings { addWarning("warning: ", warning) }
    }
}

extension StatusReport.Limit {
    fileprivate var title: String { path ?? name }

    /// Of what is allowed, how much is used; 0 where there is no limit.
    fileprivate var permille: UInt64 {
        guard let limit, limit > 0 else { return 0 }
        return used >= limit ? 1000 : UInt64(Double(used) / Double(limit) * 1000)
    }

    fileprivate func figure(_ count: UInt64) -> String {
        switch name {
        case Self.processes: "\(count)"
        case Self.processors: Figures.decimal(Double(count) / 1000) + " CPU"
        default: Figures.octets(count)
        }
    }
}
