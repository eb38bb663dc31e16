import Control
import Linux
import SystemPackage

/// Rows 1, 3, 6, 12 and 13: DNS.
extension Catalogue {
    /// What the responder alone says: NXDOMAIN for a name outside the allowlist, with its reason
    /// (RFC 8914, "Blocked"), or that a question is malformed. Another server's answer lacks that.
    private static let responders: [Answer: Stop] = [
        .said("blocked"): .resolver, .said("FORMERR"): .resolver,
    ].merging(nowhere) { first, _ in first }

    /// Where the container has no network, or none of this family.
    static let nowhere: [Answer: Stop] = [
        .refused(.networkUnreachable): .noRoute, .refused(.addressNotAvailable): .noRoute,
        .refused(.addressFamilyNotSupported): .noRoute,
    ]

    private static let responder = Endpoint(.v4(0x7f00_0035), port: 53)
    private static let localhost = Trial("localhost is answered") { _ in
        [Transport.datagrams, .stream].map { transport in
            Trial.observe("localhost over \(transport.rawValue)") { () throws(SystemCallError) in
                try NameQuestion(labels: ["localhost"]).ask(responder, over: transport)
            }
        }
    }

    /// 8.8.8.8 and 2001:4860:4860::8888, which answer everybody, and TEST-NET-2, where nobody does.
    private static let foreignServers: [(name: String, endpoint: Endpoint)] = [
        ("8.8.8.8", Endpoint(.v4(0x0808_0808), port: 53)),
        ("198.51.100.1", Endpoint(.v4(ProbeTarget.address), port: 53)),
        (
            "2001:4860:4860::8888",
            Endpoint(.v6(0x2001_4860_4860_0000, 0x8888, scope: 0), port: 53)
        ),
        ("127.0.0.11", Endpoint(.v4(0x7f00_000b), port: 53)),
    ]

    private static let denied = ProbeTarget.name.split(separator: ".").map(String.init)

    static let names: [Attack] = [
        Attack(
            "ask another name server", rows: [1, 6], subject: .egress, stops: responders,
            control: localhost,
            attempts: Trial("8.8.8.8, its IPv6, Docker's, TEST-NET: UDP and TCP") { _ in
                let ways = foreignServers.flatMap { [($0, Transport.datagrams), ($0, .stream)] }
                return Trial.each(ways) { server, transport in
                    Trial.observe("\(server.name) over \(transport.rawValue)") {
                        () throws(SystemCallError) in
                        try NameQuestion(labels: denied).ask(server.endpoint, over: transport)
                    }
                }
            }),
        Attack(
            "Docker's resolver by its real port", rows: [6], subject: .egress,
            stops: [
                .refused(.notPermitted): .packetFilter, .refused(.connectionRefused): .packetFilter,
                .said("no Docker resolver"): .absent,
            ], control: localhost,
            attempts: Trial("127.0.0.11, every port that listens") { _ throws(SystemCallError) in
                try DockerResolver.listeners().map { listener in
                    guard let listener else {
                        return Observation("127.0.0.11", .said("no Docker resolver"))
                    }
                    return Trial.observe("127.0.0.11:\(listener.endpoint.port)") {
                        () throws(SystemCallError) in
                        try NameQuestion(labels: ["localhost"]).ask(
                            listener.endpoint, over: listener.transport)
                    }
                }
            }),
        Attack(
            "data in a name outside the allowlist", rows: [3], subject: .egress, stops: responders,
            control: localhost,
            attempts: Trial("labels below \(ProbeTarget.name)") { _ in
                let data = "73656372657420646174612066726f6d20696e73696465"
                return [
                    Trial.observe("data.\(ProbeTarget.name)") { () throws(SystemCallError) in
                        try NameQuestion(labels: [data] + denied).ask(responder, over: .datagrams)
                    }
                ]
            }),
        Attack(
            "odd names", rows: [12], subject: .egress, stops: responders,
            control: Trial("localhost in capitals") { _ in
                [
                    Trial.observe("LocalHost") { () throws(SystemCallError) in
                        try NameQuestion(labels: ["LocalHost"]).ask(responder, over: .datagrams)
                    }
                ]
            },
            attempts: Trial("NUL and dots inside labels, mixed case") { _ in
                [
                    ("NUL", ["localhost\0x"] + denied), ("a dot", ["localhost.x"] + denied),
                    ("mixed case", ["DeNiEd", "iNvAlId"]),
                ].map { name, labels in
                    Trial.observe(name) { () throws(SystemCallError) in
                        try NameQuestion(labels: labels).ask(responder, over: .datagrams)
                    }
                }
            }),
        Attack(
            "take the responder's port", rows: [13],
            stops: [
                .refused(.addressInUse): .boundFirst, .refused(.permissionDenied): .noCapability,
            ],
            control: Trial("another port") { _ in bind(port: 0) },
            attempts: Trial("port 53 of 127.0.0.53 and 0.0.0.0") { _ in bind(port: 53) }),
    ]

    private static func bind(port: UInt16) -> [Observation] {
        [("127.0.0.53", 0x7f00_0035 as UInt32), ("0.0.0.0", 0)].flatMap { name, address in
            let endpoint = Endpoint(.v4(address), port: port)
            return [
                Trial.observe("bind UDP \(name):\(port)") { () throws(SystemCallError) in
                    _ = try InternetSocket.datagrams(boundTo: endpoint)
                    return .done
                },
                Trial.observe("bind TCP \(name):\(port)") { () throws(SystemCallError) in
                    _ = try InternetSocket.listen(at: endpoint)
                    return .done
                },
            ]
        }
    }
}
