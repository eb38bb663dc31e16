/// Reads statements one after another; what is wrong with one does not keep it from the next.
struct Parser {
    private let octets: [UInt8]
    let file: String
    private(set) var position = 0
    private(set) var line = 1

    let root: OpenTable
    /// What keys belong to, and how deep in the document it is.
    private var current: OpenTable
    private var depth = 0
    private(set) var mistakes: [Mistake] = []
    /// Brackets and braces of a value that are open.
    var opened = 0

    init(_ octets: [UInt8], file: String) {
        (self.octets, self.file) = (octets, file)
        root = OpenTable(.header, at: Place(file: file, line: 0))
        current = root
        // A byte order mark.
        if octets.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    var place: Place { Place(file: file, line: line) }

    func wrong(_ reason: String) -> Mistake { Mistake(line: line, reason: reason) }

    // MARK: The cursor

    /// Nil at the end.
    var next: UInt8? { position < octets.count ? octets[position] : nil }
    var isAtEnd: Bool { position == octets.count }

    func octet(_ distance: Int) -> UInt8? {
        position + distance < octets.count ? octets[position + distance] : nil
    }

    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count {
            guard position < octets.count else { return }
            if octets[position] == Octet.lineFeed { line += 1 }
            position += 1
        }
    }

    /// Goes past `octet` where it comes next.
    mutating func take(_ octet: UInt8) -> Bool {
        guard next == octet else { return false }
        advance()
        return true
    }

    mutating func take(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount <= octets.count - position else { return false }
        let wanted = "\(text)".utf8
        guard octets[position...].starts(with: wanted) else { return false }
        advance(wanted.count)
        return true
    }

    /// The octets from `start` to here.
    func text(from start: Int) -> String {
        String(decoding: octets[start..<position], as: UTF8.self)
    }

    mutating func skipBlanks() {
        while next == Octet.space || next == Octet.tab { advance() }
    }

    /// A line feed, or a carriage return before one.
    var isAtLineEnd: Bool {
        next == Octet.lineFeed || (next == Octet.carriageReturn && octet(1) == Octet.lineFeed)
    }

    mutating func skipLineEnd() { advance(next == Octet.carriageReturn ? 2 : 1) }

    /// Up to the end of the line.
    mutating func skipComment() throws(Mistake) {
        guard next == Octet.hash else { return }
        while let octet = next, !isAtLineEnd {
            if Octet.isControl(octet) {
                throw wrong("a control character is in a comment: take it out")
            }
            advance()
        }
    }

    // MARK: Statements

    /// Each turn takes an octet at least.
    mutating func readDocument() {
        while !isAtEnd, mistakes.count < Document.mostMistakes {
            let start = line
            opened = 0
            do throws(Mistake) {
                try readLine()
            } catch {
                mistakes.append(error)
                // The lines of a value that goes on are no statements.
                guard opened == 0, line == start else { return }
                while !isAtEnd, !isAtLineEnd { advance() }
                if !isAtEnd { skipLineEnd() }
            }
        }
    }

    private mutating func readLine() throws(Mistake) {
        skipBlanks()
        switch next {
        case nil, Octet.hash: break
        case Octet.lineFeed, Octet.carriageReturn: break
        case Octet.opening: try readHeader()
        default: try readPair(into: current, depth: depth)
        }
        skipBlanks()
        try skipComment()
        guard !isAtEnd else { return }
        guard isAtLineEnd else {
            throw wrong("\(shownNext) is not expected here: a line ends after its value")
        }
        skipLineEnd()
    }

    private mutating func readHeader() throws(Mistake) {
        let place = place
        let isArray = octet(1) == Octet.opening
        // Until it is understood, keys below it belong to nobody.
        current = OpenTable(.header, at: place)
        advance(isArray ? 2 : 1)
        skipBlanks()
        let path = try key()
        skipBlanks()
        guard take(Octet.closing), !isArray || take(Octet.closing) else {
            throw wrong("\(shownNext) is not expected in a header: write [name] or [[name]]")
        }
        guard path.count < Document.deepest else { throw tooDeep }
        var parent = root
        for name in path.dropLast() { parent = try parent.inner(name, at: place) }
        let name = path[path.count - 1]
        current =
            isArray ? try parent.appended(name, at: place) : try parent.defined(name, at: place)
        depth = path.count
    }

    /// `a.b = value`
    mutating func readPair(into table: OpenTable, depth: Int) throws(Mistake) {
        let place = place
        let path = try key()
        skipBlanks()
        guard take(Octet.equals) else {
            throw wrong("\(shownNext) is not expected after a key: write KEY = VALUE")
        }
        skipBlanks()
        guard depth + path.count < Document.deepest else { throw tooDeep }
        var table = table
        for name in path.dropLast() { table = try table.dotted(name, at: place) }
        let value = try value(depth: depth + path.count)
        try table.add(path[path.count - 1], value, at: place)
    }

    var tooDeep: Mistake {
        wrong("tables and arrays are more than \(Document.deepest) deep: make it flatter")
    }

    // MARK: Keys

    /// Names with periods between, blanks around those allowed.
    mutating func key() throws(Mistake) -> [String] {
        var parts = [try name()]
        while true {
            skipBlanks()
            guard take(Octet.period) else { return parts }
            skipBlanks()
            // Long before it costs anything.
            guard parts.count < Document.deepest else { throw tooDeep }
            parts.append(try name())
        }
    }

    private mutating func name() throws(Mistake) -> String {
        switch next {
        case Octet.quote:
            guard octet(1) != Octet.quote || octet(2) != Octet.quote else {
                throw wrong("a key has one quote on each side: take the others out")
            }
            return try basicString()
        case Octet.apostrophe:
            guard octet(1) != Octet.apostrophe || octet(2) != Octet.apostrophe else {
                throw wrong("a key has one quote on each side: take the others out")
            }
            return try literalString()
        default: break
        }
        let start = position
        while let octet = next, Octet.isBare(octet) { advance() }
        guard position > start else {
            throw wrong("\(shownNext) is not a key: quote it as in \"a b\"")
        }
        return text(from: start)
    }

    /// What comes next, for a message.
    var shownNext: String {
        guard let octet = next, !isAtLineEnd else {
            return isAtEnd ? "the end of the file" : "the end of the line"
        }
        guard !Octet.isControl(octet), octet != Octet.tab else { return "a control character" }
        let scalar = String(decoding: octets[position...].prefix(4), as: UTF8.self).unicodeScalars
            .first
        return "'\(scalar.map { String($0) } ?? "")'"
    }
}

enum Octet {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0a
    static let carriageReturn: UInt8 = 0x0d
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let hash = UInt8(ascii: "#")
    static let apostrophe = UInt8(ascii: "'")
    static let comma = UInt8(ascii: ",")
    static let period = UInt8(ascii: ".")
    static let plus = UInt8(ascii: "+")
    static let colon = UInt8(ascii: ":")
    static let equals = UInt8(ascii: "=")
    static let opening = UInt8(ascii: "[")
    static let backslash = UInt8(ascii: "\\")
    static let closing = UInt8(ascii: "]")
    static let openingBrace = UInt8(ascii: "{")
    static let closingBrace = UInt8(ascii: "}")

    /// Not the tab, which may stand everywhere.
    static func isControl(_ octet: UInt8) -> Bool {
        (octet < 0x20 && octet != tab) || octet == 0x7f
    }

    static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    /// `A-Za-z0-9_-`
    static func isBare(_ octet: UInt8) -> Bool {
        isDigit(octet) || (0x41...0x5a).contains(octet) || (0x61...0x7a).contains(octet)
            || octet == 0x5f || octet == 0x2d
    }
}
