import Policy
import SystemPackage

@testable import Egress

/// The cage and the world outside it: two network namespaces with a cable between them.
///
/// Outside owns public addresses and private ones, so that only the rules decide what is reached.
struct World {
    static let agent: UInt32 = 1000
    static let resolver: UInt32 = 200
    static let web = Address("9.9.9.9")
    static let web6 = Address("2620:fe::9")
    static let upstream = Address("8.8.8.8")
    static let upstream6 = Address("2001:4860:4860::8888")
    static let neighbour = Address("10.77.0.1")
    static let metadata = Address("169.254.169.254")
    static let own = Address("10.77.0.2")
    static let own6 = Address("fd77::2")

    static let plan = EgressPlan(
        resolver: resolver, upstreams: [upstream, upstream6, EgressPlan.dockerResolver],
        published: [PublishedPort(.tcp, PortRange(8080)!)],
        statics: [DestinationRange(neighbour...neighbour, .tcp, 5432...5433)])

    let cage: NetworkNamespace
    let outside: NetworkNamespace

    /// - Parameter carriesIPv6: waits until the cable does, which takes the kernel a second.
    init(carriesIPv6: Bool = false) throws {
        cage = try NetworkNamespace()
        outside = try NetworkNamespace()
        _ = try cage.run {
            try shell(
                """
                set -e
                ip link add eth0 type veth peer name eth0 netns \(outside.path)
                sysctl -qw net.ipv6.conf.eth0.accept_dad=0 net.ipv4.ping_group_range='0 65535'
                ip addr add 10.77.0.2/24 dev eth0
                ip addr add fd77::2/64 dev eth0 nodad
                ip link set eth0 up
                """)
        }
        _ = try outside.run {
            try shell(
                """
                set -e
                sysctl -qw net.ipv6.conf.eth0.accept_dad=0
                ip addr add 10.77.0.1/24 dev eth0
                ip addr add fd77::1/64 dev eth0 nodad
                ip link set eth0 up
                for address in 9.9.9.9 8.8.8.8 169.254.169.254; do
                    ip addr add $address/32 dev lo
                done
                for address in 2620:fe::9 2001:4860:4860::8888 fd00:ec2::254; do
                    ip addr add $address/128 dev lo nodad
                done
                """)
        }
        _ = try cage.run {
            // An address may be a source before it is a local one: the kernel has that to do.
            try shell(
                """
                ip route add default via 10.77.0.1; ip -6 route add default via fd77::1
                tries=0
                until ip -6 route show table local | grep -q '^local fd77::2 ' || [ $tries = 500 ]; do
                    tries=$((tries + 1))
                    sleep 0.01
                done
                """)
        }
        guard carriesIPv6 else { return }
        // The port is closed, and that is an answer; on a busy machine not the first try's.
        func connect() -> Errno {
            cage.run { TestSocket(.tcp, like: Self.own6).connect(Address("fd77::1"), 1) }
        }
        var answer = connect()
        for _ in 1...9 where answer != .connectionRefused { answer = connect() }
        precondition(answer == .connectionRefused, "the cable is broken: \(answer)")
    }

    /// Locks the cage and runs `body` in it with the socket that did.
    func locked<Result>(
        _ plan: EgressPlan = World.plan, _ body: (inout NetfilterSocket) throws -> Result
    ) throws -> Result {
        try cage.run {
            var netfilter = try NetfilterSocket()
            try netfilter.replace(with: plan.ruleset)
            return try body(&netfilter)
        }
    }

    func listener(_ transport: Transport, _ address: Address, _ port: UInt16) -> TestSocket {
        outside.run { .listening(transport, address, port) }
    }
}

extension Address {
    /// For addresses that a test writes down.
    init(_ text: String) { try! self.init(parsing: text) }
}

extension World {
    static func asAgent<Result>(_ body: () throws -> Result) rethrows -> Result {
        try asUser(agent, body)
    }

    static func agentConnects(_ address: Address, _ port: UInt16) -> Errno {
        asAgent { TestSocket(.tcp, like: address) }.connect(address, port)
    }

    /// A socket of the agent's that is connected, or has been told where to send.
    static func agentSocket(
        _ transport: Transport, _ address: Address, _ port: UInt16
    ) -> TestSocket {
        let socket = asAgent { TestSocket(transport, like: address) }
        let result = socket.connect(address, port)
        precondition(result == .success, "connect \(address) \(port): \(result)")
        return socket
    }
}
