extension StatusScreen {
    /// What is licensed, and how long the server has left to answer.
    func addLease() {
        guard let lease = report.lease else { return }
        var line = section("licence")
        switch lease.state {
        case .asked: line.add("asked for", .yellow)
        case .held: line.add("held", .green)
        case .lost:
            line.add("lost", .red)
            if let grace = lease.grace {
                line.add(": the session ends in " + Figures.duration(grace), .red)
            }
        case .over: line.add("over", .red)
        }
        if let tier = lease.tier, let sessions = lease.sessions {
            line.add(
                ", \(tier): \(sessions) of \(StatusReport.Lease.text(lease.sessionLimit)) sessions, \(StatusReport.Lease.text(lease.requestLimit)) requests a minute"
            )
        }
        add(line)
        guard detail.hasParts || lease.state != .held else { return }
        var server = row("server", column: 8)
        server.add(lease.server)
        if let reason = lease.reason { server.add(": " + reason) }
        if let next = lease.next { server.add(", asked again in " + Figures.duration(next)) }
        add(server)
        guard let expires = lease.expires else { return }
        var end = row("ends", column: 8)
        end.add("in " + Figures.duration(expires))
        add(end)
    }
}
