extension StatusScreen {
    /// The width of what a line begins with.
    private static let label = 7

    func addEgress() {
        let (egress, resolver) = (report.egress, report.resolver)
        addSection(
            "egress",
            Figures.count(UInt64(egress.rules), "rule") + ", "
                + Figures.count(UInt64(egress.grants.count), "address") + " open, "
                + Figures.count(egress.refusedPackets, "packet") + " refused")
        var names = row("names", column: Self.label)
        names.add(
            "\(resolver.queries) asked, \(resolver.answered) answered, \(resolver.denied) denied; by \(resolver.upstreams.joined(separator: " "))"
        )
        add(names)
        if egress.refusedGrants > 0 || egress.evictedGrants > 0 {
            var grants = row("grants", .yellow, column: Self.label)
            grants.add(
                "\(egress.refusedGrants) refused, \(egress.evictedGrants) made way for newer ones")
            add(grants)
        }
        addOpen()
        addDenied()
        addRefused()
    }

    // MARK: What is open

    /// The addresses of one name at one port.
    private struct Group {
        /// The first of them among the grants.
        let first: Int
        var count = 1
        /// Until the last of them closes.
        var seconds: UInt64
    }

    /// The names that are open, the latest answered first.
    private func addOpen() {
        let grants = report.egress.grants
        var keys: [UInt64] = []
        for grant in grants { keys.append(Self.key(grant)) }
        var groups: [Group] = []
        for index in Ranking.descending(keys) {
            let grant = grants[index]
            if let last = groups.last, grants[last.first].isAlike(grant) {
                groups[groups.count - 1].count += 1
                groups[groups.count - 1].seconds = max(last.seconds, grant.seconds)
            } else {
                groups.append(Group(first: index, seconds: grant.seconds))
            }
        }
        keys = []
        for group in groups { keys.append(group.seconds) }
        let shown = Ranking.descending(keys).prefix(detail.top)
        var width = 0
        for index in shown { width = max(width, grants[groups[index].first].name.utf8.count) }
        for index in shown {
            let (group, grant) = (groups[index], grants[groups[index].first])
            var line = row("open", .green, column: Self.label)
            line.add(grant.name, column: min(32, width))
            line.add("\(grant.protocol)/\(grant.port)", column: 8)
            if isWide {
                line.add(
                    grant.address + (group.count > 1 ? " and \(group.count - 1) more" : ""),
                    column: 22)
            }
            line.add("\(group.seconds) s left")
            add(line)
        }
        addRest(groups.count - shown.count)
    }

    /// The same for what has the same name and port; seldom for others (FNV-1a).
    private static func key(_ grant: StatusReport.Grant) -> UInt64 {
        var key: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(grant.port)
        for octet in grant.name.utf8 { key = (key ^ UInt64(octet)) &* 0x100_0000_01b3 }
        return key
    }

    // MARK: What was denied

    private func addDenied() {
        let names = report.egress.denied
        var counts: [UInt64] = []
        for name in names { counts.append(name.count) }
        let shown = Ranking.descending(counts).prefix(detail.top)
        for index in shown {
            let name = names[index]
            add(
                "denied", name.count, name.rule, subject: name.name, detail: "",
                exception: name.exception)
        }
        addRest(names.count + report.egress.moreDenied - shown.count)
    }

    private func addRefused() {
        let places = report.egress.refused
        var counts: [UInt64] = []
        for place in places { counts.append(place.count) }
        let shown = Ranking.descending(counts).prefix(detail.top)
        for index in shown {
            let place = places[index]
            let port = place.port > 0 ? "/\(place.port)" : ""
            let subject = "\(place.address) \(place.protocol)\(port)"
            let user = place.user.map { " of uid \($0)" } ?? ""
            add(
                "refused", place.count, place.rule, subject: subject,
                detail: place.name == nil ? user : " for \(subject)\(user)",
                exception: place.exception)
        }
        addRest(places.count + report.egress.moreRefused - shown.count)
    }

    /// What was denied, how often, and the line of the allowlist that opens it, or forbids it.
    private func add(
        _ label: String, _ count: UInt64, _ rule: String?, subject: String, detail: String,
        exception: String?
    ) {
        var line = row(label, .yellow, column: Self.label)
        line.add(
            isWide ? Figures.count(count, "time") : "\(count) ×", column: isWide ? 9 : 4)
        if isWide, rule != nil { line.add("allow with: ", .faint) }
        line.add(rule ?? subject)
        let reason = exception.map { " (\($0) forbids it)" } ?? " (no rule opens it)"
        line.add(rule == nil ? reason : isWide ? detail : "", .faint)
        add(line)
    }
}

extension StatusReport.Grant {
    /// Whether it is of the same name and at the same port.
    fileprivate func isAlike(_ other: Self) -> Bool {
        port == other.port && name == other.name && self.protocol == other.protocol
    }
}
