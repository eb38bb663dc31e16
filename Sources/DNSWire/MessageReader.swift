/// Reads a message in its order: header, questions, then one record after the other.
///
/// The header's counts promise how much follows; each question and record that is read consumes
/// octets, so a count that lies ends in `WireError.truncated`.
public struct MessageReader: ~Escapable {
    public let header: Header
    private var cursor: WireCursor

    @_lifetime(copy octets)
    public init(_ octets: Span<UInt8>) throws(WireError) {
        var cursor = WireCursor(octets)
        header = try cursor.header()
        self.cursor = cursor
    }

    /// The octets that names point into.
    var wholeMessage: Span<UInt8> {
        @_lifetime(copy self)
        get { cursor.octets }
    }

    /// Octets read so far.
    public var position: Int { cursor.position }

    @_lifetime(self: copy self)
    public mutating func question() throws(WireError) -> Question {
        var question = Question(Name(), .any)
        try cursor.read(&question)
        return question
    }

    /// Reads a question in the place of another.
    @_lifetime(self: copy self)
    public mutating func read(_ question: inout Question) throws(WireError) {
        try cursor.read(&question)
    }

    /// Passes over a question; its name is not followed.
    @_lifetime(self: copy self)
    public mutating func skipQuestion() throws(WireError) {
        try cursor.skipName()
        try cursor.skip(4)
    }

    @_lifetime(self: copy self)
    public mutating func record() throws(WireError) -> Record { try cursor.record() }

    /// Checks that nothing follows the last record.
    public func end() throws(WireError) {
        guard cursor.remaining == 0 else { throw .trailingOctets }
    }

    /// The capitals of the uncompressed name that starts at `offset`.
    public func letterCase(at offset: Int, count: Int) -> LetterCase {
        let start = min(offset, cursor.octets.count)
        let end = min(start + count, cursor.octets.count)
        return LetterCase(of: cursor.octets.extracting(start..<end))
    }

    public func owner(of record: Record) throws(WireError) -> Name {
        var cursor = WireCursor(cursor.octets, at: record.owner)
        return try cursor.name()
    }

    public func data(of record: Record) throws(WireError) -> RecordData {
        guard record.recordClass == .internet else { return .opaque }
        var cursor = WireCursor(cursor.octets, at: record.data.lowerBound)
        let data: RecordData
        switch record.type {
        case .a:
            data = .a(try cursor.thirtyTwo())
        case .aaaa:
            data = .aaaa(try cursor.sixtyFour(), try cursor.sixtyFour())
        case .cname:
            data = .cname(try cursor.name())
        case .soa:
            try cursor.skipName()
            try cursor.skipName()
            data = .soa(
                StartOfAuthority(
                    serial: try cursor.thirtyTwo(), refresh: try cursor.thirtyTwo(),
                    retry: try cursor.thirtyTwo(), expire: try cursor.thirtyTwo(),
                    minimum: try cursor.thirtyTwo()))
        default:
            return .opaque
        }
        guard cursor.position == record.data.upperBound else { throw .dataLength }
        return data
    }
}
