/// The first twelve octets of a message.
///
/// ```
///   0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
/// +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
/// |                      ID                       |
/// |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
/// |    QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT ...     |
/// +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
/// ```
///
/// - SeeAlso: RFC 1035 §4.1.1, RFC 4035 §3.2 (AD, CD)
public struct Header: Equatable, Sendable {
    /// Octets of a header.
    public static let length = 12

    public var identifier: UInt16
    public var flags: Flags
    public var questionCount: UInt16
    public var answerCount: UInt16
    public var authorityCount: UInt16
    public var additionalCount: UInt16

    public init(
        identifier: UInt16, flags: Flags, questionCount: UInt16 = 1, answerCount: UInt16 = 0,
        authorityCount: UInt16 = 0, additionalCount: UInt16 = 0
    ) {
        self.identifier = identifier
        self.flags = flags
        self.questionCount = questionCount
        self.answerCount = answerCount
        self.authorityCount = authorityCount
        self.additionalCount = additionalCount
    }

    /// The second word of the header.
    public struct Flags: OptionSet, Sendable {
        public var rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let response = Flags(rawValue: 0x8000)
        public static let authoritative = Flags(rawValue: 0x0400)
        public static let truncated = Flags(rawValue: 0x0200)
        public static let recursionDesired = Flags(rawValue: 0x0100)
        public static let recursionAvailable = Flags(rawValue: 0x0080)
        public static let authenticData = Flags(rawValue: 0x0020)
        public static let checkingDisabled = Flags(rawValue: 0x0010)

        /// 0 is a standard query, the only one served here.
        public var opcode: UInt8 { UInt8(rawValue >> 11 & 0xf) }

        public var responseCode: ResponseCode {
            get { ResponseCode(rawValue: UInt8(rawValue & 0xf)) }
            set { rawValue = rawValue & ~0xf | UInt16(newValue.rawValue & 0xf) }
        }
    }
}

/// What a response says about itself; above 15 only with EDNS (RFC 6895 §2.3).
public struct ResponseCode: Equatable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let noError = ResponseCode(rawValue: 0)
    public static let formatError = ResponseCode(rawValue: 1)
    public static let serverFailure = ResponseCode(rawValue: 2)
    public static let nameError = ResponseCode(rawValue: 3)
    public static let notImplemented = ResponseCode(rawValue: 4)
    public static let refused = ResponseCode(rawValue: 5)
    /// BADVERS: the OPT record's version is not 0 (RFC 6891 §9).
    public static let badVersion = ResponseCode(rawValue: 16)
}

extension WireCursor {
    @_lifetime(self: copy self)
    public mutating func header() throws(WireError) -> Header {
        Header(
            identifier: try sixteen(), flags: Header.Flags(rawValue: try sixteen()),
            questionCount: try sixteen(), answerCount: try sixteen(),
            authorityCount: try sixteen(), additionalCount: try sixteen())
    }
}
