extension StatusReport {
    /// The allowlist that would have allowed what was denied: by name where a name gave the
    /// address, sorted.
    public var suggestedRules: [String] {
        var rules: Set<String> = []
        var connected: Set<String> = []
        for refused in egress.refused where refused.port > 0 {
            guard refused.protocol == "tcp" || refused.protocol == "udp" else { continue }
            let isIPv6 = refused.address.contains(":")
            let subject = refused.name ?? (isIPv6 ? "[\(refused.address)]" : refused.address)
            let service = refused.protocol == "tcp" ? "\(refused.port)" : "\(refused.port)/udp"
            rules.insert(
                service == "443" && refused.name != nil ? subject : "\(subject):\(service)")
            if let name = refused.name { connected.insert(name) }
        }
        // A name that was asked for and never connected to is taken for https.
        for denied in egress.denied where !connected.contains(denied.name) {
            rules.insert(denied.name)
        }
        return rules.sorted()
    }
}
