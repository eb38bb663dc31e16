import Policy

/// Where the first octets of an IP packet say it goes.
struct PacketHeader: Equatable {
    let protocolNumber: UInt8
    let destination: Address
    /// nil for protocols without ports, later fragments, and packets cut off before it.
    let destinationPort: UInt16?

    /// nil when the octets are not the start of an IPv4 or IPv6 packet.
    init?(_ packet: Span<UInt8>) {
        guard packet.count > 0 else { return nil }
        switch packet[0] >> 4 {
        case 4: self.init(v4: packet)
        case 6: self.init(v6: packet)
        default: return nil
        }
    }

    /// RFC 791 §3.1.
    ///
    /// ```
    ///  0       4       8              16   19                 31
    /// | version|length | service      | total length           |
    /// | identification                |flags| fragment offset  |
    /// | time to live   | protocol     | checksum               |
    /// | source                                                 |
    /// | destination                                            |
    /// ```
    private init?(v4 packet: Span<UInt8>) {
        let length = Int(packet[0] & 0x0F) * 4
        guard length >= 20, packet.count >= 20,
            let destination = Address(bytes: packet.extracting(16..<20))
        else { return nil }
        self.destination = destination
        protocolNumber = packet[9]
        let isFirstFragment = packet[6] & 0x1F == 0 && packet[7] == 0
        destinationPort =
            isFirstFragment ? Self.port(of: protocolNumber, at: length, in: packet) : nil
    }

    /// RFC 8200 §3, with the extension headers of §4 passed over: a next header and a length in
    /// units of eight octets beyond the first eight, except for the fragment header.
    private init?(v6 packet: Span<UInt8>) {
        guard packet.count >= 40, let destination = Address(bytes: packet.extracting(24..<40))
        else { return nil }
        var next = packet[6]
        var offset = 40
        var isFirstFragment = true
        // Every turn moves `offset` by at least eight octets towards the end.
        while Self.extensionHeaders.contains(next), offset + 8 <= packet.count {
            let header = packet.extracting(offset..<offset + 8)
            if next == Self.fragmentHeader {
                isFirstFragment = header[2] == 0 && header[3] & 0xF8 == 0
                offset += 8
            } else {
                offset += 8 * (Int(header[1]) + 1)
            }
            next = header[0]
        }
        self.destination = destination
        protocolNumber = next
        destinationPort = isFirstFragment ? Self.port(of: next, at: offset, in: packet) : nil
    }

    /// Hop-by-hop options, routing, fragment, destination options.
    private static let extensionHeaders: [UInt8] = [0, 43, fragmentHeader, 60]
    private static let fragmentHeader: UInt8 = 44
    /// TCP, UDP, DCCP, SCTP and UDP-Lite carry the destination port in octets 2 and 3.
    private static let withPorts: [UInt8] = [6, 17, 33, 132, 136]

    private static func port(
        of protocolNumber: UInt8, at offset: Int, in packet: Span<UInt8>
    ) -> UInt16? {
        guard withPorts.contains(protocolNumber), offset + 4 <= packet.count else { return nil }
        return UInt16(packet[offset + 2]) << 8 | UInt16(packet[offset + 3])
    }
}
