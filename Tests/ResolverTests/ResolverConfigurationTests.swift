import Linux
import Testing

@testable import Resolver

@Suite struct ResolverConfigurationTests {
    @Test func readsTheArgumentsItWrites() throws {
        let configuration = ResolverConfiguration(
            datagramSockets: [3, 4], streamSockets: [5],
            grants: PipeChannel(incoming: 6, outgoing: 7),
            statistics: 17, packetLog: 8,
            policy: 9,
            upstreams: [
                Endpoint(.v4(0xc000_0201), port: 53), Endpoint(.v6(1 << 48, 2, scope: 3), port: 54),
            ], relaysAAAA: true, newNamesPerMinute: 5)
        #expect(try ResolverConfiguration(arguments: configuration.arguments) == configuration)
    }

    @Test(arguments: [
        (["--udp", "x", "--upstream", "1.2.3.4"], "resolver: --udp: x is not a descriptor"),
        (["--bogus", "1"], "resolver: unknown argument --bogus"),
        (["--udp"], "resolver: --udp needs a value"),
        (["--udp", "3"], "resolver: --upstream is missing"),
        (["--upstream", "host"], "resolver: --upstream: host is not an address"),
        (["--upstream", "1.2.3.4"], "resolver: --grants must be two descriptors"),
    ])
    func refuses(_ arguments: [String], _ message: String) {
        #expect(throws: ResolverConfiguration.ArgumentError(message)) {
            try ResolverConfiguration(arguments: arguments)
        }
    }

    @Test(
        arguments: [
            ("192.0.2.1", "192.0.2.1:53"), ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("2001:db8::1", "[2001:db8::1]:53"), ("[2001:db8::1]:54", "[2001:db8::1]:54"),
            ("[2001:db8::1]", "[2001:db8::1]:53"), ("fe80::1%2", "[fe80::1%2]:53"),
            ("192.0.2.1:0", nil), ("192.0.2.1:65536", nil), ("[2001:db8::1]x", nil), ("", nil),
            ("fe80::1%eth0", nil),
        ] as [(String, String?)])
    func readsEndpoints(_ text: String, _ expected: String?) {
        #expect(Endpoint(text)?.text == expected)
    }
}
