import Policy

/// Where telemetry goes: an https address whose host the allowlist can name, and nothing that a
/// program could read in another way than we do.
struct TelemetryEndpoint: Equatable {
    struct Invalid: Error, Equatable {
        /// Completes "NAME …"; no part of the value, which may hold a token.
        let reason: String
    }

    /// The address as it was given.
    let url: String
    let host: DomainName
    let port: UInt16

    /// The one rule of the allowlist that it needs.
    var rule: String { "\(host):\(port)" }

    init(parsing text: String) throws(Invalid) {
        let scheme = "https://"
        guard text.hasPrefix(scheme) else {
            throw Invalid(reason: "must start with https://")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Invalid(reason: "contains a space or a character outside ASCII")
        }
        let rest = text[...].utf8.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        guard !authority.contains(UInt8(ascii: "@")) else {
            throw Invalid(reason: "carries credentials: they are passed beside it")
        }
        let path = rest.dropFirst(authority.count)
        guard path.allSatisfy(Self.isPlain), !Self.climbs(path) else {
            throw Invalid(
                reason: "may have a path of letters, digits, - . _ ~ and /, and nothing after it")
        }
        let name = authority.prefix { $0 != UInt8(ascii: ":") }
        guard name.last != UInt8(ascii: "."), let host = try? DomainName(parsing: Substring(name))
        else {
            throw Invalid(reason: "needs the name of a host after https://")
        }
        self.host = host
        let digits = authority.dropFirst(name.count + 1)
        if name.count == authority.count {
            port = 443
        } else if digits.count <= 5, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.first != UInt8(ascii: "0"), let number = UInt16(Substring(digits)), number != 53
        {
            port = number
        } else {
            throw Invalid(reason: "has a port that is none: 1 to 65535, but for 53")
        }
        url = text
    }

    /// Two dots beside each other, which some programs take for the way up.
    private static func climbs(_ path: Substring.UTF8View) -> Bool {
        zip(path, path.dropFirst()).contains { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: ".") }
    }

    /// What a path may have that means the same to everybody (RFC 3986 §2.3).
    private static func isPlain(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "-._~/".utf8.contains(octet)
        }
    }
}
