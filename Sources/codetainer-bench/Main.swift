import Control
import Egress
import Linux
import Logging
import Policy
import Resolver
import Supervision
import SystemPackage

/// PID 1 as far as the resolver needs it, for `scripts/bench`: its own loop and grant keeper, over
/// the packet filter of the network namespace it is started in. Never part of an image.
///
///     codetainer-bench serve POLICY PORT UPSTREAM NAME
///
/// prints `PROCESS MILLISECONDS`, the resolver's number and the time from the start to the answer
/// to a question for NAME, and then serves until it is killed, which ends the resolver too.
@main
struct Main {
    static func main() {
        let words = CommandLine.arguments
        do {
            switch words.dropFirst().first {
            case "serve" where words.count == 6: try Stand(words.dropFirst(2)).run()
            // PID 1 starts services by way of its own executable.
            case "confine": try becomeCodetainer(words)
            default:
                fail("usage: codetainer-bench serve POLICY PORT UPSTREAM NAME", code: 64)
            }
        } catch {
            fail("codetainer-bench: \(error)", code: 70)
        }
    }

    private static func fail(_ message: String, code: CInt) -> Never {
        Output.write(Array("\(message)\n".utf8), to: 2)
        System.exit(code)
    }

    private static func becomeCodetainer(_ words: [String]) throws -> Never {
        try Processes.become(
            Stand.sibling("codetainer"), ["codetainer"] + words.dropFirst(), environment: [])
    }
}

/// A resolver on a port of 127.0.0.1, and its PID 1.
struct Stand {
    /// Nobody of this machine.
    private static let user: UInt32 = 65_533

    private let policy: FilePath
    private let endpoint: Endpoint
    private let upstream: Endpoint
    private let name: String

    /// A program beside this one.
    static func sibling(_ name: String) throws -> String {
        FilePath(try System.executablePath()).removingLastComponent().appending(name).string
    }

    init(_ words: some Collection<String>) throws {
        let words = Array(words)
        guard let port = UInt16(words[1]), let upstream = Endpoint(words[2]) else {
            throw SystemCallError("bind", words[1], .invalidArgument)
        }
        policy = FilePath(words[0])
        endpoint = Endpoint(.v4(0x7f00_0001), port: port)
        self.upstream = upstream
        name = words[3]
    }

    func run() throws -> Never {
        let allowlist = try Allowlist(parsing: [
            .init(name: policy.string, utf8: try Files.read(policy))
        ])
        let supervisor = try Supervisor(
            log: Logger(label: EventLog.label) { _ in EventLog(form: .human) },
            configuration: Supervisor.Configuration())
        supervisor.keepGrants(of: allowlist, with: try packetFilter())
        let specification = try specification(allowlist)
        let client = try InternetSocket.datagrams(connectedTo: endpoint)
        // It waits in the socket for the resolver, as a query of an agent does.
        _ = try client.write(query)
        let start = Instant.now
        try supervisor.startResolver(specification)
        var answer = [UInt8](repeating: 0, count: 512)
        try supervisor.wait(until: start + 10_000, readable: client.raw) {
            (try? client.read(into: &answer)).flatMap { $0 } ?? 0 > 0
        }
        let milliseconds = Double(Instant.now.since(start).nanoseconds) / 1e6
        let line = "\(supervisor.facts.resolver.process) \(milliseconds)\n"
        Output.write(Array(line.utf8), to: 1)
        supervisor.run()
    }

    /// The sets that grants go to, without the chains: what is compared is servers, and the peers
    /// have no packet filter in their way either.
    private func packetFilter() throws -> NetfilterSocket {
        var netfilter = try NetfilterSocket()
        var ruleset = EgressPlan(resolver: Self.user, upstreams: []).ruleset
        ruleset.chains = []
        try netfilter.replace(with: ruleset)
        return netfilter
    }

    private func specification(_ allowlist: Allowlist) throws -> ResolverSpecification {
        ResolverSpecification(
            executable: try Self.sibling("codetainer"), user: Self.user, group: Self.user,
            datagramSockets: [try InternetSocket.datagrams(boundTo: endpoint).release()],
            streamSockets: [try InternetSocket.listen(at: endpoint).release()],
            policy: try MemoryFile.sealed("policy", holding: Array(allowlist.canonicalText.utf8))
                .release(),
            statistics: try MemoryFile.empty(
                "statistics", byteCount: ResolverStatistics.byteCount
            ).release(),
            refusals: nil, upstreams: [upstream.text], relaysAAAA: false)
    }

    /// An A question for `name` (RFC 1035 §4.1).
    private var query: [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 }
        return [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels + [0, 0, 1, 0, 1]
    }
}
