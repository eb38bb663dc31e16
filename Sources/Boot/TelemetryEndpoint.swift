import Policy

/// Where telemetry goes: an https address whose host the allowlist can name, and nothing that a
/// program could read in another way than we do.
struct TelemetryEndpoint {
    struct Invalid: Error {
        /// Completes "NAME …"; no part of the value, which may hold a token.
        let reason: String
    }

    /// The address as it was given.
    let url: String
    let host: DomainName
    let port: Int

    /// The one rule of the allowlist that it needs.
    var rule: String { "\(host):\(port)" }

    init(parsing text: String) throws(Invalid) {
        let octets = Array(text.utf8)
        let scheme = Array("https://".utf8)
        guard octets.prefix(scheme.count) == scheme[...] else {
            throw Invalid(reason: "must start with https://")
        }
        var end = scheme.count
        while end < octets.count, octets[end] != UInt8(ascii: "/") { end += 1 }
        var colon = scheme.count
        while colon < end, octets[colon] != UInt8(ascii: ":") { colon += 1 }
        if octets[scheme.count..<end].contains(UInt8(ascii: "@")) {
            throw Invalid(reason: "carries credentials: they are passed beside it")
        }
        guard Self.isPlainPath(octets[end...]) else {
            throw Invalid(
                reason: "may have a path of letters, digits, - . _ ~ and /, and nothing after it")
        }
        let name = octets[scheme.count..<colon]
        guard name.allSatisfy({ $0 < 0x80 }), name.last != UInt8(ascii: "."),
            let host = try? DomainName(parsing: String(decoding: name, as: UTF8.self))
        else {
            throw Invalid(reason: "needs the name of a host after https://")
        }
        guard let port = colon == end ? 443 : Self.port(octets[(colon + 1)..<end]) else {
            throw Invalid(reason: "has a port that is none: 1 to 65535, but for 53")
        }
        (url, self.host, self.port) = (text, host, port)
    }

    /// A decimal number without leading zeros; 53 is the resolver's.
    private static func port(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.count <= 5, digits.first != UInt8(ascii: "0") else { return nil }
        var number = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + Int(digit - 0x30)
        }
        return (1...65535).contains(number) && number != 53 ? number : nil
    }

    /// Whether a path means the same to everybody: unreserved characters (RFC 3986 §2.3), and no two
    /// dots beside each other, which some programs take for the way up.
    private static func isPlainPath(_ path: ArraySlice<UInt8>) -> Bool {
        var last: UInt8 = 0
        for octet in path {
            switch octet {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: break
            case UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"): break
            case UInt8(ascii: ".") where last != octet: break
            default: return false
            }
            last = octet
        }
        return true
    }
}
