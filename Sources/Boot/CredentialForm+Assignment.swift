/// NAME=VALUE and its like, wherever in a line: an assignment of a shell's, a key of JSON or YAML, an
/// element of XML.
extension CredentialForm {
    private static let marks: Set<String> = [
        "token", "secret", "password", "passwd", "pat", "apikey", "authtoken", "credential",
    ]
    private static let keys: Set<String> = ["api", "access", "private", "secret", "client", "key"]
    /// What a mark before it is about, and is not.
    private static let others: Set<String> = [
        "file", "dir", "path", "url", "command", "helper", "name", "id", "type", "store",
    ]

    /// The fewest octets of a value; people choose passwords.
    private static let (fewest, fewestOfPassword) = (8, 6)
    /// The longest name that is looked at, in octets.
    private static let longestName = 128

    static func holdsAssignment(_ line: Octets) -> Bool {
        // A symbol of Ruby's in YAML: `:rubygems_api_key: …`.
        let line = line.first == colon ? line.dropFirst() : line
        var isFirst = true
        for index in line.indices {
            let octet = line[index]
            if octet == UInt8(ascii: "<"), isElement(line[(index + 1)...]) { return true }
            guard octet == equals || octet == colon else { continue }
            // npm's //registry.example/:_authToken=… has the name behind the colon.
            if octet == colon, isFirst, line.starts(with: "//".utf8) { continue }
            let rest = line[(index + 1)...]
            defer { isFirst = false }
            guard let fewest = fewestOctets(of: line[..<index]) else { continue }
            let value = isFirst ? wholeValue(rest) : value(rest, after: octet)
            if let value, isLiteral(value, atLeast: fewest) { return true }
        }
        return false
    }

    private static let (equals, colon) = (UInt8(ascii: "="), UInt8(ascii: ":"))

    /// The value behind the first sign of a line: all that follows it, or what its quotes hold.
    private static func wholeValue(_ rest: Octets) -> Octets? {
        if let quoted = quoted(rest) { return quoted }
        var value = trimmed(rest)
        while let last = value.last, ",;".utf8.contains(last) { value.removeLast() }
        return trimmed(value)
    }

    /// The value behind a later sign: in quotes, or up to what ends a word. A colon without quotes is
    /// that of a path, a time or a sentence.
    private static func value(_ rest: Octets, after sign: UInt8) -> Octets? {
        if let quoted = quoted(rest) { return quoted }
        return sign == equals ? rest.prefix { !" \t\"',;&)}".utf8.contains($0) } : nil
    }

    private static func quoted(_ rest: Octets) -> Octets? {
        let rest = trimmed(rest)
        guard let quote = rest.first, "\"'".utf8.contains(quote) else { return nil }
        return rest.dropFirst().prefix { $0 != quote }
    }

    /// `NAME>VALUE</…`
    private static func isElement(_ rest: Octets) -> Bool {
        let name = rest.prefix(longestName).prefix {
            isLetterOrDigit($0) || "_-.".utf8.contains($0)
        }
        guard !name.isEmpty, name.endIndex < rest.endIndex, rest[name.endIndex] == UInt8(ascii: ">")
        else { return false }
        guard let fewest = fewestOctets(of: name) else { return false }
        let value = rest[(name.endIndex + 1)...].prefix { $0 != UInt8(ascii: "<") }
        return isLiteral(value, atLeast: fewest)
    }

    /// How long a value is at least that belongs to the last name of a text; nil where that is no
    /// secret's.
    private static func fewestOctets(of text: Octets) -> Int? {
        let name = name(endingIn: text)
        guard !name.contains(UInt8(ascii: "$")) else { return nil }
        let words = words(name)
        guard isSensitive(words) else { return nil }
        return words.last == "password" || words.last == "passwd" ? fewestOfPassword : fewest
    }

    /// The last name of a text.
    private static func name(endingIn text: Octets) -> Octets {
        var text = text.suffix(longestName)
        while let last = text.last, " \t\"'".utf8.contains(last) { text.removeLast() }
        let ends = " \t/:={,;&?(\"'".utf8
        return text.lastIndex { ends.contains($0) }.map { text[($0 + 1)...] } ?? text
    }

    private static func isSensitive(_ words: [String]) -> Bool {
        guard let last = words.last else { return false }
        if marks.contains(last) || last == "auth" { return true }
        let before = words.dropLast().last ?? ""
        if last == "key" || last == "data" { return keys.contains(before) }
        // TOKEN_GITHUB, SECRET_ONE: the mark stands first.
        return words.count == 2 && marks.contains(before) && !others.contains(last)
    }

    /// `GH_TOKEN`, `accessToken` and `_authToken` as lower-case words.
    private static func words(_ name: Octets) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var wasLower = false
        for octet in name {
            let isUpper = (65...90).contains(octet)
            if !isLetterOrDigit(octet) || (isUpper && wasLower) {
                if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
            }
            if isLetterOrDigit(octet) { word.append(isUpper ? octet + 32 : octet) }
            wasLower = isLetterOrDigit(octet) && !isUpper
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
