/// What a message is written with. Every field checks its room first, so that a full output is
/// thrown, never trapped; on `noRoom` the output holds a broken beginning and must be dropped.
extension OutputSpan where Element == UInt8 {
    @_lifetime(self: copy self)
    @inline(__always)
    public mutating func put(_ octet: UInt8) throws(WireError) {
        guard freeCapacity >= 1 else { throw .noRoom }
        append(octet)
    }

    @_lifetime(self: copy self)
    @inline(__always)
    public mutating func put(_ value: UInt16) throws(WireError) {
        guard freeCapacity >= 2 else { throw .noRoom }
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    @_lifetime(self: copy self)
    @inline(__always)
    public mutating func put(_ value: UInt32) throws(WireError) {
        guard freeCapacity >= 4 else { throw .noRoom }
        append(UInt8(truncatingIfNeeded: value >> 24))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    @_lifetime(self: copy self)
    public mutating func put(_ value: UInt64) throws(WireError) {
        try put(UInt32(truncatingIfNeeded: value >> 32))
        try put(UInt32(truncatingIfNeeded: value))
    }

    @_lifetime(self: copy self)
    public mutating func put(_ octets: Span<UInt8>) throws(WireError) {
        guard freeCapacity >= octets.count else { throw .noRoom }
        for index in octets.indices { append(octets[index]) }
    }

    @_lifetime(self: copy self)
    public mutating func put(_ header: Header) throws(WireError) {
        guard freeCapacity >= Header.length else { throw .noRoom }
        try put(header.identifier)
        try put(header.flags.rawValue)
        try put(header.questionCount)
        try put(header.answerCount)
        try put(header.authorityCount)
        try put(header.additionalCount)
    }

    /// A question whose name carries the capitals of `letterCase`.
    @_lifetime(self: copy self)
    public mutating func put(
        _ question: borrowing Question, letterCase: LetterCase = LetterCase()
    ) throws(WireError) {
        let octets = question.name.octets
        guard freeCapacity >= octets.count + 4 else { throw .noRoom }
        if letterCase.isEmpty {
            try put(octets)
        } else {
            for index in octets.indices {
                append(letterCase.contains(index) ? octets[index] & ~0x20 : octets[index])
            }
        }
        try put(question.type.rawValue)
        try put(question.recordClass.rawValue)
    }
}

/// Records. An owner is always a pointer to a name that is already in the message, such as the
/// question's, which stands right after the header.
extension OutputSpan where Element == UInt8 {
    @_lifetime(self: copy self)
    @inline(__always)
    public mutating func putRecord(
        owner: Int, _ type: RecordType, timeToLive: UInt32, dataLength: Int
    ) throws(WireError) {
        guard freeCapacity >= 12 + dataLength, owner < 0x4000 else { throw .noRoom }
        try put(0xc000 | UInt16(truncatingIfNeeded: owner))
        try put(type.rawValue)
        try put(RecordClass.internet.rawValue)
        try put(timeToLive)
        try put(UInt16(truncatingIfNeeded: dataLength))
    }

    /// The SOA record that says for how many seconds a negative answer may be kept.
    ///
    /// Its names say that nobody stands behind it: primary `localhost`, mailbox `nobody.invalid`.
    ///
    /// - SeeAlso: RFC 2308 §3, §5
    @_lifetime(self: copy self)
    public mutating func putNegativeAuthority(
        owner: Int, timeToLive: UInt32
    ) throws(WireError) {
        let data = NegativeAuthority.data
        try putRecord(owner: owner, .soa, timeToLive: timeToLive, dataLength: data.count + 4)
        for index in data.indices { append(data[index]) }
        try put(timeToLive)
    }

    /// The one record that answers a question for everything: HINFO, "RFC8482", "".
    ///
    /// - SeeAlso: RFC 8482 §4.2
    @_lifetime(self: copy self)
    public mutating func putMinimalAny(owner: Int, timeToLive: UInt32) throws(WireError) {
        try putRecord(owner: owner, .hinfo, timeToLive: timeToLive, dataLength: 9)
        try put(7 as UInt8)
        for octet in "RFC8482".utf8 { append(octet) }
        try put(0 as UInt8)
    }

    /// The OPT record, with the error's text cut to the room that is left.
    @_lifetime(self: copy self)
    public mutating func put(_ options: ExtendedOptions) throws(WireError) {
        guard freeCapacity >= ExtendedOptions.emptyLength else { throw .noRoom }
        append(0)
        try put(RecordType.opt.rawValue)
        try put(options.payloadSize)
        append(options.extendedResponseCode)
        append(options.version)
        try put((options.isDNSSECWanted ? 0x8000 : 0) as UInt16)
        guard let error = options.extendedError, freeCapacity >= 8 else {
            return try put(0 as UInt16)
        }
        let text = min(error.text.utf8.count, freeCapacity - 8)
        try put(UInt16(truncatingIfNeeded: 6 + text))
        try put(ExtendedError.option)
        try put(UInt16(truncatingIfNeeded: 2 + text))
        try put(error.code.rawValue)
        for octet in error.text.utf8.prefix(text) { append(octet) }
    }
}

/// The data of the SOA record of an answer that was made here, but for its last number.
private enum NegativeAuthority {
    static let data: [UInt8] =
        [9] + Array("localhost".utf8) + [0, 6] + Array("nobody".utf8) + [7]
        + Array("invalid".utf8) + [0]
        // Serial 1, refresh 3600, retry 1200, expire 604800.
        + [0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 4, 176, 0, 9, 58, 128]
}
