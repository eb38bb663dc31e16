/// Values: strings, arrays, inline tables, and words.
extension Parser {
    mutating func value(depth: Int) throws(Mistake) -> Value {
        switch next {
        case Octet.quote:
            return .string(
                take("\"\"\"") ? try longString(Octet.quote) : try basicString())
        case Octet.apostrophe:
            return .string(take("'''") ? try longString(Octet.apostrophe) : try literalString())
        case Octet.opening: return .array(try array(depth: depth + 1))
        case Octet.openingBrace: return .table(try inlineTable(depth: depth + 1))
        default: return try word()
        }
    }

    private mutating func array(depth: Int) throws(Mistake) -> [Node] {
        guard depth < Document.deepest else { throw tooDeep }
        advance()
        opened += 1
        var nodes: [Node] = []
        while true {
            try skipSpace()
            if take(Octet.closing) { break }
            let place = place
            nodes.append(Node(try value(depth: depth), at: place))
            try skipSpace()
            if take(Octet.closing) { break }
            guard take(Octet.comma) else {
                throw wrong("\(shownNext) is not expected in an array: write [A, B]")
            }
        }
        opened -= 1
        return nodes
    }

    private mutating func inlineTable(depth: Int) throws(Mistake) -> Table {
        guard depth < Document.deepest else { throw tooDeep }
        let table = OpenTable(.inline, at: place)
        advance()
        opened += 1
        skipBlanks()
        var isDone = take(Octet.closingBrace)
        while !isDone {
            skipBlanks()
            try readPair(into: table, depth: depth)
            skipBlanks()
            isDone = take(Octet.closingBrace)
            guard !isDone else { break }
            guard take(Octet.comma) else {
                throw wrong(
                    "\(shownNext) is not expected in a table: write { A = 1, B = 2 } on one line")
            }
        }
        opened -= 1
        return table.frozen
    }

    /// Blanks, line ends and comments, as an array may have them.
    private mutating func skipSpace() throws(Mistake) {
        while true {
            skipBlanks()
            try skipComment()
            guard isAtLineEnd else { return }
            skipLineEnd()
        }
    }

    // MARK: Strings

    /// `"…"`
    mutating func basicString() throws(Mistake) -> String {
        advance()
        var text: [UInt8] = []
        while let octet = next, !isAtLineEnd {
            if take(Octet.quote) { return String(decoding: text, as: UTF8.self) }
            if octet == Octet.backslash {
                text += try escape()
            } else {
                text.append(try plain())
            }
        }
        throw isOpen
    }

    /// `'…'`
    mutating func literalString() throws(Mistake) -> String {
        advance()
        var text: [UInt8] = []
        while next != nil, !isAtLineEnd {
            if take(Octet.apostrophe) { return String(decoding: text, as: UTF8.self) }
            text.append(try plain())
        }
        throw isOpen
    }

    private var isOpen: Mistake { wrong("a text has no end: put the same quote behind it") }

    private mutating func plain() throws(Mistake) -> UInt8 {
        guard let octet = next, !Octet.isControl(octet) else {
            throw wrong("a control character is in a text: write it as in \\u001B")
        }
        advance()
        return octet
    }

    /// What follows three quotes. Line ends become line feeds.
    private mutating func longString(_ quote: UInt8) throws(Mistake) -> String {
        let opened = line
        if isAtLineEnd { skipLineEnd() }
        var text: [UInt8] = []
        while let octet = next {
            if octet == quote {
                var count = 0
                while count < 5, take(quote) { count += 1 }
                // Two of them may stand before those that end it.
                if count >= 3 {
                    text += [UInt8](repeating: quote, count: count - 3)
                    return String(decoding: text, as: UTF8.self)
                }
                text += [UInt8](repeating: quote, count: count)
            } else if isAtLineEnd {
                skipLineEnd()
                text.append(Octet.lineFeed)
            } else if octet == Octet.backslash, quote == Octet.quote {
                if !skipJoint() { text += try escape() }
            } else {
                text.append(try plain())
            }
        }
        throw Mistake(line: opened, reason: "a text has no end: put three of its quotes behind it")
    }

    /// A backslash at the end of a line joins it with the next that is not empty.
    private mutating func skipJoint() -> Bool {
        var distance = 1
        while let octet = octet(distance), octet == Octet.space || octet == Octet.tab {
            distance += 1
        }
        let isCarriageReturn = octet(distance) == Octet.carriageReturn
        guard octet(isCarriageReturn ? distance + 1 : distance) == Octet.lineFeed else {
            return false
        }
        advance(distance)
        while true {
            skipBlanks()
            guard isAtLineEnd else { return true }
            skipLineEnd()
        }
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "t"): 0x09, UInt8(ascii: "n"): 0x0a,
        UInt8(ascii: "f"): 0x0c, UInt8(ascii: "r"): 0x0d, Octet.quote: Octet.quote,
        Octet.backslash: Octet.backslash,
    ]

    private mutating func escape() throws(Mistake) -> [UInt8] {
        advance()
        guard let kind = next else { throw isOpen }
        if let octet = Self.escapes[kind] {
            advance()
            return [octet]
        }
        let digits = kind == UInt8(ascii: "u") ? 4 : kind == UInt8(ascii: "U") ? 8 : 0
        var number: UInt32 = 0
        for distance in 0..<digits {
            guard let octet = octet(distance + 1),
                let digit = Character(Unicode.Scalar(octet)).hexDigitValue,
                octet < 0x80
            else { throw noEscape }
            number = number << 4 | UInt32(digit)
        }
        guard digits > 0, let scalar = Unicode.Scalar(number) else { throw noEscape }
        advance(digits + 1)
        return Array(String(scalar).utf8)
    }

    private var noEscape: Mistake {
        wrong("a backslash is not expected here: double it, or put the text in single quotes")
    }

    // MARK: Words

    private mutating func word() throws(Mistake) -> Value {
        let start = position
        skipWord()
        // A date and its time may have a blank between.
        if position - start == 10, next == Octet.space, let digit = octet(1), Octet.isDigit(digit),
            Word.isDate(text(from: start)[...])
        {
            advance()
            skipWord()
        }
        let text = text(from: start)
        guard !text.isEmpty else {
            throw wrong("\(shownNext) is not a value: put a text in quotes")
        }
        switch Word.value(text) {
        case .success(let value): return value
        case .failure(let defect): throw wrong("\(text) \(defect.reason)")
        }
    }

    private mutating func skipWord() {
        while let octet = next,
            Octet.isBare(octet) || octet == Octet.period || octet == Octet.plus
                || octet == Octet.colon
        { advance() }
    }
}
