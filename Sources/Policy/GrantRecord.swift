/// A request from the resolver to PID 1: open this address for what this rule allows.
///
/// One message holds 1 to 64 records; all numbers are little-endian.
///
/// ```
///  0         4            8             12       13         16            32
/// +----------+------------+-------------+--------+----------+-------------+
/// | sequence | rule index | TTL seconds | 4 or 6 | zero (3) | address (16)|
/// +----------+------------+-------------+--------+----------+-------------+
/// ```
///
/// An IPv4 address takes the first four octets in network order; the rest is zero. A record is
/// idempotent: the resolver sends it again, with the same sequence number, when no
/// acknowledgement came.
public struct GrantRecord: Equatable, Sendable {
    /// Octets of a record.
    public static let length = 32
    /// Most records that one message holds.
    public static let mostPerMessage = 64

    public var sequence: UInt32
    /// Index of the rule in the allowlist that both sides read.
    public var rule: UInt32
    /// Seconds for which the answer may be used.
    public var timeToLive: UInt32
    public var address: Address

    public init(sequence: UInt32, rule: UInt32, timeToLive: UInt32, address: Address) {
        self.sequence = sequence
        self.rule = rule
        self.timeToLive = timeToLive
        self.address = address
    }

    /// One message; `records` are at most `mostPerMessage`.
    public static func encode(_ records: [GrantRecord]) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(records.count * length)
        for record in records {
            message.append(littleEndian: record.sequence)
            message.append(littleEndian: record.rule)
            message.append(littleEndian: record.timeToLive)
            message.append(record.address.isIPv4 ? 4 : 6)
            for _ in 0..<3 { message.append(0) }
            record.address.append(to: &message)
            while message.count % length != 0 { message.append(0) }
        }
        return message
    }

    /// - Throws: `GrantMessageError` unless every octet is as the diagram says.
    public static func decode(_ message: Span<UInt8>) throws(GrantMessageError) -> [GrantRecord] {
        var records: [GrantRecord] = []
        try decode(message, into: &records)
        return records
    }

    /// Puts the records in the place of what `records` holds, whose memory is used again.
    ///
    /// - Throws: `GrantMessageError` unless every octet is as the diagram says; `records` then has
    ///   those before the one at fault.
    public static func decode(
        _ message: Span<UInt8>, into records: inout [GrantRecord]
    ) throws(GrantMessageError) {
        records.removeAll(keepingCapacity: true)
        let count = try GrantMessageError.checkedCount(message.count, of: length)
        records.reserveCapacity(count)
        for index in 0..<count {
            let octets = message.extracting(index * length..<(index + 1) * length)
            let width: Int
            switch octets[12] {
            case 4: width = 4
            case 6: width = 16
            default: throw .family
            }
            for place in 13..<16 where octets[place] != 0 { throw .reserved }
            for place in 16 + width..<32 where octets[place] != 0 { throw .reserved }
            guard let address = Address(bytes: octets.extracting(16..<16 + width)) else {
                throw .family
            }
            records.append(
                GrantRecord(
                    sequence: octets.littleEndian(at: 0), rule: octets.littleEndian(at: 4),
                    timeToLive: octets.littleEndian(at: 8), address: address))
        }
    }
}

/// PID 1's answer to one record. One message holds 1 to 64 of them, eight octets each: the
/// record's sequence number and a status, 0 for committed, both little-endian.
public struct GrantAcknowledgement: Equatable, Sendable {
    public static let length = 8

    public var sequence: UInt32
    /// 0: the kernel has committed the address. Anything else: it is not open.
    public var status: UInt32

    public var isCommitted: Bool { status == 0 }

    /// Answers no record: PID 1 wants to see that the resolver's loop turns.
    public static let heartbeat = GrantAcknowledgement(sequence: 0, status: .max)
    public var isHeartbeat: Bool { status == .max }

    /// Answers no record: grants that were acknowledged earlier have made way for others.
    public static let eviction = GrantAcknowledgement(sequence: 0, status: .max - 1)
    public var isEviction: Bool { status == .max - 1 }

    public init(sequence: UInt32, status: UInt32) {
        self.sequence = sequence
        self.status = status
    }

    public static func encode(_ acknowledgements: [GrantAcknowledgement]) -> [UInt8] {
        var message: [UInt8] = []
        encode(acknowledgements, into: &message)
        return message
    }

    /// Puts the message in the place of what `message` holds, whose memory is used again.
    public static func encode(
        _ acknowledgements: [GrantAcknowledgement], into message: inout [UInt8]
    ) {
        message.removeAll(keepingCapacity: true)
        message.reserveCapacity(acknowledgements.count * length)
        for acknowledgement in acknowledgements {
            message.append(littleEndian: acknowledgement.sequence)
            message.append(littleEndian: acknowledgement.status)
        }
    }

    public static func decode(
        _ message: Span<UInt8>
    ) throws(GrantMessageError) -> [GrantAcknowledgement] {
        let count = try GrantMessageError.checkedCount(message.count, of: length)
        return (0..<count).map {
            GrantAcknowledgement(
                sequence: message.littleEndian(at: $0 * length),
                status: message.littleEndian(at: $0 * length + 4))
        }
    }
}

/// Why a message on the grant channel is not one.
public enum GrantMessageError: Error, Equatable {
    /// Empty, not a whole number of records, or more than 64 of them.
    case length
    /// Neither 4 nor 6.
    case family
    /// An octet that must be zero is not.
    case reserved

    fileprivate static func checkedCount(
        _ octets: Int, of length: Int
    ) throws(GrantMessageError) -> Int {
        let (count, rest) = octets.quotientAndRemainder(dividingBy: length)
        guard rest == 0, 1...GrantRecord.mostPerMessage ~= count else { throw .length }
        return count
    }
}
