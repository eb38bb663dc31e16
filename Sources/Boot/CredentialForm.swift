/// What a credential looks like in a line of a file. Octets, not characters: boot waits for this.
enum CredentialForm: String {
    case privateKey = "a private key"
    case token = "a token"
    case password = "a password"
    case secret = "a secret"

    typealias Octets = ArraySlice<UInt8>

    /// The form that a line has; nil for a line that holds none.
    static func find(in line: Octets) -> CredentialForm? {
        let line = trimmed(line)
        guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";")
        else { return nil }
        if end(of: "-----BEGIN ", in: line) != nil, end(of: "PRIVATE KEY", in: line) != nil {
            return .privateKey
        }
        if holdsToken(line) { return .token }
        if holdsPasswordInURL(line) { return .password }
        if isPasswordOfNetrc(line) { return .password }
        return holdsAssignment(line) ? .secret : nil
    }

    /// How tokens of known services begin, and the fewest characters that follow.
    private static let tokens: [(prefix: StaticString, rest: Int)] = [
        ("ghp_", 30), ("gho_", 30), ("ghu_", 30), ("ghs_", 30), ("ghr_", 30),
        ("github_pat_", 20), ("glpat-", 18), ("sk-ant-", 20), ("sk-proj-", 20), ("AKIA", 16),
        ("ASIA", 16), ("xoxb-", 20), ("xoxp-", 20), ("AIza", 30), ("ya29.", 20), ("npm_", 30),
        ("hf_", 30), ("pypi-AgEI", 20), ("glc_", 20), ("dop_v1_", 30),
        ("rubygems_", 40),
    ]

    private static func holdsToken(_ line: Octets) -> Bool {
        for (prefix, rest) in tokens {
            var searched = line
            while let start = end(of: prefix, in: searched) {
                searched = line[start...]
                let tail = searched.prefix {
                    isLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
                }
                if tail.count >= rest { return true }
            }
        }
        return false
    }

    /// `https://user:password@host`, but for a reference to a variable.
    private static func holdsPasswordInURL(_ line: Octets) -> Bool {
        var searched = line
        while let start = end(of: "://", in: searched) {
            searched = line[start...]
            let authority = searched.prefix { !"/ \t\"'".utf8.contains($0) }
            if let at = authority.lastIndex(of: UInt8(ascii: "@")),
                let colon = authority[..<at].firstIndex(of: UInt8(ascii: ":")),
                isLiteral(authority[(colon + 1)..<at], atLeast: 1)
            {
                return true
            }
        }
        return false
    }

    /// A word `password` and the one after it, without a sign between them (netrc(5)).
    private static func isPasswordOfNetrc(_ line: Octets) -> Bool {
        let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let openings = ["machine", "login", "default", "password"]
        guard openings.contains(where: { words[0].elementsEqual($0.utf8) }),
            let index = words.firstIndex(where: { $0.elementsEqual("password".utf8) })
        else { return false }
        return index + 1 < words.count && isLiteral(words[index + 1], atLeast: 1)
    }

    /// Whether a value says itself and not where it is: no variable, no path, no command, no blank to
    /// fill in.
    static func isLiteral(_ value: Octets, atLeast length: Int) -> Bool {
        guard value.count >= length, let first = value.first else { return false }
        return !"$/~%<{(`*[".utf8.contains(first) && !value.contains { " (".utf8.contains($0) }
    }

    static func trimmed(_ text: Octets) -> Octets {
        var text = text
        while let first = text.first, " \t".utf8.contains(first) { text.removeFirst() }
        while let last = text.last, " \t\r".utf8.contains(last) { text.removeLast() }
        return text
    }

    /// Where `word` ends that is the first of its kind in `line`; nil where there is none.
    private static func end(of word: StaticString, in line: Octets) -> Int? {
        let count = word.utf8CodeUnitCount
        guard line.count >= count else { return nil }
        return word.withUTF8Buffer { word in
            for start in line.startIndex...(line.endIndex - count)
            where unsafe line[start] == word[0] {
                if unsafe line[start..<(start + count)].elementsEqual(word) { return start + count }
            }
            return nil
        }
    }

    static func isLetterOrDigit(_ octet: UInt8) -> Bool {
        (48...57).contains(octet) || (65...90).contains(octet) || (97...122).contains(octet)
    }
}
