/// The word `private` behind a rule about one name: its addresses may be private ones.
///
/// A name of the Internet that answers with an address of the container's own network is an attack
/// (DNS rebinding); a service on that network answers with nothing else. Which of the two a name is
/// only the operator knows, and says it for one name and its ports.
enum PrivateWord {
    static let text = "private"

    /// The line without the word and the blanks before it; nil when it does not end with it.
    static func dropping(from line: Span<UInt8>, _ content: Range<Int>) -> Range<Int>? {
        var end = content.upperBound - text.utf8.count
        guard end > content.lowerBound, isBlank(line[end - 1]),
            line.holds("private", in: end..<content.upperBound)
        else { return nil }
        while end > content.lowerBound, isBlank(line[end - 1]) { end -= 1 }
        return content.lowerBound..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }
}

extension ParsedRule.Subject {
    /// Why a rule about this cannot have the word; nil when it can.
    var refusalOfPrivate: String? {
        switch self {
        case .name(.exact, _): nil
        case .name: "\"private\" is for one name: name each host on a line of its own"
        case .addresses:
            "an address is opened by naming it, a private one too: leave out \"private\""
        }
    }
}

extension Address {
    /// Whether a rule with the word `private` may open it: a network's own unicast (RFC 1918,
    /// RFC 4193). Loopback, link-local and metadata are other classes, whichever range they are in.
    public var isPrivate: Bool {
        switch classification {
        case .privateUse, .uniqueLocal: true
        default: false
        }
    }
}

extension Allowlist {
    /// Whether the rule with a number opens private addresses of its name.
    public func opensPrivate(_ index: RuleIndex) -> Bool {
        Int(index) < stored.count && stored[Int(index)].opensPrivate
    }

    /// Whether the rule with a number may open an address that its name has. What is not public is
    /// either named by another rule of the policy, or private where the rule says so.
    public func permits(_ address: Address, under index: RuleIndex) -> Bool {
        address.isPubliclyRoutable || permits(address)
            || (address.isPrivate && opensPrivate(index))
    }
}
