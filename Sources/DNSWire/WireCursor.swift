/// A position in a message that only moves forward; what is not there is thrown, never trapped.
///
/// The whole message stays in view, because a compressed name points back into it.
public struct WireCursor: ~Escapable {
    let octets: Span<UInt8>
    public private(set) var position: Int

    @_lifetime(copy octets)
    public init(_ octets: Span<UInt8>, at position: Int = 0) {
        self.octets = octets
        self.position = min(max(position, 0), octets.count)
    }

    /// Octets between the cursor and the end of the message.
    public var remaining: Int { octets.count - position }

    @_lifetime(self: copy self)
    public mutating func octet() throws(WireError) -> UInt8 {
        guard remaining >= 1 else { throw .truncated }
        defer { position += 1 }
        return octets[position]
    }

    @_lifetime(self: copy self)
    public mutating func sixteen() throws(WireError) -> UInt16 {
        guard remaining >= 2 else { throw .truncated }
        defer { position += 2 }
        return UInt16(octets[position]) << 8 | UInt16(octets[position + 1])
    }

    @_lifetime(self: copy self)
    public mutating func thirtyTwo() throws(WireError) -> UInt32 {
        UInt32(try sixteen()) << 16 | UInt32(try sixteen())
    }

    @_lifetime(self: copy self)
    public mutating func sixtyFour() throws(WireError) -> UInt64 {
        UInt64(try thirtyTwo()) << 32 | UInt64(try thirtyTwo())
    }

    @_lifetime(self: copy self)
    public mutating func skip(_ count: Int) throws(WireError) {
        guard count >= 0, remaining >= count else { throw .truncated }
        position += count
    }

    /// Passes over a name without following its pointer, so any octets are accepted in its labels.
    @_lifetime(self: copy self)
    public mutating func skipName() throws(WireError) {
        while true {
            let length = try octet()
            switch length >> 6 {
            case 0 where length == 0: return
            case 0: try skip(Int(length))
            case 3: return try skip(1)
            default: throw .labelReserved
            }
        }
    }

    /// Reads a name in lower case, following compression pointers.
    ///
    /// ```
    ///   0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
    /// +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
    /// | 1  1|                OFFSET                   |
    /// +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
    /// ```
    ///
    /// - SeeAlso: RFC 1035 §4.1.4
    @_lifetime(self: copy self)
    public mutating func name() throws(WireError) -> Name {
        var name = Name()
        try read(&name)
        return name
    }

    /// Reads a name as `name()` does, in the place of another: nothing of 256 octets is moved.
    @_lifetime(self: copy self)
    public mutating func read(_ name: inout Name) throws(WireError) {
        name.removeLabels()
        var start = position
        var reading = position
        var end: Int?
        while true {
            guard reading < octets.count else { throw .truncated }
            let length = Int(octets[reading])
            switch length >> 6 {
            case 0 where length == 0:
                position = end ?? reading + 1
                return
            case 0:
                guard octets.count - reading > length else { throw .truncated }
                try name.append(label: octets.extracting(reading + 1..<reading + 1 + length))
                reading += 1 + length
            case 3:
                guard reading + 1 < octets.count else { throw .truncated }
                let target = (length & 0x3f) << 8 | Int(octets[reading + 1])
                guard target >= Header.length else { throw .pointerIntoHeader }
                // A pointer must land before the run of labels it leaves, so hops end.
                guard target < start else { throw .pointerForward }
                end = end ?? reading + 2
                start = target
                reading = target
            default:
                throw .labelReserved
            }
        }
    }
}
