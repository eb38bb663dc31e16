/// A resource record in place: what its fixed fields say, and where its parts lie.
///
/// ```
/// owner | TYPE | CLASS |      TTL      | RDLENGTH | RDATA
/// ```
///
/// - SeeAlso: RFC 1035 §4.1.3
public struct Record: Equatable, Sendable {
    public let type: RecordType
    public let recordClass: RecordClass
    /// Seconds, as written. A reader must take 2³¹ and more for zero (RFC 2181 §8).
    public let timeToLive: UInt32
    /// Where the owner's name starts; read it with `MessageReader.owner(of:)`.
    let owner: Int
    let data: Range<Int>
}

/// The data of a record, for the few types that are relayed; everything else stays opaque.
public enum RecordData: Equatable, Sendable {
    case a(UInt32)
    case aaaa(UInt64, UInt64)
    case cname(Name)
    case soa(StartOfAuthority)
    case opaque
}

/// The numbers of an SOA record. Its two names are passed over: nothing here needs them.
///
/// - SeeAlso: RFC 1035 §3.3.13
public struct StartOfAuthority: Equatable, Sendable {
    public var serial: UInt32
    public var refresh: UInt32
    public var retry: UInt32
    public var expire: UInt32
    /// Seconds that a negative answer may be kept (RFC 2308 §4).
    public var minimum: UInt32

    public init(
        serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32, minimum: UInt32
    ) {
        self.serial = serial
        self.refresh = refresh
        self.retry = retry
        self.expire = expire
        self.minimum = minimum
    }
}

extension WireCursor {
    @_lifetime(self: copy self)
    public mutating func record() throws(WireError) -> Record {
        let owner = position
        try skipName()
        let type = RecordType(rawValue: try sixteen())
        let recordClass = RecordClass(rawValue: try sixteen())
        let timeToLive = try thirtyTwo()
        let length = Int(try sixteen())
        let start = position
        try skip(length)
        return Record(
            type: type, recordClass: recordClass, timeToLive: timeToLive, owner: owner,
            data: start..<start + length)
    }
}
