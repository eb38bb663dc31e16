import Policy

/// The container's /etc/resolv.conf (resolv.conf(5)): what the runtime wrote, and what replaces it.
struct ResolverConfigurationFile: Equatable {
    static let responder = "127.0.0.53"
    /// Names the runtime's servers in a file that was overwritten, for the next boot.
    private static let mark = "# codetainer-upstream "

    /// The servers to forward to, in order, each once.
    var upstreams: [Address]
    /// Lines that are kept: `search` and `options`.
    var kept: [String]

    init(parsing text: String) {
        var servers: [Address] = []
        var marked: [Address] = []
        kept = []
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if line.hasPrefix(Self.mark), let address = Self.address(words.last) {
                marked.append(address)
            } else if words.first == "nameserver",
                let address = Self.address(words.dropFirst().first)
            {
                servers.append(address)
            } else if words.first == "search" || words.first == "options" {
                kept.append(String(line))
            }
        }
        servers.removeAll { $0 == Self.address(Substring(Self.responder)) }
        upstreams = []
        for address in servers.isEmpty ? marked : servers where !upstreams.contains(address) {
            upstreams.append(address)
        }
    }

    /// The file that sends every query to the responder.
    var replacement: String {
        (upstreams.map { Self.mark + $0.description } + ["nameserver \(Self.responder)"] + kept)
            .map { $0 + "\n" }.joined()
    }

    /// An address without the zone that a link-local one carries.
    private static func address(_ word: Substring?) -> Address? {
        word.flatMap { try? Address(parsing: $0) }
    }
}
