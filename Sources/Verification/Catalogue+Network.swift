import Control
import Linux
import SystemPackage

/// Rows 2, 14, 16 to 18 and 21: what leaves by address.
///
/// The destinations are such that no policy opens them: documentation, or a port of nobody's.
extension Catalogue {
    /// How long a refusal may take: the packet filter answers within the call.
    private static let patience: Milliseconds = 300

    private static let refused: [Answer: Stop] = [
        .refused(.connectionRefused): .packetFilter, .refused(.notPermitted): .packetFilter,
        .refused(.permissionDenied): .packetFilter,
    ].merging(nowhere) { first, _ in first }
    /// Of a datagram the refusal is the send's own error; ECONNREFUSED would be another host's.
    private static let refusedDatagram: [Answer: Stop] = [
        .refused(.notPermitted): .packetFilter, .refused(.permissionDenied): .packetFilter,
    ].merging(nowhere) { first, _ in first }

    private typealias Target = (name: String, address: Endpoint.Address)
    private static let documentation: [Target] = [
        ("198.51.100.1", .v4(ProbeTarget.address)),
        ("2001:db8::1", .v6(0x2001_0db8_0000_0000, 1, scope: 0)),
    ]
    private static let literals: [Target] =
        documentation + [
            ("8.8.8.8", .v4(0x0808_0808)),
            ("2001:4860:4860::8888", .v6(0x2001_4860_4860_0000, 0x8888, scope: 0)),
            (
                "::ffff:198.51.100.1",
                .v6(0, 0xffff_0000_0000 | UInt64(ProbeTarget.address), scope: 0)
            ),
            ("64:ff9b::808:808", .v6(0x0064_ff9b_0000_0000, 0x0808_0808, scope: 0)),
            ("2002:808:808::1", .v6(0x2002_0808_0808_0000, 1, scope: 0)),
        ]
    private static let neighbours: [Target] = [
        ("169.254.169.254", .v4(0xa9fe_a9fe)), ("10.0.0.1", .v4(0x0a00_0001)),
        ("172.16.0.1", .v4(0xac10_0001)), ("192.168.0.1", .v4(0xc0a8_0001)),
        ("100.100.100.200", .v4(0x6464_64c8)),
        ("fd00:ec2::254", .v6(0xfd00_0ec2_0000_0000, 0x254, scope: 0)),
    ]
    private static let many: [Target] = [
        ("224.0.0.251, mDNS", .v4(0xe000_00fb)), ("224.0.0.252, LLMNR", .v4(0xe000_00fc)),
        ("239.255.255.250, SSDP", .v4(0xefff_fffa)), ("255.255.255.255", .v4(0xffff_ffff)),
        ("ff05::fb, mDNS", .v6(0xff05_0000_0000_0000, 0xfb, scope: 0)),
    ]

    static let network: [Attack] = [
        Attack(
            "connect to addresses that no name gave", rows: [14], subject: .egress, stops: refused,
            control: connectsInside, attempts: connecting(literals, ports: [ProbeTarget.port])),
        Attack(
            "datagrams to addresses that no name gave", rows: [14], subject: .egress,
            stops: refusedDatagram, control: sendsInside,
            attempts: sending(literals, ports: [ProbeTarget.port])),
        Attack(
            "DNS over TLS and HTTPS", rows: [2], subject: .egress, stops: refused,
            control: connectsInside, attempts: connecting(documentation, ports: [443, 853])),
        Attack(
            "DNS over QUIC, HTTP/3", rows: [2], subject: .egress, stops: refusedDatagram,
            control: sendsInside, attempts: sending(documentation, ports: [443, 853])),
        Attack(
            "metadata and private addresses", rows: [16], subject: .egress, stops: refused,
            control: connectsInside, attempts: connecting(neighbours, ports: [ProbeTarget.port])),
        Attack(
            "the gateway, and the link", rows: [16], subject: .egress,
            stops: refusedDatagram.merging([.said("no gateway"): .noRoute]) { first, _ in first },
            control: sendsInside,
            attempts: Trial("a datagram to each") { _ in
                let targets = Neighbourhood.addresses
                guard !targets.isEmpty else {
                    return [Observation("gateway", .said("no gateway"))]
                }
                return targets.map { send($0, port: ProbeTarget.port) }
            }),
        Attack(
            "multicast and broadcast", rows: [18], subject: .egress, stops: refusedDatagram,
            control: sendsInside, attempts: sending(many, ports: [ProbeTarget.port])),
        Attack(
            "ICMP echo with data", rows: [17], subject: .egress,
            stops: refusedDatagram.merging([.said("no ping sockets"): .pingGroups]) { first, _ in
                first
            },
            control: sendsInside,
            attempts: Trial(documentation.map(\.name).joined(separator: ", ")) { _ in
                documentation.map { target in
                    Trial.observe("ping \(target.name)") { () throws(SystemCallError) in
                        guard
                            let socket = try echoes(to: Endpoint(target.address, port: 0))
                        else { return .said("no ping sockets") }
                        let isIPv4 = if case .v4 = target.address { true } else { false }
                        // Type, code 0, the kernel's checksum, identifier, sequence; data.
                        _ = try socket.write(
                            [isIPv4 ? 8 : 128, 0, 0, 0, 0, 1, 0, 1] + Array("attack".utf8))
                        try Wait.forError(of: socket, atMost: 50)
                        return .done
                    }
                }
            }),
        Attack(
            "packet, vsock, alg and xdp sockets", rows: [17],
            stops: [.refused(.notPermitted): .seccomp],
            control: .calls([
                Call("socket", 2, 1, 0), Call("socket", 10, 2, 0), Call("socket", 1, 1, 0),
            ]),
            attempts: .calls(
                [("packet", 17), ("key", 15), ("alg", 38), ("vsock", 40), ("xdp", 44), ("x25", 9)]
                    .map { Call("socket", .word($0.1), 3, 0, as: "AF_\($0.0)") } + [
                        // The kernel looks at 32 bits of the family only.
                        Call("socket", 0x1_0000_0011, 3, 0, as: "AF_packet in 64 bits")
                    ])),
        Attack(
            "raw sockets", rows: [17], stops: [.refused(.notPermitted): .noCapability],
            control: .calls([Call("socket", 2, 2, 0), Call("socket", 10, 2, 0)]),
            attempts: .calls([
                Call("socket", 2, 3, 1, as: "raw ICMP"), Call("socket", 2, 3, 255, as: "raw IP"),
                Call("socket", 2, 3, 132, as: "raw SCTP"),
                Call("socket", 10, 3, 58, as: "raw ICMPv6"),
            ])),
        Attack(
            "change the rules, sets and log", rows: [17, 21],
            stops: [.refused(.notPermitted): .seccomp],
            control: .calls([Call("socket", 16, 3, 0, as: "a socket for the routing tables")]),
            attempts: .calls([
                Call("socket", 16, 3, 12, as: "NETLINK_NETFILTER"),
                Call("socket", 16, 3, 9, as: "NETLINK_AUDIT"),
                Call("socket", 16, 3, 15, as: "NETLINK_KOBJECT_UEVENT"),
            ])),
        Attack(
            "change links and routes", rows: [17], stops: [.refused(.notPermitted): .noCapability],
            control: Trial("RTM_GETLINK of lo") { _ throws(SystemCallError) in
                try NetlinkQuestion.link(18, index: 1)
                return []
            },
            attempts: Trial("RTM_DELLINK of none") { _ in
                [
                    Trial.observe("RTM_DELLINK") { () throws(SystemCallError) in
                        try NetlinkQuestion.link(17, index: 0x7fff_fff0)
                        return .done
                    }
                ]
            }),
        Attack(
            "tell the link by joining an IPv6 group", rows: [18],
            stops: [.refused(.notPermitted): .seccomp],
            // IPV6_V6ONLY, of no socket: the kernel says so.
            control: Trial.calls([
                Call("setsockopt", Call.none, 41, 26, Call.nowhere, 4, as: "another option")
            ]).expecting(.refused(.badFileDescriptor)),
            attempts: .calls([
                Call("setsockopt", Call.none, 41, 20, Call.nowhere, 20, as: "IPV6_JOIN_GROUP"),
                Call("setsockopt", Call.none, 41, 42, Call.nowhere, 136, as: "MCAST_JOIN_GROUP"),
            ])),
        Attack(
            "send from an address that is not the container's", rows: [14],
            stops: [.refused(.notPermitted): .seccomp],
            control: Trial.calls([
                Call("setsockopt", Call.none, 41, 26, Call.nowhere, 4, as: "another option")
            ]).expecting(.refused(.badFileDescriptor)),
            attempts: .calls([
                Call("setsockopt", Call.none, 41, 78, Call.nowhere, 4, as: "IPV6_FREEBIND"),
                Call("setsockopt", Call.none, 0, 15, Call.nowhere, 4, as: "IP_FREEBIND"),
                Call("setsockopt", Call.none, 41, 75, Call.nowhere, 4, as: "IPV6_TRANSPARENT"),
                Call("setsockopt", Call.none, 0, 19, Call.nowhere, 4, as: "IP_TRANSPARENT"),
            ])),
    ]

    // MARK: Acts

    private static let loopback = Endpoint(.v4(0x7f00_0001), port: 0)

    private static let connectsInside = Trial("a listener of its own") { _ in
        [
            Trial.observe("connect to a listener of its own") { () throws(SystemCallError) in
                let listener = try InternetSocket.listen(at: loopback)
                return try connect(try InternetSocket.local(of: listener.raw))
            }
        ]
    }

    private static let sendsInside = Trial("a receiver of its own") { _ in
        [
            Trial.observe("send to a receiver of its own") { () throws(SystemCallError) in
                let receiver = try InternetSocket.datagrams(boundTo: loopback)
                let socket = try InternetSocket.datagrams(
                    connectedTo: try InternetSocket.local(of: receiver.raw))
                _ = try socket.write([0])
                let poll = try Poll()
                try poll.add(receiver.raw, for: .readable, token: 0)
                return try poll.wait(patience).isEmpty ? .said("nothing came") : .done
            }
        ]
    }

    /// Nil where the kernel has no such sockets for this group, before any packet filter.
    private static func echoes(to endpoint: Endpoint) throws(SystemCallError) -> OwnedDescriptor? {
        do throws(SystemCallError) {
            return try InternetSocket.echoes(connectedTo: endpoint)
        } catch {
            guard error.call == "socket", error.cause == .permissionDenied else { throw error }
            return nil
        }
    }

    private static func connect(_ endpoint: Endpoint) throws(SystemCallError) -> Answer {
        let socket = try InternetSocket.stream(connectingTo: endpoint)
        try Wait.untilConnected(socket, atMost: patience)
        return .done
    }

    private static func connecting(_ targets: [Target], ports: [UInt16]) -> Trial {
        Trial(targets.map(\.name).joined(separator: ", ")) { _ in
            Trial.each(targets.flatMap { target in ports.map { (target, $0) } }) { target, port in
                Trial.observe("connect to \(target.name) port \(port)") {
                    () throws(SystemCallError) in
                    try connect(Endpoint(target.address, port: port))
                }
            }
        }
    }

    private static func sending(_ targets: [Target], ports: [UInt16]) -> Trial {
        Trial(targets.map(\.name).joined(separator: ", ")) { _ in
            targets.flatMap { target in ports.map { send(target, port: $0) } }
        }
    }

    /// Sends one octet.
    private static func send(_ target: Target, port: UInt16) -> Observation {
        Trial.observe("send to \(target.name) port \(port)") { () throws(SystemCallError) in
            let socket = try InternetSocket.broadcasts(
                connectedTo: Endpoint(target.address, port: port))
            _ = try socket.write([0])
            try Wait.forError(of: socket, atMost: 50)
            return .done
        }
    }
}

/// Who is next to the container.
enum Neighbourhood {
    /// The default gateway, and all nodes of each link (RFC 4291 §2.7.1).
    static var addresses: [(name: String, address: Endpoint.Address)] { gateways + links }

    private static var gateways: [(name: String, address: Endpoint.Address)] {
        lines("/proc/net/route").dropFirst().compactMap { fields in
            guard fields.count > 2, fields[1] == "00000000",
                let word = UInt32(fields[2], radix: 16),
                word != 0
            else { return nil }
            return ("the gateway", .v4(UInt32(bigEndian: word)))
        }
    }

    private static var links: [(name: String, address: Endpoint.Address)] {
        lines("/proc/net/if_inet6").compactMap { fields in
            let linkScope = "20"
            guard fields.count > 5, fields[3] == linkScope, let index = UInt32(fields[1], radix: 16)
            else { return nil }
            return ("fe80::1%\(fields[5])", .v6(0xfe80_0000_0000_0000, 1, scope: index))
        }
    }

    private static func lines(_ path: FilePath) -> [[Substring]] {
        ((try? Files.text(path)) ?? "").split(separator: "\n").map {
            $0.split(whereSeparator: \.isWhitespace)
        }
    }
}
