/// The names and addresses that may be reached, and at which ports.
///
/// Rules are numbered in the order of their sources, from 0. A line that repeats an earlier rule
/// (same subject, transport and ports, wherever it stands) is dropped, so that the numbers of
/// `canonicalText`, parsed again, are the same. Two rules about one subject with different ports
/// both stay.
///
/// A list of 100,000 names is a handful of arrays: names lie behind one another in one of them,
/// and a hash table finds each by its bytes.
public struct Allowlist: Sendable {
    /// Most rules that one list holds, over all sources.
    public static let mostRules = 1_000_000
    /// Most rules about one name: it bounds what a query can match.
    public static let mostRulesPerName = 64
    /// Most ports of a rule with a name: each granted address takes a set element for each.
    public static let mostPortsPerName = 128

    /// A text with rules, one a line.
    public struct Source: Sendable {
        /// What messages call it, a file's path as a rule.
        public let name: String
        let text: [UInt8]

        /// Takes text that is at hand, such as what an operator typed.
        public init(name: String, text: String) {
            self.init(name: name, utf8: Array(text.utf8))
        }

        /// Takes a file as it was read. Bytes that are not UTF-8 are an error where a rule has
        /// them, and nothing in a comment.
        public init(name: String, utf8 text: [UInt8]) {
            self.name = name
            self.text = text
        }
    }

    /// Wire names, one behind the other.
    var names: [UInt8] = []
    var stored: [StoredRule] = []
    /// The last rule about each name.
    var nameIndex = NameIndex()
    /// Where each name lies in `names` below which a rule allows others, be it as the end of one.
    var parentIndex = NameIndex()
    /// What rules open; each distinct value once.
    var services: [Service] = [.https]
    var ranges: [AddressRange] = []
    /// The rule of each element of `ranges`.
    var rangeRules: [RuleIndex] = []
    /// The addresses of `ranges`, merged.
    var addresses = AddressSet()
    var sourceNames: [String] = []

    /// Reads the sources in order.
    ///
    /// - Throws: every faulty line at once, one error a line, in the order of the sources.
    public init(parsing sources: [Source]) throws(AllowlistErrors) {
        var builder = AllowlistBuilder()
        for source in sources { builder.read(source) }
        self = try builder.finish()
    }

    /// A list without rules: everything is denied.
    public init() {}

    /// Whether a static rule names this address, be it private: then a DNS answer that carries it
    /// is not filtered.
    public func permits(_ address: Address) -> Bool {
        addresses.contains(address)
    }

    /// The line that would allow a denied name, on TCP 443 unless told otherwise.
    public func openingLine(for name: DomainName, service: Service = .https) -> String {
        Rule(
            subject: .exact(name), service: service, origin: RuleOrigin(source: "", line: 0)
        ).description
    }

    /// Every rule as its canonical line. Parsed again, it gives the same rules under the same
    /// numbers.
    public var canonicalText: String {
        var text = ""
        for rule in rules { text += "\(rule)\n" }
        return text
    }

    /// The same, where each exception says in a comment what `place` says of it: who reads the text
    /// anew knows where it was written.
    public func canonicalText(placing place: (Rule) -> String) -> String {
        var text = ""
        for rule in rules {
            text += "\(rule)"
            if case .exception = rule.subject {
                text += Self.commentMark
                for scalar in place(rule).unicodeScalars {
                    text += PrintableText.escape(scalar)
                }
            }
            text += "\n"
        }
        return text
    }

    /// What `canonicalText(placing:)` says of a rule on its line; nil where it says nothing.
    public static func place(in line: some StringProtocol) -> String? {
        guard let mark = line.firstIndex(of: "#") else { return nil }
        return String(line[mark...].dropFirst(2))
    }

    private static let commentMark = " # "
}

/// A rule in a list: 24 octets, so that 100,000 of them are 2.4 MB.
struct StoredRule {
    enum Kind: UInt8 {
        case exact, below, apexAndBelow, addresses, exception

        init(_ scope: NameScope) {
            switch scope {
            case .exact: self = .exact
            case .below: self = .below
            case .apexAndBelow: self = .apexAndBelow
            }
        }
    }

    /// No further rule about this name.
    static let none = RuleIndex.max

    /// Where the name begins in `names`, or the range's index in `ranges`.
    let location: UInt32
    /// The rule about the same name that was added before this one.
    let next: RuleIndex
    /// Index into `services`.
    let service: UInt32
    /// Index into `sourceNames`.
    let source: UInt32
    let line: UInt32
    let kind: Kind
    /// Whether the name's private addresses are opened as well.
    let opensPrivate: Bool
}
