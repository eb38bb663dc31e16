import Egress
import Linux

extension Service {
    /// Longest message of the kernel's, in octets: what it gathers before it sends.
    private static let longestMessage = 65_536
    /// Messages read in one turn of the loop, so that a flood of packets leaves room for
    /// questions; the kernel drops what nobody reads, and counts on.
    private static let messagesPerTurn = 4

    /// Notes where packets went that the kernel refused, or let open a flow. Their octets are the
    /// agent's own making, which is why the resolver reads them, and not PID 1.
    mutating func notePackets(from descriptor: CInt) {
        var message = [UInt8](repeating: 0, count: Self.longestMessage)
        for _ in 0..<Self.messagesPerTurn {
            // Lost messages are an error of the read (ENOBUFS), and no reason to stop reading.
            guard let count = (try? Descriptors.read(descriptor, into: &message)).flatMap({ $0 })
            else { return }
            for packet in LoggedPacket.packets(in: message.span.extracting(0..<count)) {
                let (port, user) = (packet.port ?? 0, packet.user)
                if packet.mark != .opened {
                    statistics.refuse(
                        packet.destination, protocolNumber: packet.protocolNumber, port: port,
                        user: user, at: now)
                }
                decisions.note(
                    packet.mark, packet.destination, protocolNumber: packet.protocolNumber,
                    port: port, user: user, at: now)
            }
        }
    }
}
