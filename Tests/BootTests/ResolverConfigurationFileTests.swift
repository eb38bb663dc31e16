import Policy
import Testing

@testable import Boot

@Suite struct ResolverConfigurationFileTests {
    /// What the runtime wrote, the servers and the lines that stay.
    @Test(arguments: [
        ("", [], []),
        ("nameserver 127.0.0.11\noptions ndots:0\n", ["127.0.0.11"], ["options ndots:0"]),
        (
            "# comment\n; comment\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n",
            ["192.0.2.1", "2001:db8::1"], []
        ),
        (
            "search a.test b.test\nnameserver\t192.0.2.1\n  nameserver 192.0.2.2 # second\n",
            ["192.0.2.1", "192.0.2.2"], ["search a.test b.test"]
        ),
        ("nameserver 192.0.2.1\nnameserver 192.0.2.1\n", ["192.0.2.1"], []),
        ("nameserver 127.0.0.53\nnameserver 192.0.2.1\n", ["192.0.2.1"], []),
        ("nameserver\nnameserver dns.example\nnameserver fe80::1%eth0\n", [], []),
        ("domain a.test\nsortlist 10.0.0.0\nNAMESERVER 192.0.2.1\n", [], []),
    ])
    func reads(text: String, upstreams: [String], kept: [String]) {
        let file = ResolverConfigurationFile(parsing: text)
        #expect(file.upstreams.map(\.description) == upstreams)
        #expect(file.kept == kept)
    }

    @Test func sendsEveryQueryToTheResponder() {
        let file = ResolverConfigurationFile(
            parsing: "nameserver 192.0.2.1\nsearch a.test\nnameserver 2001:db8::1\noptions edns0\n")
        #expect(
            file.replacement == """
                # codetainer-upstream 192.0.2.1
                # codetainer-upstream 2001:db8::1
                nameserver 127.0.0.53
                search a.test
                options edns0

                """)
    }

    /// A container that is started again finds the file that its last boot wrote.
    @Test func aSecondBootFindsTheServersOfTheFirst() {
        let first = ResolverConfigurationFile(parsing: "nameserver 192.0.2.1\nsearch a.test\n")
        let second = ResolverConfigurationFile(parsing: first.replacement)
        #expect(second == first)
        #expect(second.replacement == first.replacement)
    }

    /// What the runtime wrote anew counts more than what an earlier boot noted.
    @Test func aNewServerCountsMoreThanANote() {
        let file = ResolverConfigurationFile(
            parsing: "# codetainer-upstream 192.0.2.1\nnameserver 192.0.2.2\n")
        #expect(file.upstreams.map(\.description) == ["192.0.2.2"])
    }
}
