import Policy
import Testing

@Suite struct RuleTests {
    @Test(arguments: [
        ("example.com", "example.com"),
        ("  Example.COM.\t", "example.com"),
        ("example.com:443", "example.com"),
        ("example.com.:80", "example.com:80"),
        ("example.com:443/tcp", "example.com"),
        ("example.com:443/udp", "example.com:443/udp"),
        ("example.com:443,80", "example.com:80,443"),
        ("example.com:80,81,82-90,85", "example.com:80-90"),
        ("example.com:8000-8100", "example.com:8000-8100"),
        ("example.com:52-54", "example.com:52-54"),
        ("example.com:1-128", "example.com:1-128"),
        ("*.example.com", "*.example.com"),
        ("*.example.com:22", "*.example.com:22"),
        (".example.com", ".example.com"),
        (".пример.рф", ".xn--e1afmkfd.xn--p1ai"),
        ("db", "db"),
        ("db:5432", "db:5432"),
        ("cafe:80", "cafe:80"),
        ("example.com#comment", "example.com"),
        ("example.com # ☃ \u{202E}", "example.com"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3/32:80", "10.1.2.3:80"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.0/8:1-65535/udp", "10.0.0.0/8:1-65535/udp"),
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("169.254.169.254:80", "169.254.169.254:80"),
        ("169.254.1.0/24", "169.254.1.0/24"),
        ("8.0.0.0/8", "8.0.0.0/8"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]:80", "[2001:db8::1]:80"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("[2001:db8::/32]:443/udp", "[2001:db8::/32]:443/udp"),
        ("fd00:ec2::254", "fd00:ec2::254"),
        ("fd12:3456::/32", "fd12:3456::/32"),
        ("::1", "::1"),
        ("64:ff9b::808:808", "64:ff9b::808:808"),
    ])
    func accepts(line: String, canonical: String) throws {
        let list = try allowlist(line)
        #expect(list.rules.map(\.description) == [canonical])
        #expect(try allowlist(canonical).canonicalText == list.canonicalText)
    }

    @Test(arguments: [
        (
            "    exa mple.com",
            "8: \"exa mple.com\" is not a domain name: a space is not allowed"
        ),
        ("*", "1: \"*\" cannot be a rule: it would open every name: name the domains"),
        ("*.", "1: \"*.\" cannot be a rule: it would open every name: name the domains"),
        (".", "1: \".\" cannot be a rule: it would open every name: name the domains"),
        ("*:80", "1: \"*\" cannot be a rule: it would open every name: name the domains"),
        (
            "*.com",
            "1: \"*.com\" cannot be a rule: it would open every name below a top-level domain: "
                + "name the domains"
        ),
        (
            ".com.",
            "1: \".com.\" cannot be a rule: it would open every name below a top-level domain: "
                + "name the domains"
        ),
        (
            "a.*.b",
            "3: \"a.*.b\" is not a domain name: a wildcard stands only at the start, as \"*.\""
        ),
        (
            "*.*.b",
            "3: \"*.*.b\" is not a domain name: a wildcard stands only at the start, as \"*.\""
        ),
        (
            "*a.example.com",
            "1: \"*a.example.com\" is not a domain name: a wildcard stands only at the start, as "
                + "\"*.\""
        ),
        ("a..b", "3: \"a..b\" is not a domain name: a label between dots is empty"),
        ("..a.b", "2: \"..a.b\" is not a domain name: a label between dots is empty"),
        (
            "https://example.com/",
            "6: \"https://example.com/\" is not a domain name: a scheme is not allowed: write only "
                + "the host name"
        ),
        (
            "example.com/path",
            "12: \"example.com/path\" is not a domain name: a path is not allowed: write only the "
                + "host name"
        ),
        (
            "example.com:443/path",
            "17: \"path\" is not a transport: it is \"tcp\" or \"udp\", once, after the last port; "
                + "a path is not allowed"
        ),
        (
            "example.com/udp",
            "12: \"example.com/udp\" cannot be a rule: a transport needs ports before it, as in "
                + "\":443/udp\""
        ),
        (
            "git@example.com",
            "4: \"git@example.com\" is not a domain name: a user is not allowed: write only the "
                + "host name"
        ),
        (
            "user:word@example.com",
            "6: \"word@example.com\" is not a port: a user is not allowed: write only the host name"
        ),
        ("a.com,b.com", "6: \"a.com,b.com\" is not a domain name: write one name a line"),
        (
            "1.2.3",
            "5: \"1.2.3\" is not an IP address: an IPv4 address is four numbers from 0 to 255, "
                + "without leading zeros"
        ),
        (
            "0x7f.1",
            "1: \"0x7f.1\" is not a domain name: it ends in a number, so programs would read it as "
                + "an IPv4 address"
        ),
        (
            "*.1.2.3.4",
            "1: \"*.1.2.3.4\" is not a domain name: it ends in a number, so programs would read it "
                + "as an IPv4 address"
        ),
        (":443", "1: \"\" is not a domain name: the name is missing"),
        ("a.b:", "5: \"\" is not a list of ports: a port is missing after the colon"),
        ("a.b:80,", "7: \"80,\" is not a list of ports: a port is missing beside a comma"),
        ("a.b:,80", "5: \",80\" is not a list of ports: a port is missing beside a comma"),
        (
            "a.b:0",
            "5: \"0\" is not a port: ports are numbers from 1 to 65535, without leading zeros"
        ),
        (
            "a.b:80,65536",
            "8: \"65536\" is not a port: ports are numbers from 1 to 65535, without leading zeros"
        ),
        (
            "a.b:https",
            "5: \"https\" is not a port: ports are numbers from 1 to 65535, without leading zeros"
        ),
        (
            "a.b:080",
            "5: \"080\" is not a port: ports are numbers from 1 to 65535, without leading zeros"
        ),
        (
            "a.b:99999999999999999999",
            "5: \"99999999999999999999\" is not a port: ports are numbers from 1 to 65535, without "
                + "leading zeros"
        ),
        ("a.b:80, 443", "8: \" 443\" is not a port: a space is not allowed"),
        ("a.b:*", "5: \"*\" is not a port: write the ports, as in \"80,8000-8100\""),
        ("a.b:80:90", "5: \"80:90\" is not a port: only one colon separates a name from its ports"),
        (
            "a.b:90-80",
            "5: \"90-80\" is not a list of ports: the range is reversed: write \"80-90\""
        ),
        (
            "a.b:80-90-95",
            "8: \"80-90-95\" is not a port: ports are numbers from 1 to 65535, without leading zeros"
        ),
        (
            "a.b:80/udp/tcp",
            "8: \"udp/tcp\" is not a transport: it is \"tcp\" or \"udp\", once, after the last "
                + "port; a path is not allowed"
        ),
        (
            "a.b:80/sctp",
            "8: \"sctp\" is not a transport: it is \"tcp\" or \"udp\", once, after the last port; "
                + "a path is not allowed"
        ),
        (
            "a.b:53",
            "5: \"53\" cannot be a rule: port 53 is always redirected to Codetainer's own resolver"
        ),
        (
            "8.8.8.8:53/udp",
            "9: \"53\" cannot be a rule: port 53 is always redirected to Codetainer's own resolver"
        ),
        (
            "a.b:1-129",
            "5: \"1-129\" is not a list of ports: 129 ports are too many for a name: at most 128, "
                + "since each of its addresses opens each port on its own"
        ),
        (
            "caf\u{E9}\u{301}.fr:1",
            "5: \"caf\u{E9}\u{301}.fr\" is not a domain name: a combining accent is not allowed: "
                + "write the letter as one character, or the label as xn--…"
        ),
        (
            "a\u{1B}[2J.b",
            "2: \"a\\u{1B}[2J.b\" is not a domain name: \"\\u{1B}\" is not allowed in a name"
        ),
        ("a\rb.c", "2: \"a\\rb.c\" is not a domain name: \"\\r\" is not allowed in a name"),
        (
            String(repeating: "a", count: 100) + ".b",
            "1: \"" + String(repeating: "a", count: 80)
                + "…\" is not a domain name: a label has 100 characters, 63 at most"
        ),
    ])
    func refuses(line: String, message: String) {
        #expect(messages(about: line) == ["domains.conf:1:" + message])
    }

    @Test func merging() {
        let ranges = [(90, 95), (80, 80), (81, 85), (84, 86)].compactMap {
            PortRange(first: $0, last: $1)
        }
        let service = Service(transport: .tcp, ports: ranges)
        #expect(service.description == "80-86,90-95")
        #expect(service.portCount == 13)
        #expect(service.contains(86) && !service.contains(87))
        #expect(PortRange(0) == nil && PortRange(first: 2, last: 1) == nil)
        #expect(PortRange(first: 1, last: 65535)?.count == 65535)
    }
}
