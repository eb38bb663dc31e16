/// Octets that are not what netlink(7) prescribes.
enum NetlinkFormatError: Error, Equatable {
    case truncated
    case wrongLength
}

/// Reads a datagram of netlink messages from front to end.
///
/// Every turn consumes at least a header, so a loop over `next()` ends.
struct NetlinkMessages: ~Escapable {
    private var rest: Span<UInt8>

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { rest = bytes }

    /// The next message; nil at the end.
    @_lifetime(copy self)
    mutating func next() throws(NetlinkFormatError) -> NetlinkMessage? {
        guard !rest.isEmpty else { return nil }
        guard rest.count >= NetlinkMessage.headerLength else { throw .truncated }
        let length = Int(rest.hostUInt32(at: 0))
        guard length >= NetlinkMessage.headerLength, length <= rest.count else { throw .truncated }
        let message = NetlinkMessage(
            type: rest.hostUInt16(at: 4), flags: rest.hostUInt16(at: 6),
            sequence: rest.hostUInt32(at: 8),
            payload: rest.extracting(NetlinkMessage.headerLength..<length))
        rest = rest.extracting(droppingFirst: min(aligned(length), rest.count))
        return message
    }
}

/// One message: `struct nlmsghdr`, then the payload.
struct NetlinkMessage: ~Escapable {
    static let headerLength = 16

    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let payload: Span<UInt8>

    @_lifetime(copy payload)
    init(type: UInt16, flags: UInt16, sequence: UInt32, payload: Span<UInt8>) {
        self.type = type
        self.flags = flags
        self.sequence = sequence
        self.payload = payload
    }

    /// The attributes behind a family header of `length` octets (`struct nfgenmsg`: 4).
    @_lifetime(copy self)
    func attributes(behind length: Int = 4) throws(NetlinkFormatError) -> NetlinkAttributes {
        guard payload.count >= length else { throw .truncated }
        return NetlinkAttributes(payload.extracting(droppingFirst: length))
    }
}

/// Reads attributes from front to end; as with messages, every turn consumes a header.
struct NetlinkAttributes: ~Escapable {
    private static let headerLength = 4
    private var rest: Span<UInt8>

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { rest = bytes }

    /// The next attribute; nil at the end.
    @_lifetime(copy self)
    mutating func next() throws(NetlinkFormatError) -> NetlinkAttribute? {
        guard !rest.isEmpty else { return nil }
        guard rest.count >= Self.headerLength else { throw .truncated }
        let length = Int(rest.hostUInt16(at: 0))
        guard length >= Self.headerLength, length <= rest.count else { throw .truncated }
        let attribute = NetlinkAttribute(
            // The two highest bits say "nested" and "network order".
            type: Int(rest.hostUInt16(at: 2) & 0x3FFF),
            value: rest.extracting(Self.headerLength..<length))
        rest = rest.extracting(droppingFirst: min(aligned(length), rest.count))
        return attribute
    }

    /// The first attribute of this type.
    @_lifetime(copy self)
    func first(_ type: Int) throws(NetlinkFormatError) -> NetlinkAttribute? {
        var cursor = self
        while let attribute = try cursor.next() {
            if attribute.type == type { return attribute }
        }
        return nil
    }
}

/// One attribute: a type that the attributes around it give a meaning, and a value.
struct NetlinkAttribute: ~Escapable {
    let type: Int
    let value: Span<UInt8>

    @_lifetime(copy value)
    init(type: Int, value: Span<UInt8>) {
        self.type = type
        self.value = value
    }

    var nested: NetlinkAttributes {
        @_lifetime(copy self) get { NetlinkAttributes(value) }
    }

    /// A number in network order of exactly this type's size.
    func number<Number: FixedWidthInteger & UnsignedInteger>(
        _: Number.Type = Number.self
    ) throws(NetlinkFormatError) -> Number {
        guard value.count == Number.bitWidth / 8 else { throw .wrongLength }
        var number: Number = 0
        for position in value.indices {
            number = number << (Number.bitWidth > 8 ? 8 : 0) | Number(value[position])
        }
        return number
    }

    /// Text up to its NUL; octets that are not UTF-8 are replaced.
    var text: String {
        var octets: [UInt8] = []
        for position in value.indices {
            guard value[position] != 0 else { break }
            octets.append(value[position])
        }
        return String(decoding: octets, as: UTF8.self)
    }

    var bytes: [UInt8] { value.indices.map { value[$0] } }
}

/// Messages and attributes begin at multiples of four octets.
private func aligned(_ length: Int) -> Int { (length + 3) & ~3 }

extension Span<UInt8> {
    /// A number in the CPU's order, as netlink headers carry them. The caller checked the bounds.
    fileprivate func hostUInt16(at offset: Int) -> UInt16 {
        let bits = UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
        return UInt16(littleEndian: bits.littleEndian)
    }

    fileprivate func hostUInt32(at offset: Int) -> UInt32 {
        UInt32(hostUInt16(at: offset)) | UInt32(hostUInt16(at: offset + 2)) << 16
    }
}
