/// What stands without quotes: truth, numbers, dates and times.
enum Word {
    struct Defect: Error { let reason: String }

    static func value(_ text: String) -> Result<Value, Defect> {
        switch text {
        case "true": return .success(.boolean(true))
        case "false": return .success(.boolean(false))
        default: break
        }
        if let number = integer(text) {
            return number.map { .success(.integer($0)) }
                ?? .failure(Defect(reason: "does not fit into 64 bits: use a smaller one"))
        }
        if isFloat(text) || isMoment(text) { return .success(.other(text)) }
        return .failure(Defect(reason: "is not a value: put a text in quotes"))
    }

    /// Nil where it is no integer, a nil inside where it is too large.
    private static func integer(_ text: String) -> Int?? {
        let bases = [("0x", 16), ("0o", 8), ("0b", 2)]
        if let (prefix, base) = bases.first(where: { text.hasPrefix($0.0) }) {
            let digits = text.dropFirst(prefix.utf8.count)
            guard areDigits(digits, base) else { return .none }
            return .some(Int(digits.filter { $0 != "_" }, radix: base))
        }
        guard isDecimal(text[...]) else { return .none }
        return .some(Int(text.filter { $0 != "_" }))
    }

    /// `-1_000`: no zero leads.
    private static func isDecimal(_ text: Substring) -> Bool {
        let digits = text.first == "+" || text.first == "-" ? text.dropFirst() : text
        return areDigits(digits, 10) && (digits.utf8.count == 1 || digits.first != "0")
    }

    /// Digits, each underscore between two of them.
    private static func areDigits(_ text: Substring, _ base: Int) -> Bool {
        let groups = text.split(separator: "_", omittingEmptySubsequences: false)
        return groups.allSatisfy { group in
            !group.isEmpty
                && group.allSatisfy { $0.isASCII && ($0.hexDigitValue ?? base) < base }
        }
    }

    private static func isFloat(_ text: String) -> Bool {
        var rest = text[...]
        if ["inf", "nan"].contains(rest.first == "+" || rest.first == "-" ? rest.dropFirst() : rest)
        {
            return true
        }
        var hasPart = false
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            let exponent = rest[rest.index(after: mark)...]
            let digits =
                exponent.first == "+" || exponent.first == "-" ? exponent.dropFirst() : exponent
            guard areDigits(digits, 10) else { return false }
            (rest, hasPart) = (rest[..<mark], true)
        }
        if let period = rest.firstIndex(of: ".") {
            guard areDigits(rest[rest.index(after: period)...], 10) else { return false }
            (rest, hasPart) = (rest[..<period], true)
        }
        return hasPart && isDecimal(rest)
    }

    // MARK: Dates and times (RFC 3339)

    private static func isMoment(_ text: String) -> Bool {
        guard text.utf8.count > 10 else { return isDate(text[...]) || isTime(text[...]) }
        let end = text.index(text.startIndex, offsetBy: 10)
        guard isDate(text[..<end]) else { return isTime(text[...]) }
        guard "Tt ".contains(text[end]) else { return false }
        var time = text[text.index(after: end)...]
        if time.last == "Z" || time.last == "z" {
            time = time.dropLast()
        } else if let sign = time.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            guard isClock(time[time.index(after: sign)...]) else { return false }
            time = time[..<sign]
        }
        return isTime(time)
    }

    static func isDate(_ text: Substring) -> Bool {
        guard let parts = numbers(text, "-", [4, 2, 2]), (1...12).contains(parts[1]) else {
            return false
        }
        let isLeap = parts[0] % 4 == 0 && (parts[0] % 100 != 0 || parts[0] % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][parts[1] - 1]
        return (1...days).contains(parts[2])
    }

    /// `07:32:00.5`
    private static func isTime(_ text: Substring) -> Bool {
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if halves.count == 2, !halves[1].utf8.allSatisfy(Octet.isDigit) || halves[1].isEmpty {
            return false
        }
        guard let parts = numbers(halves[0], ":", [2, 2, 2]) else { return false }
        // A leap second.
        return parts[0] < 24 && parts[1] < 60 && parts[2] < 61
    }

    private static func isClock(_ text: Substring) -> Bool {
        guard let parts = numbers(text, ":", [2, 2]) else { return false }
        return parts[0] < 24 && parts[1] < 60
    }

    /// Numbers of so many digits each.
    private static func numbers(_ text: Substring, _ separator: Character, _ digits: [Int])
        -> [Int]?
    {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == digits.count,
            zip(parts, digits).allSatisfy({
                $0.utf8.count == $1 && $0.utf8.allSatisfy(Octet.isDigit)
            })
        else { return nil }
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == parts.count ? numbers : nil
    }
}
