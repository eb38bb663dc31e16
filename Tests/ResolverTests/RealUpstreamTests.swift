import DNSWire
import Foundation
import Linux
import Testing

@testable import Resolver

/// Real dnsmasq above, real dig below: what other people's programs make of it.
@Suite(.serialized) struct RealUpstreamTests {
    /// A dnsmasq that knows a few names, for as long as this lives.
    final class Dnsmasq {
        let endpoint: Endpoint
        private let process: CInt

        init() throws {
            endpoint = try closedEndpoint()
            let many = (1...50).map { "--host-record=many.test,93.184.216.\($0)" }
            process = try Processes.spawn(
                SpawnRequest(
                    "/usr/sbin/dnsmasq",
                    [
                        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
                        "--no-hosts", "--pid-file=", "--listen-address=127.0.0.1",
                        "--bind-interfaces", "--user=root", "--port=\(endpoint.port)",
                        "--local=/test/", "--local-ttl=60", "--txt-record=both.test,secret",
                        "--host-record=both.test,93.184.215.15,2606:4700::2",
                        "--cname=alias.test,both.test", "--host-record=private.test,10.9.0.1",
                        "--host-record=named.test,10.8.0.1",
                    ] + many))
        }

        deinit {
            try? send(.terminate, to: process)
            _ = try? Processes.wait(for: process)
        }
    }

    func dig(_ bench: Bench, _ arguments: String...) throws -> String {
        let output = try MemoryFile.empty("dig", byteCount: 0)
        let process = try Processes.spawn(
            SpawnRequest(
                "/usr/bin/dig",
                ["dig", "@127.0.0.1", "-p", "\(bench.endpoint.port)", "+time=5", "+tries=1"]
                    + arguments, descriptors: [(source: output.raw, target: 1)]))
        _ = try Processes.wait(for: process)
        return String(decoding: try MemoryFile.contents(of: output.raw), as: UTF8.self)
    }

    @Test func digUnderstandsEveryKindOfAnswer() throws {
        let upstream = try Dnsmasq()
        let bench = try Bench(
            allowing: """
                both.test
                alias.test
                private.test
                named.test
                many.test
                missing.test
                10.8.0.0/16:443
                """, upstreams: [upstream.endpoint], relaysAAAA: true)
        #expect(try dig(bench, "+short", "both.test") == "93.184.215.15\n")
        #expect(try dig(bench, "+short", "AAAA", "both.test") == "2606:4700::2\n")
        #expect(try dig(bench, "+short", "alias.test") == "both.test.\n93.184.215.15\n")
        #expect(try dig(bench, "+short", "CNAME", "alias.test") == "both.test.\n")
        #expect(try dig(bench, "+short", "+tcp", "both.test") == "93.184.215.15\n")
        #expect(try dig(bench, "+short", "+noedns", "BOTH.test") == "93.184.215.15\n")
        #expect(try dig(bench, "+short", "named.test") == "10.8.0.1\n")
        #expect(try dig(bench, "+short", "TXT", "both.test") == "")
        #expect(try dig(bench, "+short", "localhost") == "127.0.0.1\n")
        let withheld = try dig(bench, "private.test")
        #expect(withheld.contains("EDE: 17 (Filtered)"))
        #expect(withheld.contains("status: NOERROR"))
        let missing = try dig(bench, "missing.test")
        #expect(missing.contains("status: NXDOMAIN"))
        #expect(!missing.contains("EDE"))
        let denied = try dig(bench, "Evil.Test")
        #expect(denied.contains("status: NXDOMAIN"))
        #expect(denied.contains("EDE: 15 (Blocked): (evil.test)"))
        let many = try dig(bench, "+noedns", "+short", "many.test")
        #expect(many.split(separator: "\n").count == 50, "cut, and fetched over TCP")
        #expect(try dig(bench, "CH", "TXT", "version.bind").contains("status: REFUSED"))
        #expect(try dig(bench, "+opcode=2", "both.test").contains("status: NOTIMP"))
        #expect(try dig(bench, "+edns=1", "+noednsneg", "both.test").contains("BADVERS"))
    }
}
