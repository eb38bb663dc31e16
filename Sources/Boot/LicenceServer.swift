import Egress
import Policy

/// Where a licence is asked for: an https address that curl and the packet filter read alike.
struct LicenceServer: Equatable {
    struct Invalid: Error, Equatable {
        /// Completes "NAME …"; no part of the value.
        let reason: String
    }

    enum Host: Equatable {
        case name(DomainName)
        case address(Address)
    }

    let host: Host
    let port: UInt16
    /// What the protocol's own path is put behind: without a slash at its end.
    let base: String

    /// The host without brackets.
    var hostText: String {
        switch host {
        case .name(let name): name.description
        case .address(let address): address.description
        }
    }

    /// The rule of the allowlist that opens it; nil for an address, which needs none.
    var rule: String? {
        guard case .name(let name) = host else { return nil }
        return "\(name):\(port)"
    }

    init(parsing text: String) throws(Invalid) {
        let scheme = "https://"
        guard text.hasPrefix(scheme) else { throw Invalid(reason: "must start with https://") }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        if authority.contains("@") {
            throw Invalid(reason: "carries credentials: the key is passed beside it")
        }
        guard Self.isPlain(path) else {
            throw Invalid(
                reason: "may have a path of letters, digits, - . _ ~ and /, and nothing after it")
        }
        let (name, digits) = try Self.split(authority)
        guard let port = digits.map(Self.port) ?? 443 else {
            throw Invalid(reason: "has a port that is none: 1 to 65535, but for 53")
        }
        if let address = try? Address(parsing: name) {
            host = .address(address)
        } else if name.last != ".", name.allSatisfy(\.isASCII),
            let name = try? DomainName(parsing: name)
        {
            host = .name(name)
        } else {
            throw Invalid(reason: "needs the name or the address of a host after https://")
        }
        self.port = port
        var base = text[...]
        while base.last == "/" { base = base.dropLast() }
        self.base = String(base)
    }

    /// `host`, `host:port`, `[address]` or `[address]:port`.
    private static func split(_ authority: Substring) throws(Invalid) -> (Substring, Substring?) {
        guard authority.first == "[" else {
            let name = authority.prefix { $0 != ":" }
            let rest = authority.dropFirst(name.count)
            return (name, rest.isEmpty ? nil : rest.dropFirst())
        }
        guard let end = authority.firstIndex(of: "]") else {
            throw Invalid(reason: "has an address without its closing bracket")
        }
        let name = authority[authority.index(after: authority.startIndex)..<end]
        let rest = authority[authority.index(after: end)...]
        guard name.contains(":"), rest.isEmpty || rest.first == ":" else {
            throw Invalid(reason: "has something between the address and its port")
        }
        return (name, rest.isEmpty ? nil : rest.dropFirst())
    }

    /// A decimal number without leading zeros; 53 is the resolver's.
    private static func port(_ digits: Substring) -> UInt16? {
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.first != "0",
            let port = UInt16(digits), port != 53
        else { return nil }
        return port
    }

    /// Unreserved characters (RFC 3986 §2.3), and no way up.
    private static func isPlain(_ path: Substring) -> Bool {
        !path.split(separator: "/").contains("..")
            && path.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
                    || (0x61...0x7a).contains($0) || [0x2d, 0x2e, 0x2f, 0x5f, 0x7e].contains($0)
            }
    }
}
