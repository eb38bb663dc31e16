import Policy
import Testing

/// What address rules may not name, and how they are told apart from names.
@Suite struct AddressRuleTests {
    @Test(arguments: [
        (
            "0.0.0.0/0",
            "it would open everything, private addresses included: the shortest prefix "
                + "is /8"
        ),
        (
            "8.0.0.0/7",
            "it would open everything, private addresses included: the shortest prefix "
                + "is /8"
        ),
        (
            "::/0",
            "it would open everything, private addresses included: the shortest prefix is "
                + "/16"
        ),
        (
            "fc00::/7",
            "it would open everything, private addresses included: the shortest prefix "
                + "is /16"
        ),
        ("0.0.0.0", "unspecified addresses cannot be opened"),
        ("0.0.0.0/8", "unspecified addresses cannot be opened"),
        ("::", "unspecified addresses cannot be opened"),
        ("224.0.0.251", "multicast addresses cannot be opened"),
        ("ff02::fb", "multicast addresses cannot be opened"),
        ("255.255.255.255", "broadcast addresses cannot be opened"),
        (
            "255.0.0.0/8",
            "it covers 255.255.255.255, broadcast: name narrower ranges beside it"
        ),
        (
            "169.254.0.0/16",
            "it covers 169.254.169.254, instance metadata: name narrower ranges beside it"
        ),
        (
            "100.64.0.0/10",
            "it covers 100.100.100.200, instance metadata: name narrower ranges beside it"
        ),
        (
            "fd00::/16",
            "it covers fd00:ec2::254, instance metadata: name narrower ranges beside it"
        ),
        ("192.0.0.0/8", "it covers 192.0.0.192, instance metadata: name narrower ranges beside it"),
        ("172.0.0.0/8", "it covers 172.16.0.0/12, private use: name narrower ranges beside it"),
        (
            "168.63.0.0/16",
            "it covers 168.63.129.16, instance metadata: name narrower ranges beside it"
        ),
        ("::ffff:8.8.8.8", "no packet carries an IPv4-mapped address: name the IPv4 address"),
        ("64:ff9b::/96", "it would open the IPv4 addresses inside: name single addresses"),
        ("2002::/16", "it would open the IPv4 addresses inside: name single addresses"),
    ])
    func refuses(range: String, reason: String) {
        #expect(
            messages(about: range) == ["domains.conf:1:1: \"\(range)\" cannot be a rule: \(reason)"]
        )
    }

    @Test(arguments: [
        (
            "10.1.2.3/8",
            "1: \"10.1.2.3/8\" is not an address range: bits beyond the prefix are "
                + "set: write \"10.0.0.0/8\""
        ),
        (
            "[10.0.0.1]:80",
            "1: \"[10.0.0.1]:80\" is not an address range: brackets are for IPv6 only"
        ),
        ("[::1", "1: \"[::1\" is not an address range: the closing bracket is missing"),
        (
            "[2001:db8::]/32",
            "13: \"[2001:db8::]/32\" is not an address range: after the closing "
                + "bracket only a colon and ports may follow"
        ),
        ("[]:80", "2: \"\" is not an IP address: the address is missing"),
        (
            "2001:db8::/32:80",
            "14: \"2001:db8::/32:80\" is not an address range: brackets are "
                + "missing: write \"[address/length]:port\""
        ),
        (
            "1.2.3.4.5",
            "7: \"1.2.3.4.5\" is not an IP address: an IPv4 address is four numbers "
                + "from 0 to 255, without leading zeros"
        ),
    ])
    func explains(line: String, message: String) {
        #expect(messages(about: line) == ["domains.conf:1:" + message])
    }

    @Test func permitsWhatItNames() throws {
        let list = try allowlist("10.1.2.0/24:5432\n10.1.2.3\n192.168.1.1\nfd12::/32\n8.0.0.0/8")
        for text in ["10.1.2.0", "10.1.2.255", "192.168.1.1", "fd12:0:1::", "8.255.255.255"] {
            #expect(list.permits(try Address(parsing: text)), "\(text)")
        }
        for text in [
            "10.1.1.255", "10.1.3.0", "192.168.1.0", "192.168.1.2", "fd12:1::", "9.0.0.0", "::",
            "::ffff:10.1.2.3", "255.255.255.255", "0.0.0.0",
        ] {
            #expect(!list.permits(try Address(parsing: text)), "\(text)")
        }
        #expect(!Allowlist().permits(.v4(0x0A01_0203)))
    }

    @Test func areListedForTheFirewall() throws {
        let list = try allowlist("a.example\n10.1.2.3:5432\nb.example\n[2001:db8::/32]:443/udp")
        #expect(list.addressRules.map(\.index) == [1, 3])
        #expect(list.addressRules.map(\.range.description) == ["10.1.2.3", "2001:db8::/32"])
        #expect(list.addressRules.map(\.service.description) == ["5432", "443/udp"])
    }
}
