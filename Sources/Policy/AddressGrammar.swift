/// Addresses and ranges as text, read straight from bytes.
enum AddressGrammar {
    /// Reads an IPv4 address, or an IPv6 address if there is a colon.
    static func address(in text: Span<UInt8>, _ range: Range<Int>) throws(Fault) -> Address {
        guard !range.isEmpty else {
            throw Fault(.address, quoting: range, "the address is missing")
        }
        if text.firstPosition(of: ASCII.colon, in: range) == nil {
            return .v4(try dottedQuad(in: text, range, of: range))
        }
        return try IPv6Cursor.address(in: text, range)
    }

    /// Reads an address, and if there is a slash a prefix length.
    static func range(in text: Span<UInt8>, _ range: Range<Int>) throws(Fault) -> AddressRange {
        guard let slash = text.firstPosition(of: ASCII.slash, in: range) else {
            return AddressRange(try address(in: text, range))
        }
        let base = try address(in: text, range.lowerBound..<slash)
        let digits = slash + 1..<range.upperBound
        guard let length = number(in: text, digits), length <= base.width else {
            throw Fault(
                .addressRange, quoting: range, at: slash + 1,
                "a prefix length is a number from 0 to \(base.width)")
        }
        guard let result = AddressRange(base: base, prefixLength: length) else {
            let corrected = AddressRange(around: base, prefixLength: length)
            throw Fault(
                .addressRange, quoting: range,
                "bits beyond the prefix are set: write \"\(corrected)\"")
        }
        return result
    }

    /// Reads four numbers from 0 to 255 with dots between.
    ///
    /// Leading zeros are refused: inet_aton(3) reads them as octal, others as decimal.
    static func dottedQuad(
        in text: Span<UInt8>, _ range: Range<Int>, of whole: Range<Int>
    ) throws(Fault) -> UInt32 {
        var bits: UInt32 = 0
        var start = range.lowerBound
        for place in 1...4 {
            let rest = start..<range.upperBound
            let dot = text.firstPosition(of: ASCII.dot, in: rest)
            let end = place == 4 ? range.upperBound : dot ?? range.upperBound
            guard place == 4 || dot != nil, let octet = number(in: text, start..<end), octet < 256
            else {
                throw Fault(
                    .address, quoting: whole, at: start,
                    "an IPv4 address is four numbers from 0 to 255, without leading zeros")
            }
            bits = bits << 8 | UInt32(octet)
            start = end + 1
        }
        return bits
    }

    /// Reads one to five decimal digits without a leading zero; `nil` for anything else.
    static func number(in text: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard 1...5 ~= range.count else { return nil }
        if range.count > 1, text[range.lowerBound] == UInt8(ascii: "0") { return nil }
        var value = 0
        for position in range {
            guard text[position].isASCIIDigit else { return nil }
            value = value * 10 + Int(text[position] - UInt8(ascii: "0"))
        }
        return value
    }
}
