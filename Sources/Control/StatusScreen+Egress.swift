extension StatusScreen {
    /// Where the second column begins.
    private static let label = 9

    func egress(_ detail: Detail) -> [ScreenLine] {
        let egress = report.egress
        let open = groups
        var lines = [
            section(
                "egress",
                "\(Figures.count(UInt64(egress.rules), "rule")), \(Figures.count(UInt64(egress.grants.count), "address")) open, \(Figures.count(egress.refusedPackets, "packet")) refused"
            )
        ]
        let resolver = report.resolver
        lines.append(
            labelled(
                "names",
                "\(resolver.queries) asked, \(resolver.answered) answered, \(resolver.denied) denied; by \(resolver.upstreams.joined(separator: " "))"
            ))
        if egress.refusedGrants > 0 || egress.evictedGrants > 0 {
            lines.append(
                labelled(
                    "grants",
                    "\(egress.refusedGrants) refused, \(egress.evictedGrants) made way for newer ones",
                    .yellow))
        }
        let names = min(32, open.prefix(detail.top).map(\.name.count).max() ?? 0)
        lines += open.prefix(detail.top).map { line(of: $0, names: names) }
        lines += rest(open.count - detail.top)
        lines += denied(detail.top) + refused(detail.top)
        return lines
    }

    private func labelled(
        _ label: String, _ text: String, _ style: ScreenLine.Style = .plain
    ) -> ScreenLine {
        var line = ScreenLine("  ")
        line.add(label, style, column: Self.label - 2)
        line.add(text)
        return line
    }

    // MARK: What is open

    /// The addresses of one name at one port.
    private struct Group {
        let name: String
        let service: String
        let address: String
        var count = 1
        /// Until the last of them closes.
        var seconds: UInt64
    }

    /// The names that are open, the latest answered first.
    private var groups: [Group] {
        let grants = report.egress.grants
        var groups: [Group] = []
        for index in grants.indices.sorted(by: { grants[$0].name < grants[$1].name }) {
            let grant = grants[index]
            let service = "\(grant.protocol)/\(grant.port)"
            if let last = groups.last, last.name == grant.name, last.service == service {
                groups[groups.count - 1].count += 1
                groups[groups.count - 1].seconds = max(last.seconds, grant.seconds)
            } else {
                groups.append(
                    Group(
                        name: grant.name, service: service, address: grant.address,
                        seconds: grant.seconds))
            }
        }
        let order = groups.indices.sorted { groups[$0].seconds > groups[$1].seconds }
        return order.map { groups[$0] }
    }

    private func line(of group: Group, names: Int) -> ScreenLine {
        var line = ScreenLine("  ")
        line.add("open", .green, column: Self.label - 2)
        line.add(group.name, column: names)
        line.add(group.service, column: 8)
        if isWide {
            line.add(
                group.address + (group.count > 1 ? " and \(group.count - 1) more" : ""),
                column: 22)
        }
        line.add("\(group.seconds) s left")
        return line
    }

    // MARK: What was denied

    private func denied(_ top: Int) -> [ScreenLine] {
        let names = report.egress.denied
        let order = names.indices.sorted { names[$0].count > names[$1].count }
        let lines = order.prefix(top).map {
            line(
                "denied", names[$0].count, names[$0].rule, subject: names[$0].name, detail: "")
        }
        return lines + rest(names.count + report.egress.moreDenied - lines.count)
    }

    private func refused(_ top: Int) -> [ScreenLine] {
        let places = report.egress.refused
        let order = places.indices.sorted { places[$0].count > places[$1].count }
        let lines = order.prefix(top).map { index in
            let place = places[index]
            let subject =
                place.address + " " + place.protocol + (place.port > 0 ? "/\(place.port)" : "")
            let user = place.user.map { " of uid \($0)" } ?? ""
            return line(
                "refused", place.count, place.rule, subject: subject,
                detail: place.name == nil ? user : " for \(subject)\(user)")
        }
        return lines + rest(places.count + report.egress.moreRefused - lines.count)
    }

    /// What was denied, how often, and the line of the allowlist that opens it.
    private func line(
        _ label: String, _ count: UInt64, _ rule: String?, subject: String, detail: String
    ) -> ScreenLine {
        var line = ScreenLine("  ")
        line.add(label, .yellow, column: Self.label - 2)
        let times = isWide ? Figures.count(count, "time") : "\(count) ×"
        line.add(times, column: isWide ? 9 : 4)
        if let rule {
            if isWide { line.add("allow with: ", .faint) }
            line.add(rule)
            line.add(isWide ? detail : "", .faint)
        } else {
            line.add(subject)
            line.add(" (no rule opens it)", .faint)
        }
        return line
    }
}
