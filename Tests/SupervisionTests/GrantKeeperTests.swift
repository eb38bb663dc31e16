import Linux
import Policy
import SystemPackage
import TestSupport
import Testing

@testable import Egress
@testable import Supervision

@Suite struct GrantKeeperTests {
    /// Rules 0 to 5.
    private static func allowlist() throws -> Allowlist {
        try Allowlist(parsing: [
            .init(
                name: "domains.conf",
                text: """
                    example.com
                    *.example.net:80,8000-8002
                    .example.org:443/udp
                    203.0.113.0/24
                    10.1.2.3:5432
                    git.example.com:22
                    """)
        ])
    }

    private static let global = Address.v4(0x0808_0808)

    private static func grants(
        rule: UInt32, _ address: Address = global, timeToLive: UInt32 = 600
    ) throws -> [Grant]? {
        GrantKeeper.grants(
            for: GrantRecord(sequence: 1, rule: rule, timeToLive: timeToLive, address: address),
            in: try allowlist())
    }

    @Test func opensWhatTheRuleOpens() throws {
        #expect(
            try Self.grants(rule: 0) == [
                Grant(Destination(Self.global, .tcp, 443), seconds: 600, name: "example.com")
            ])
        #expect(
            try Self.grants(rule: 1)?.map(\.destination)
                == [80, 8000, 8001, 8002].map {
                    Destination(Self.global, .tcp, $0)
                })
        #expect(
            try Self.grants(rule: 2) == [
                Grant(Destination(Self.global, .udp, 443), seconds: 600, name: ".example.org")
            ])
        let sixth = Address.v6(0x2606_4700 << 32, 1)
        #expect(
            try Self.grants(rule: 5, sixth) == [
                Grant(Destination(sixth, .tcp, 22), seconds: 600, name: "git.example.com")
            ])
    }

    @Test(arguments: [3, 4, 6, 7, .max] as [UInt32])
    func refusesRulesThatAreNotAboutNames(rule: UInt32) throws {
        #expect(try Self.grants(rule: rule) == nil)
    }

    /// A name may lead to an address that is not public only when the policy names the address.
    @Test(arguments: [
        ("8.8.8.8", true), ("10.1.2.3", true), ("203.0.113.7", true), ("10.1.2.4", false),
        ("127.0.0.1", false), ("169.254.169.254", false), ("192.168.0.1", false),
        ("100.64.0.1", false), ("224.0.0.1", false), ("0.0.0.0", false), ("198.51.100.1", false),
        ("2606:4700::1", true), ("::1", false), ("fe80::1", false), ("fd00::1", false),
        ("::ffff:8.8.8.8", false), ("64:ff9b::808:808", false),
    ])
    func looksAtTheAddress(text: String, isOpened: Bool) throws {
        let grants = try Self.grants(rule: 0, try Address(parsing: text))
        #expect((grants != nil) == isOpened)
    }

    /// A rule with the word `private` opens a network's own addresses, and nothing else that is not
    /// public.
    @Test(arguments: [
        ("8.8.8.8", true, false), ("10.1.2.4", true, true), ("172.18.0.5", true, true),
        ("192.168.0.1", true, true), ("fd00::1", true, true), ("2606:4700::1", true, false),
        ("127.0.0.1", false, false), ("169.254.169.254", false, false),
        ("169.254.1.1", false, false), ("fd00:ec2::254", false, false), ("::1", false, false),
        ("fe80::1", false, false), ("100.64.0.1", false, false), ("0.0.0.0", false, false),
        ("224.0.0.1", false, false), ("::ffff:10.1.2.4", false, false),
        ("64:ff9b::a01:204", false, false),
    ])
    func opensPrivateAddressesOfOneName(text: String, isOpened: Bool, isPrivate: Bool) throws {
        let list = try Allowlist(parsing: [
            .init(name: "list", text: "main-app:50051 private\nmain-app:443")
        ])
        let address = try Address(parsing: text)
        func grants(_ rule: UInt32) -> [Grant]? {
            GrantKeeper.grants(
                for: GrantRecord(sequence: 1, rule: rule, timeToLive: 600, address: address),
                in: list)
        }
        let expected = Grant(
            Destination(address, .tcp, 50_051), seconds: 600, name: "main-app",
            isPrivate: isPrivate)
        #expect(grants(0) == (isOpened ? [expected] : nil))
        #expect((grants(1) != nil) == address.isPubliclyRoutable)
    }

    @Test(
        arguments: [
            (0, 300), (1, 300), (299, 300), (300, 300), (301, 301), (86_399, 86_399),
            (86_400, 86_400), (86_401, 86_400), (.max, 86_400),
        ] as [(UInt32, UInt32)])
    func keepsLifetimesInBounds(timeToLive: UInt32, seconds: UInt32) throws {
        #expect(try Self.grants(rule: 0, timeToLive: timeToLive)?.map(\.seconds) == [seconds])
    }
}

/// The channel to the resolver, with the kernel at the other side.
@Suite struct GrantChannelTests {
    private static func record(_ sequence: UInt32, rule: UInt32) -> GrantRecord {
        GrantRecord(sequence: sequence, rule: rule, timeToLive: 600, address: .v4(0x0808_0808))
    }

    @Test func anAcknowledgedGrantIsInTheKernel() throws {
        let live = try inNamespaces([.network]) {
            var netfilter = try NetfilterSocket()
            try netfilter.replace(with: EgressPlan(resolver: 64053, upstreams: []).ruleset)
            let allowlist = try Allowlist(parsing: [.init(name: "a", text: "example.com")])
            var keeper = GrantKeeper(allowlist: allowlist, netfilter: netfilter)
            let channel = try PipeChannelPair()
            keeper.serve(channel.first)
            #expect(
                channel.second.sends(
                    GrantRecord.encode([Self.record(7, rule: 0), Self.record(8, rule: 1)])))
            let isOpen = keeper.receive()
            #expect(isOpen)
            var octets = [UInt8](repeating: 0, count: 512)
            let count = channel.second.count(into: &octets)
            let answers = try GrantAcknowledgement.decode(octets.span.extracting(0..<count))
            #expect(answers.map(\.sequence) == [7, 8])
            #expect(answers.map(\.isCommitted) == [true, false])
            let refused = keeper.refused
            #expect(refused == 1)
            var reading = try NetfilterSocket()
            return try reading.grants()
        }
        #expect(live.map(\.destination) == [Destination(.v4(0x0808_0808), .tcp, 443)])
        #expect(live.map(\.name) == ["example.com"])
        #expect(live.map(\.seconds) == [600])
    }

    /// Two names have one address; the time that the one has is not cut short for the other.
    @Test func aShorterTimeCutsNoLongerOneShort() throws {
        let live = try inNamespaces([.network]) {
            var netfilter = try NetfilterSocket()
            try netfilter.replace(with: EgressPlan(resolver: 64053, upstreams: []).ruleset)
            let allowlist = try Allowlist(parsing: [.init(name: "a", text: "a.test\nb.test")])
            var keeper = GrantKeeper(allowlist: allowlist, netfilter: netfilter)
            let channel = try PipeChannelPair()
            keeper.serve(channel.first)
            func ask(_ records: [(rule: UInt32, timeToLive: UInt32)]) throws -> [UInt32] {
                let message = records.map {
                    GrantRecord(
                        sequence: 1, rule: $0.rule, timeToLive: $0.timeToLive,
                        address: .v4(0x0808_0808))
                }
                #expect(channel.second.sends(GrantRecord.encode(message)))
                _ = keeper.receive()
                var reading = try NetfilterSocket()
                return try reading.grants().map(\.secondsLeft)
            }
            var left = try ask([(0, 3600), (1, 400)])
            #expect((3595...3600).contains(left.first ?? 0))
            left = try ask([(1, 60)])
            #expect((3590...3601).contains(left.first ?? 0))
            left = try ask([(0, 7200)])
            #expect((7195...7200).contains(left.first ?? 0))
            let plan = EgressPlan(resolver: 64053, upstreams: [])
            try keeper.enforce(
                try Allowlist(parsing: [.init(name: "a", text: "b.test")]), plan: plan)
            var reading = try NetfilterSocket()
            return try reading.grants()
        }
        // The one that is left has its own time.
        #expect(live.map(\.name) == ["b.test"])
        #expect((390...400).contains(live.first?.secondsLeft ?? 0))
    }

    /// A full set never keeps an allowed name closed: the oldest grants make way.
    @Test func aFullSetMakesRoom() throws {
        try inNamespaces([.network]) {
            var netfilter = try NetfilterSocket()
            let plan = EgressPlan(resolver: 64053, upstreams: [], grantLimit: 4)
            try netfilter.replace(with: plan.ruleset)
            let allowlist = try Allowlist(parsing: [.init(name: "a", text: "example.com")])
            var keeper = GrantKeeper(allowlist: allowlist, netfilter: netfilter)
            let channel = try PipeChannelPair()
            keeper.serve(channel.first)
            for number in 0..<6 as Range<UInt32> {
                #expect(
                    channel.second.sends(
                        GrantRecord.encode([
                            GrantRecord(
                                sequence: number, rule: 0, timeToLive: 600,
                                address: .v4(0x0808_0800 + number))
                        ])))
                _ = keeper.receive()
                var octets = [UInt8](repeating: 0, count: 512)
                let count = channel.second.count(into: &octets)
                let answers = try GrantAcknowledgement.decode(octets.span.extracting(0..<count))
                // The resolver is told first that what it has may be closed.
                guard number >= 4 else {
                    #expect(answers.map(\.isCommitted) == [true])
                    continue
                }
                #expect(answers.map(\.isEviction) == [true])
                let rest = channel.second.count(into: &octets)
                let committed = try GrantAcknowledgement.decode(
                    octets.span.extracting(0..<rest))
                #expect(committed.filter(\.isCommitted).map(\.sequence) == [number])
            }
            let evicted = keeper.evicted
            #expect(evicted == 2)
            var reading = try NetfilterSocket()
            let addresses = Set(try reading.grants().map(\.destination.address))
            #expect(addresses.count == 4)
            #expect(addresses.contains(.v4(0x0808_0805)))
        }
    }

    @Test func whoLeavesFirst() {
        func live(_ port: UInt16, left: UInt32) -> LiveGrant {
            LiveGrant(
                destination: Destination(.v4(1), .tcp, port), seconds: 300, secondsLeft: left,
                name: "")
        }
        let grants = [live(1, left: 100), live(2, left: 10), live(3, left: 299), live(4, left: 1)]
        let used: Set = [Destination(.v4(1), .tcp, 4)]
        let order = GrantKeeper.leaving(grants, used: used, count: 4).map(\.port)
        #expect(order == [2, 1, 3, 4])
        #expect(GrantKeeper.leaving(grants, used: used, count: 1).map(\.port) == [2])
    }

    /// Without the table there is nothing to commit to: the answer must say so.
    @Test func whatTheKernelRefusesIsNotAcknowledged() throws {
        try inNamespaces([.network]) {
            let allowlist = try Allowlist(parsing: [.init(name: "a", text: "example.com")])
            var keeper = GrantKeeper(allowlist: allowlist, netfilter: try NetfilterSocket())
            let channel = try PipeChannelPair()
            keeper.serve(channel.first)
            #expect(channel.second.sends(GrantRecord.encode([Self.record(1, rule: 0)])))
            let isOpen = keeper.receive()
            #expect(isOpen)
            var octets = [UInt8](repeating: 0, count: 512)
            let count = channel.second.count(into: &octets)
            let answers = try GrantAcknowledgement.decode(octets.span.extracting(0..<count))
            #expect(answers.map(\.isCommitted) == [false])
            let refused = keeper.refused
            #expect(refused == 1)
        }
    }

    @Test(
        arguments: [
            [1], Array(repeating: 0, count: 32),
            GrantRecord.encode(Array(repeating: record(1, rule: 0), count: 65)),
        ] as [[UInt8]])
    func whatIsNoMessageEndsTheChannel(message: [UInt8]) throws {
        var keeper = GrantKeeper(allowlist: Allowlist(), netfilter: try NetfilterSocket())
        let channel = try PipeChannelPair()
        keeper.serve(channel.first)
        var isOpen = keeper.receive()
        #expect(isOpen)
        #expect(channel.second.sends(message))
        isOpen = keeper.receive()
        #expect(!isOpen)
    }

    @Test func theEndOfTheResolverIsSeen() throws {
        var keeper = GrantKeeper(allowlist: Allowlist(), netfilter: try NetfilterSocket())
        keeper.serve(try PipeChannelPair().releaseFirst())
        var isOpen = keeper.receive()
        #expect(!isOpen)
        keeper.close()
        let channel = keeper.channel
        #expect(channel == nil)
        isOpen = keeper.receive()
        #expect(isOpen)
    }
}

extension PipeChannel {
    /// Whether the whole message went.
    fileprivate func sends(_ message: [UInt8]) -> Bool {
        send(message.span) == .moved(message.count)
    }

    /// Octets of the message that came.
    fileprivate func count(into octets: inout [UInt8]) -> Int {
        guard case .moved(let count) = receive(into: &octets) else { return 0 }
        return count
    }
}
