/// The OPT pseudo-record: what EDNS(0) adds to a header.
///
/// ```
/// owner: root | TYPE 41 | CLASS: payload size
/// TTL: extended RCODE (8) | version (8) | DO (1) | zero (15)
/// RDATA: { option code (16) | length (16) | data } ...
/// ```
///
/// - SeeAlso: RFC 6891 §6.1
public struct ExtendedOptions: Equatable, Sendable {
    /// What the sender can take over UDP, in octets; less than 512 means 512 (RFC 6891 §6.2.3).
    public var payloadSize: UInt16
    /// The upper eight bits of the response code.
    public var extendedResponseCode: UInt8
    public var version: UInt8
    public var isDNSSECWanted: Bool
    public var extendedError: ExtendedError?

    public init(payloadSize: UInt16) {
        self.payloadSize = payloadSize
        extendedResponseCode = 0
        version = 0
        isDNSSECWanted = false
    }

    /// Octets of an OPT record without options.
    public static let emptyLength = 11
}

/// Why an answer is what it is, for a person who reads `dig`.
///
/// - SeeAlso: RFC 8914
public struct ExtendedError: Equatable, Sendable {
    public var code: Code
    /// UTF-8; not terminated.
    public var text: String

    public init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    /// IANA, "Extended DNS Error Codes".
    public struct Code: Hashable, Sendable {
        public var rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let other = Code(rawValue: 0)
        public static let notReady = Code(rawValue: 14)
        public static let blocked = Code(rawValue: 15)
        public static let filtered = Code(rawValue: 17)
        public static let prohibited = Code(rawValue: 18)
        public static let notSupported = Code(rawValue: 21)
        public static let noReachableAuthority = Code(rawValue: 22)
        public static let networkError = Code(rawValue: 23)
    }

    /// The option's code in an OPT record.
    static let option: UInt16 = 15
}

extension MessageReader {
    /// Reads an OPT record's fields and checks that its options fill it exactly.
    public func options(of record: Record) throws(WireError) -> ExtendedOptions {
        var cursor = WireCursor(wholeMessage, at: record.owner)
        guard try cursor.octet() == 0 else { throw .optMisplaced }
        var options = ExtendedOptions(payloadSize: record.recordClass.rawValue)
        options.extendedResponseCode = UInt8(record.timeToLive >> 24)
        options.version = UInt8(record.timeToLive >> 16 & 0xff)
        options.isDNSSECWanted = record.timeToLive & 0x8000 != 0
        cursor = WireCursor(wholeMessage, at: record.data.lowerBound)
        while cursor.position < record.data.upperBound {
            let option = try cursor.sixteen()
            let length = Int(try cursor.sixteen())
            guard record.data.upperBound - cursor.position >= length else { throw .dataLength }
            if option == ExtendedError.option, options.extendedError == nil {
                options.extendedError = try extendedError(at: cursor.position, length: length)
            }
            try cursor.skip(length)
        }
        guard cursor.position == record.data.upperBound else { throw .dataLength }
        return options
    }

    private func extendedError(at start: Int, length: Int) throws(WireError) -> ExtendedError {
        guard length >= 2 else { throw .dataLength }
        var cursor = WireCursor(wholeMessage, at: start)
        let code = ExtendedError.Code(rawValue: try cursor.sixteen())
        var text: [UInt8] = []
        for _ in 2..<length { text.append(try cursor.octet()) }
        return ExtendedError(code, String(decoding: text, as: UTF8.self))
    }
}
