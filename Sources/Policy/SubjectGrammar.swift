/// A rule before its name is stored: what a line says, by offsets into the line.
struct ParsedRule {
    enum Subject {
        /// The name itself is in these bytes of the line, not yet read.
        case name(NameScope, Range<Int>)
        case addresses(AddressRange)
    }

    let subject: Subject
    /// What follows the colon; `nil` without a colon.
    let service: Range<Int>?
}

/// Which names a rule with a name is about.
enum NameScope: UInt8 {
    case exact, below, apexAndBelow
}

/// Tells names from addresses, and subjects from ports.
enum SubjectGrammar {
    static func rule(in text: Span<UInt8>, _ line: Range<Int>) throws(Fault) -> ParsedRule {
        if text[line.lowerBound] == ASCII.openingBracket {
            return try bracketedRule(in: text, line)
        }
        let colon = text.firstPosition(of: ASCII.colon, in: line)
        let slash = text.firstPosition(of: ASCII.slash, in: line)
        let head = line.lowerBound..<min(colon ?? line.upperBound, slash ?? line.upperBound)
        if let colon {
            if isIPv6(text, line, firstColon: colon) { return try bareIPv6Rule(in: text, line) }
            let afterColon = colon + 1..<line.upperBound
            guard !text.holds("//", in: afterColon.prefix(2)) else {
                throw Fault(
                    .domainName, quoting: line, at: colon,
                    "a scheme is not allowed: write only the host name")
            }
        }
        if isIPv4Like(text, head) {
            let end = colon ?? line.upperBound
            let range = try AddressGrammar.range(in: text, line.lowerBound..<end)
            return ParsedRule(
                subject: .addresses(range), service: colon.map { $0 + 1..<line.upperBound })
        }
        if let slash, head.upperBound == slash {
            throw pathFault(in: text, line, slash: slash)
        }
        return ParsedRule(
            subject: try scopedName(in: text, head), service: colon.map { $0 + 1..<line.upperBound }
        )
    }

    /// `[2001:db8::1]`, `[2001:db8::/32]:443`.
    private static func bracketedRule(
        in text: Span<UInt8>, _ line: Range<Int>
    ) throws(Fault) -> ParsedRule {
        guard let closing = text.firstPosition(of: ASCII.closingBracket, in: line) else {
            throw Fault(.addressRange, quoting: line, "the closing bracket is missing")
        }
        let inside = line.lowerBound + 1..<closing
        let range = try AddressGrammar.range(in: text, inside)
        guard !range.base.isIPv4 else {
            throw Fault(.addressRange, quoting: line, "brackets are for IPv6 only")
        }
        let rest = closing + 1..<line.upperBound
        guard !rest.isEmpty else {
            return ParsedRule(subject: .addresses(range), service: nil)
        }
        guard text[rest.lowerBound] == ASCII.colon else {
            throw Fault(
                .addressRange, quoting: line, at: rest.lowerBound,
                "after the closing bracket only a colon and ports may follow")
        }
        return ParsedRule(
            subject: .addresses(range), service: rest.lowerBound + 1..<line.upperBound)
    }

    /// `2001:db8::1`, `2001:db8::/32`; ports need brackets, because colons are taken.
    private static func bareIPv6Rule(
        in text: Span<UInt8>, _ line: Range<Int>
    ) throws(Fault) -> ParsedRule {
        if let slash = text.firstPosition(of: ASCII.slash, in: line),
            let colon = text.firstPosition(of: ASCII.colon, in: slash..<line.upperBound)
        {
            throw Fault(
                .addressRange, quoting: line, at: colon,
                "brackets are missing: write \"[address/length]:port\"")
        }
        let range = try AddressGrammar.range(in: text, line)
        return ParsedRule(subject: .addresses(range), service: nil)
    }

    /// Two colons, and nothing but hexadecimal digits before the first: no name looks like that.
    private static func isIPv6(
        _ text: Span<UInt8>, _ line: Range<Int>, firstColon: Int
    ) -> Bool {
        for position in line.lowerBound..<firstColon
        where text[position].hexadecimalDigit == nil { return false }
        let rest = firstColon + 1..<line.upperBound
        return text.firstPosition(of: ASCII.colon, in: rest) != nil
    }

    /// Digits and dots alone, beginning with a digit: meant as an IPv4 address.
    private static func isIPv4Like(_ text: Span<UInt8>, _ head: Range<Int>) -> Bool {
        guard !head.isEmpty, text[head.lowerBound].isASCIIDigit else { return false }
        for position in head
        where !text[position].isASCIIDigit && text[position] != ASCII.dot { return false }
        return true
    }

    /// The name in `head`, and whether it stands for what is below it.
    private static func scopedName(
        in text: Span<UInt8>, _ head: Range<Int>
    ) throws(Fault) -> ParsedRule.Subject {
        guard let first = head.first else {
            throw Fault(.domainName, quoting: head, "the name is missing")
        }
        let second = first + 1 < head.upperBound ? text[first + 1] : nil
        let scope: NameScope
        let name: Range<Int>
        switch (text[first], second) {
        case (ASCII.star, nil):
            throw Fault(.rule, quoting: head, "it would open every name: name the domains")
        case (ASCII.star, ASCII.dot):
            (scope, name) = (.below, first + 2..<head.upperBound)
        case (ASCII.dot, _):
            (scope, name) = (.apexAndBelow, first + 1..<head.upperBound)
        default:
            return .name(.exact, head)
        }
        guard !name.isEmpty else {
            throw Fault(.rule, quoting: head, "it would open every name: name the domains")
        }
        // The dot after a top-level domain is either absent or the last character.
        let dot = text.firstPosition(of: ASCII.dot, in: name)
        guard let dot, dot < name.upperBound - 1 else {
            throw Fault(
                .rule, quoting: head,
                "it would open every name below a top-level domain: name the domains")
        }
        return .name(scope, name)
    }

    private static func pathFault(
        in text: Span<UInt8>, _ line: Range<Int>, slash: Int
    ) -> Fault {
        let rest = slash + 1..<line.upperBound
        guard text.holds("udp", in: rest) || text.holds("tcp", in: rest) else {
            return Fault(
                .domainName, quoting: line, at: slash,
                "a path is not allowed: write only the host name")
        }
        return Fault(
            .rule, quoting: line, at: slash,
            "a transport needs ports before it, as in \":443/udp\"")
    }
}
