import CMnl
public import Policy

/// A packet on its way out, as the kernel copied it.
///
/// Its octets are the agent's own making. Reading them can fail, never trap.
public struct LoggedPacket: Equatable, Sendable {
    /// Which rule copied it: the prefix of its log statement.
    public enum Mark: String, Sendable {
        case refused
        /// Nothing allows it, and it passed, for the ruleset only audits.
        case audited
        /// The policy allows it, and no packet of its flow came before.
        case opened
    }

    /// The IP protocol's number; `transport` where it is TCP or UDP.
    public var protocolNumber: UInt8
    public var destination: Address
    /// nil for a protocol without ports and for a fragment that does not carry them.
    public var port: UInt16?
    /// Who opened the socket; nil when it is closed already.
    public var user: UInt32?
    /// Counts the packets that the kernel copied; a gap is what nobody read in time.
    public var sequence: UInt32?
    public var mark: Mark

    public init(
        protocolNumber: UInt8, destination: Address, port: UInt16?, user: UInt32?,
        sequence: UInt32?, mark: Mark
    ) {
        self.protocolNumber = protocolNumber
        self.destination = destination
        self.port = port
        self.user = user
        self.sequence = sequence
        self.mark = mark
    }

    public var transport: Transport? { Transport(rawValue: protocolNumber) }

    /// Reads the packets of one datagram from the descriptor of `PacketLog.open(group:)`.
    ///
    /// A packet that cannot be read is left out, and so is what follows a message that is cut off.
    /// There is no time in it: the kernel keeps none for packets that leave.
    public static func packets(in datagram: Span<UInt8>) -> [LoggedPacket] {
        var packets: [LoggedPacket] = []
        var messages = NetlinkMessages(datagram)
        let type = UInt16(NFNL_SUBSYS_ULOG) << 8 | UInt16(NFULNL_MSG_PACKET.rawValue)
        while let message = try? messages.next() {
            guard message.type == type, let packet = try? LoggedPacket(parsing: message.payload)
            else { continue }
            packets.append(packet)
        }
        return packets
    }

    /// Reads the payload of one NFULNL_MSG_PACKET message (linux/netfilter/nfnetlink_log.h).
    init(parsing payload: Span<UInt8>) throws(LoggedPacketError) {
        guard payload.count >= 4 else { throw .message }
        var attributes = NetlinkAttributes(payload.extracting(droppingFirst: 4))
        var header: PacketHeader?
        var user: UInt32?
        var sequence: UInt32?
        var mark: Mark?
        do throws(NetlinkFormatError) {
            while let attribute = try attributes.next() {
                switch UInt32(attribute.type) {
                case NFULA_PAYLOAD.rawValue: header = PacketHeader(attribute.value)
                case NFULA_UID.rawValue: user = try attribute.number()
                case NFULA_SEQ.rawValue: sequence = try attribute.number()
                case NFULA_PREFIX.rawValue: mark = Mark(rawValue: attribute.text)
                default: break
                }
            }
        } catch {
            throw .message
        }
        guard let header else { throw .packet }
        self.init(
            protocolNumber: header.protocolNumber, destination: header.destination,
            port: header.destinationPort, user: user, sequence: sequence, mark: mark ?? .refused)
    }
}

enum LoggedPacketError: Error, Equatable {
    /// Not what netlink prescribes.
    case message
    /// No packet, or not one of IP.
    case packet
}
