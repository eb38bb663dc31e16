extension PortRange {
    /// Ports that are published, as `8080`, `8080/tcp` and `8000-8100/udp` say them; nil for any other text.
    public static func published(_ text: String) -> (transport: Transport, ports: PortRange)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        let transport: Transport
        switch parts.dropFirst().first {
        case nil, "tcp": transport = .tcp
        case "udp": transport = .udp
        default: return nil
        }
        let ports = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16($0) : nil }
        guard ports.count <= 2, let first = ports.first ?? nil, let last = ports.last ?? nil,
            let range = PortRange(first: first, last: last)
        else { return nil }
        return (transport, range)
    }
}
