/// What the lease service tells PID 1 of one exchange with the licence server.
///
/// One message is one record; all numbers are little-endian, and all ones stand for no limit.
///
/// ```
///  0        4       5      6       7      8               12              16             20             24          32
/// +--------+-------+------+-------+------+---------------+---------------+--------------+--------------+-----------+
/// | "CTL1" | state | tier | cause | zero | sessions used | session limit | requests/min | seconds left | zero (8)  |
/// +--------+-------+------+-------+------+---------------+---------------+--------------+--------------+-----------+
/// ```
///
/// State 1 is granted, with a tier; 2 is refused, with the cause of a `LeaseRefusal` and, where it
/// is `full`, the sessions; 3 is no answer, with the cause of a `LeaseFault`. Whatever a state has
/// no use for is zero.
public enum LeaseRecord: Equatable, Sendable {
    case granted(LeaseTerms)
    case refused(LeaseRefusal, sessionsUsed: UInt32, sessionLimit: UInt32)
    case unanswered(LeaseFault)

    /// Octets of a record.
    public static let length = 32

    /// Why a message is not a record.
    public enum Defect: Error, Equatable {
        case length
        case mark
        case state
        case tier
        case cause
        /// An octet that must be zero is not.
        case reserved
        /// More sessions than the limit, where one was granted.
        case sessions
    }

    private static let mark: UInt32 = 0x314c_5443
    private static let unlimited = UInt32.max

    public var octets: [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(Self.length)
        octets.append(littleEndian: Self.mark)
        switch self {
        case .granted(let terms):
            octets += [1, terms.tier.rawValue, 0, 0]
            octets.append(littleEndian: terms.sessionsUsed)
            octets.append(littleEndian: terms.sessionLimit ?? Self.unlimited)
            octets.append(littleEndian: terms.requestLimit ?? Self.unlimited)
            octets.append(littleEndian: terms.secondsLeft ?? Self.unlimited)
        case .refused(let refusal, let used, let limit):
            octets += [2, 0, refusal.rawValue, 0]
            octets.append(littleEndian: used)
            octets.append(littleEndian: limit)
        case .unanswered(let fault): octets += [3, 0, fault.rawValue, 0]
        }
        for _ in octets.count..<Self.length { octets.append(0) }
        return octets
    }

    /// - Throws: `Defect` unless every octet is as the diagram says.
    public init(_ message: Span<UInt8>) throws(Defect) {
        guard message.count == Self.length else { throw .length }
        guard message.littleEndian(at: 0) == Self.mark else { throw .mark }
        let (state, tier, cause) = (message[4], message[5], message[6])
        guard message[7] == 0, message.isZero(from: 24) else { throw .reserved }
        if state != 1, tier != 0 { throw .tier }
        switch state {
        case 1:
            guard cause == 0 else { throw .cause }
            guard let tier = LeaseTier(rawValue: tier) else { throw .tier }
            let terms = LeaseTerms(
                tier: tier, sessionsUsed: message.littleEndian(at: 8),
                sessionLimit: message.limit(at: 12), requestLimit: message.limit(at: 16),
                secondsLeft: message.limit(at: 20))
            guard terms.sessionsUsed <= terms.sessionLimit ?? .max else { throw .sessions }
            self = .granted(terms)
        case 2:
            guard let refusal = LeaseRefusal(rawValue: cause) else { throw .cause }
            guard message.isZero(from: refusal == .full ? 16 : 8) else { throw .reserved }
            self = .refused(
                refusal, sessionsUsed: message.littleEndian(at: 8),
                sessionLimit: message.littleEndian(at: 12))
        case 3:
            guard let fault = LeaseFault(rawValue: cause) else { throw .cause }
            guard message.isZero(from: 8) else { throw .reserved }
            self = .unanswered(fault)
        default: throw .state
        }
    }
}

extension Span<UInt8> {
    fileprivate func isZero(from offset: Int) -> Bool {
        for place in offset..<count where self[place] != 0 { return false }
        return true
    }

    fileprivate func limit(at offset: Int) -> UInt32? {
        let number = littleEndian(at: offset)
        return number == .max ? nil : number
    }
}
