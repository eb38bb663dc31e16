import Policy

/// The licence server is open to the service that asks it, and to nobody else unless the policy says so.
extension EgressPlan {
    /// Most addresses of the server's name at a time, of one family.
    static let leaseLimit: UInt32 = 256

    /// What the service sends besides DNS, which is judged before. Not even the loopback is its own:
    /// the agent may listen there.
    var leaseGuard: [Rule] {
        guard let lease else { return [] }
        return [
            Rule(
                [.owner(lease.user)], [], .go(to: "lease"), "the lease service asks its server only"
            )
        ]
    }

    var leaseChains: [Chain] {
        guard let lease else { return [] }
        var rules: [Rule] = []
        if let server = lease.server, let port = PortRange(server.port) {
            rules.append(
                Rule(
                    [.destination(server.address), .destinationPort(server.transport, port)], [],
                    .accept, "the licence server"))
        }
        rules += Family.allCases.map { family in
            Rule(
                [.goesTo(set: Self.name("leased", family), family)], [], .accept,
                "resolved from the licence server's name")
        }
        rules.append(Rule([], [], .go(to: "refuse"), "not the licence server"))
        return [Chain("lease", nil, rules)]
    }
}
