/// What a message asks: a name, and what about it.
///
/// - SeeAlso: RFC 1035 §4.1.2
public struct Question: Equatable, Sendable {
    public var name: Name
    public var type: RecordType
    public var recordClass: RecordClass

    public init(_ name: Name, _ type: RecordType, _ recordClass: RecordClass = .internet) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
    }
}

/// The kind of a record or question (IANA, "Resource Record (RR) TYPEs").
public struct RecordType: Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let a = RecordType(rawValue: 1)
    public static let cname = RecordType(rawValue: 5)
    public static let soa = RecordType(rawValue: 6)
    public static let hinfo = RecordType(rawValue: 13)
    public static let aaaa = RecordType(rawValue: 28)
    public static let opt = RecordType(rawValue: 41)
    public static let any = RecordType(rawValue: 255)
}

/// The class of a record or question; everything of interest is `internet`.
public struct RecordClass: Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let internet = RecordClass(rawValue: 1)
    public static let chaos = RecordClass(rawValue: 3)
}

extension WireCursor {
    @_lifetime(self: copy self)
    public mutating func read(_ question: inout Question) throws(WireError) {
        try read(&question.name)
        question.type = RecordType(rawValue: try sixteen())
        question.recordClass = RecordClass(rawValue: try sixteen())
    }
}
