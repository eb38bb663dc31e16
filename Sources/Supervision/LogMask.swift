import Secrets

/// What the log must not show, and a message without it. The last net: no line is meant to have it.
///
/// A secret is known by every run of eight octets that it has, so that one that was cut, quoted or
/// split in two before it came here is found, too.
struct LogMask {
    private static let run = 8
    private static let replacement = Array("[hidden]".utf8)
    /// Octets of a value that are looked at.
    private static let longest = 16 << 10

    /// The same of a secret that is looked at anew for each line.
    private static let longestOffered = 512

    private var runs: Set<UInt64> = []

    /// Hides `value` from now on; one shorter than eight octets would hide parts of words.
    mutating func hide(_ value: String) {
        var window: UInt64 = 0
        for (index, octet) in value.utf8.prefix(Self.longest).enumerated() {
            window = window << 8 | UInt64(octet)
            if index + 1 >= Self.run { runs.insert(window) }
        }
    }

    /// Hides the values of variables that are named like a secret. A path or an address is none,
    /// but for the credentials in it, which `applied(to:)` knows by their form.
    mutating func hideSecrets(of environment: [String: String]) {
        for (name, value) in environment
        where Self.isNamedLikeASecret(name) && !Self.isPlace(value) { hide(value) }
    }

    private static func isPlace(_ value: String) -> Bool {
        value.hasPrefix("/") || value.drop { $0 != ":" }.hasPrefix("://")
    }

    private static func isNamedLikeASecret(_ name: String) -> Bool {
        let words = name.uppercased().split(separator: "_")
        let marks: Set<Substring> = [
            "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASS", "PAT", "KEY", "AUTH", "CREDENTIAL",
            "CREDENTIALS", "APIKEY", "HEADERS",
        ]
        return words.contains(where: marks.contains)
    }

    /// - Parameter others: secrets that this has no copy of.
    func applied(to message: String, besides others: [Secret] = []) -> String {
        let octets = Array(message.utf8)
        var hidden = [Bool](repeating: false, count: octets.count)
        markRuns(octets, &hidden)
        for secret in others { secret.withBytes { Self.markRuns(of: $0, octets, &hidden) } }
        markCredentials(octets, &hidden)
        guard hidden.contains(true) else { return message }
        var shown: [UInt8] = []
        for index in octets.indices {
            if !hidden[index] {
                shown.append(octets[index])
            } else if index == 0 || !hidden[index - 1] {
                shown += Self.replacement
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    private func markRuns(_ octets: [UInt8], _ hidden: inout [Bool]) {
        guard !runs.isEmpty else { return }
        var window: UInt64 = 0
        for (index, octet) in octets.enumerated() {
            window = window << 8 | UInt64(octet)
            guard index + 1 >= Self.run, runs.contains(window) else { continue }
            for position in (index + 1 - Self.run)...index { hidden[position] = true }
        }
    }

    private static func markRuns(
        of secret: Span<UInt8>, _ octets: [UInt8], _ hidden: inout [Bool]
    ) {
        let count = min(secret.count, longestOffered)
        guard count >= run, octets.count >= run else { return }
        for start in 0...(count - run) {
            for place in 0...(octets.count - run)
            where (0..<run).allSatisfy({ octets[place + $0] == secret[start + $0] }) {
                for position in place..<(place + run) { hidden[position] = true }
            }
        }
    }

    /// What is before the last `@` of a word that has a `:` before it: `user:token@host`, with or
    /// without the scheme of an address (RFC 3986 §3.2.1).
    private func markCredentials(_ octets: [UInt8], _ hidden: inout [Bool]) {
        for word in octets.indices.split(whereSeparator: { Self.endsAWord(octets[$0]) }) {
            guard let at = word.last(where: { octets[$0] == 0x40 }) else { continue }
            let before = word.prefix { $0 < at }
            guard before.contains(where: { octets[$0] == 0x3a }) else { continue }
            // A password may have any character: all from the authority's begin to the last `@`.
            let authority = before.first {
                $0 > before.startIndex + 1 && octets[$0 - 1] == 0x2f && octets[$0 - 2] == 0x2f
            }
            for position in (authority ?? before.startIndex)..<at { hidden[position] = true }
        }
    }

    private static func endsAWord(_ octet: UInt8) -> Bool {
        octet <= 0x20 || octet == 0x22 || octet == 0x27 || octet == 0x3c || octet == 0x3e
    }
}
