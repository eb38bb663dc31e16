import Control
import Egress
import Linux
import Logging
import Policy
import Resolver
import Supervision
import SystemPackage

/// A resolver on a port of 127.0.0.1, and its PID 1: its own loop and grant keeper, over the packet
/// filter of the network namespace that it is started in. Killing it ends the resolver too.
struct Stand {
    /// Nobody of this machine.
    private static let user: UInt32 = 65_533

    private let policy: FilePath
    private let endpoint: Endpoint
    private let upstream: Endpoint
    private let question: Question

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
        question = Question(words[3])
    }

    func run() throws -> Never {
        let allowlist = try Allowlist(parsing: [
            .init(name: policy.string, utf8: try Files.read(policy))
        ])
        let supervisor = try Supervisor(
            log: Logger(label: EventLog.label) { _ in EventLog(LogSettings(), isBooting: false) },
            configuration: Supervisor.Configuration())
        supervisor.keepGrants(of: allowlist, with: try packetFilter())
        let specification = try specification(allowlist)
        let client = try InternetSocket.datagrams(connectedTo: endpoint)
        // It waits in the socket for the resolver, as a query of an agent does.
        _ = try client.write(question.octets)
        let start = Instant.now
        try supervisor.startResolver(specification)
        var answer = [UInt8](repeating: 0, count: 512)
        try supervisor.wait(until: start + 10_000, readable: client.raw) {
            (try? client.read(into: &answer)).flatMap { $0 } ?? 0 > 0
        }
        Report.print(supervisor.facts.resolver.process, Instant.now.since(start))
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
        let codetainer = try Self.sibling("codetainer")
        var specification = ResolverSpecification(
            executable: codetainer, user: Self.user, group: Self.user,
            datagramSockets: [try InternetSocket.datagrams(boundTo: endpoint).release()],
            streamSockets: [try InternetSocket.listen(at: endpoint).release()],
            policy: try MemoryFile.sealed("policy", holding: Array(allowlist.canonicalText.utf8))
                .release(),
            statistics: try MemoryFile.empty(
                "statistics", byteCount: ResolverStatistics.byteCount
            ).release(),
            packetLog: nil, upstreams: [upstream.text], relaysAAAA: false)
        // PID 1's own program is this one, which is no codetainer.
        specification.launcher = codetainer
        return specification
    }
}
