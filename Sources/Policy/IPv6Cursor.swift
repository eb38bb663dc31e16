/// Reads the text of an IPv6 address (RFC 4291 §2.2), group by group.
///
///     2001:db8::192.0.2.1
///     ^ group   ^ gap    ^ the last two groups as a dotted quad
struct IPv6Cursor {
    private let whole: Range<Int>
    private var position: Int
    private var groups = InlineArray<8, UInt16>(repeating: 0)
    private var count = 0
    /// How many groups were read before `::`.
    private var gap: Int?

    private init(_ range: Range<Int>) {
        whole = range
        position = range.lowerBound
    }

    /// Reads the whole of `range` as one address.
    static func address(in text: Span<UInt8>, _ range: Range<Int>) throws(Fault) -> Address {
        var cursor = IPv6Cursor(range)
        try cursor.readGroups(text)
        return try cursor.address()
    }

    private func fault(_ reason: String, at offset: Int? = nil) -> Fault {
        Fault(.address, quoting: whole, at: offset ?? position, reason)
    }

    private mutating func readGroups(_ text: Span<UInt8>) throws(Fault) {
        if skipGap(text) {
            gap = 0
        } else if text[position] == ASCII.colon {
            throw fault("it begins with a single colon")
        }
        // Each turn reads at least one digit, and the text ends.
        while position < whole.upperBound {
            guard count < 8 else { throw fault("an IPv6 address has eight groups") }
            try readGroup(text)
            guard position < whole.upperBound else { return }
            if skipGap(text) {
                guard gap == nil else {
                    throw fault("\"::\" can stand in an address only once", at: position - 2)
                }
                gap = count
            } else {
                position += 1
                guard position < whole.upperBound else {
                    throw fault("it ends in a single colon", at: position - 1)
                }
            }
        }
    }

    /// Reads hexadecimal digits up to a colon or the end, or a dotted quad up to the end.
    private mutating func readGroup(_ text: Span<UInt8>) throws(Fault) {
        let start = position
        var value: UInt16 = 0
        while position < whole.upperBound, let digit = text[position].hexadecimalDigit {
            guard position - start < 4 else {
                throw fault("a group has at most four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        if position < whole.upperBound, text[position] == ASCII.dot {
            return try readDottedQuad(text, from: start)
        }
        guard position > start, position == whole.upperBound || text[position] == ASCII.colon else {
            throw fault(refusal(of: text))
        }
        append(value)
    }

    private mutating func readDottedQuad(_ text: Span<UInt8>, from start: Int) throws(Fault) {
        guard count <= 6 else {
            throw fault("there is no room for an IPv4 address after seven groups", at: start)
        }
        let quad = try AddressGrammar.dottedQuad(
            in: text, start..<whole.upperBound, of: whole)
        append(UInt16(truncatingIfNeeded: quad >> 16))
        append(UInt16(truncatingIfNeeded: quad))
        position = whole.upperBound
    }

    private func refusal(of text: Span<UInt8>) -> String {
        guard position < whole.upperBound else { return "a group is empty" }
        return switch text[position] {
        case UInt8(ascii: "%"): "a zone is not allowed: an address means the same on every link"
        case ASCII.colon: "a group is empty"
        case ASCII.openingBracket, ASCII.closingBracket: "brackets enclose the whole address"
        default: "a group is made of hexadecimal digits"
        }
    }

    private mutating func append(_ group: UInt16) {
        groups[count] = group
        count += 1
    }

    private mutating func skipGap(_ text: Span<UInt8>) -> Bool {
        guard position + 1 < whole.upperBound, text[position] == ASCII.colon,
            text[position + 1] == ASCII.colon
        else { return false }
        position += 2
        return true
    }

    private func address() throws(Fault) -> Address {
        if gap == nil, count < 8 {
            throw fault("it has \(count) of eight groups", at: whole.lowerBound)
        }
        if gap != nil, count == 8 {
            throw fault("\"::\" stands for no group", at: whole.lowerBound)
        }
        let missing = 8 - count
        var bits: UInt128 = 0
        for index in 0..<count {
            if index == gap { bits = bits << (16 * UInt128(missing)) }
            bits = bits << 16 | UInt128(groups[index])
        }
        if gap == count { bits = bits << (16 * UInt128(missing)) }
        return Address(bits: bits, width: 128)
    }
}
