import Policy

/// The list of the design's section 6, and every other form that a line may have.
let everyForm = """
    # one rule a line; a comment runs to the end of the line
    api.anthropic.com                 # exactly this name, TCP 443
    deb.example.org:80,443
    *.githubusercontent.com
    .example.net
    git.example.com:22
    quic.example.com:443/udp
    203.0.113.0/24:443
    10.1.2.3:5432

    many.example.com:8000-8100,443,80,81/tcp
    Bücher.Example.
    2001:db8::1
    2001:db8:1::/48
    [2001:db8::1]:22
    [2001:db8:2::/48]:443/udp
    192.168.7.0/24:1-65535
    _service.example.com
    """

func allowlist(_ text: String) throws(AllowlistErrors) -> Allowlist {
    try Allowlist(parsing: [.init(name: "domains.conf", text: text)])
}

/// The lines of the rules that match, in the order of the matches.
func lines(of matches: Matches, in list: Allowlist) -> [String] {
    matches.map { list.rules[Int($0)].description }
}

/// The messages about a text; none when it is accepted.
func messages(about text: String) -> [String] {
    do throws(AllowlistErrors) {
        _ = try allowlist(text)
        return []
    } catch {
        return error.errors.map(\.description)
    }
}
