import Policy

extension StatusReport {
    /// The allowlist that would have allowed what was denied: by name where a name gave the
    /// address, sorted.
    public var suggestedRules: [String] {
        var rules: Set<String> = []
        var connected: Set<String> = []
        for refused in egress.refused {
            guard let rule = refused.rule, !ProbeTarget.texts.contains(refused.address) else {
                continue
            }
            rules.insert(rule)
            if let name = refused.name { connected.insert(name) }
        }
        // A name that was asked for and never connected to is taken for https.
        for denied in egress.denied
        where !connected.contains(denied.name) && !ProbeTarget.covers(name: denied.name) {
            if let rule = denied.rule { rules.insert(rule) }
        }
        return rules.sorted()
    }

    /// Whether a line with it is about this name alone. The agent chose it, and a label may hold what
    /// makes a wildcard, an address or an exception of the line.
    fileprivate static func isName(_ name: String) -> Bool {
        (try? DomainName(parsing: name)).map { $0.description == name } ?? false
    }

    /// The line, where an allowlist may have it.
    fileprivate static func checked(_ rule: String) -> String? {
        (try? Allowlist(parsing: [.init(name: "", text: rule)])).map { _ in rule }
    }
}

extension StatusReport.DeniedName {
    /// The line of the allowlist that opens the name, for https; nil where none can.
    public var rule: String? {
        guard exception == nil, StatusReport.isName(name) else { return nil }
        return StatusReport.checked(name + (isPrivate ? " private" : ""))
    }
}

extension StatusReport.RefusedConnection {
    /// The line of the allowlist that opens it: by name, where a name gave the address; nil where
    /// none can.
    public var rule: String? {
        guard port > 0, self.protocol == "tcp" || self.protocol == "udp",
            exception == nil, address != ProbeTarget.dockerResolverText
        else { return nil }
        let ports = ":\(port)\(self.protocol == "udp" ? "/udp" : "")"
        guard let name else {
            return StatusReport.checked((address.contains(":") ? "[\(address)]" : address) + ports)
        }
        guard StatusReport.isName(name) else { return nil }
        // Without the word the answer would be filtered, and the name resolve to nothing.
        let isPrivate = (try? Address(parsing: address))?.isPrivate ?? false
        return StatusReport.checked(
            name + (ports == ":443" ? "" : ports) + (isPrivate ? " private" : ""))
    }
}
