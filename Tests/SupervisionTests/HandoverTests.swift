import Control
import Linux
import Logging
import Policy
import Testing

@testable import Supervision

@Suite struct HandoverTests {
    static let resolver = ResolverSpecification(
        executable: "/usr/local/bin/codetainer", user: 64053, group: 64054,
        datagramSockets: [10, 11], streamSockets: [12, 13], policy: 14, statistics: 15,
        packetLog: 16, upstreams: ["192.0.2.1:53", "[2001:db8::1]:53"], relaysAAAA: true)

    /// One of each kind, at different moments of their lives.
    static let states: [ServiceState] = {
        var group = ServiceGroup(
            [
                .init(
                    name: "one", command: ["a", "b"], cage: ["--seccomp", "agent", "--"],
                    environment: ["A=1"], readiness: .descriptor(5), readyWithin: 7,
                    heartbeat: 8, restart: .always, stopSignal: .quit, stopGrace: 9,
                    isRequired: false),
                .init(name: "two", command: ["c"], cage: [], readiness: .port(8080), after: []),
                .init(
                    name: "three", command: ["d"], cage: [], readiness: .exit, restart: .never,
                    after: [0, 1]),
                .init(name: "four", command: ["e"], cage: []),
            ], at: Instant(nanoseconds: 11))
        _ = group.handle(.tick, at: Instant(nanoseconds: 12))
        _ = group.handle(.spawned(0, process: 31), at: Instant(nanoseconds: 13))
        _ = group.handle(.spawned(1, process: 32), at: Instant(nanoseconds: 14))
        _ = group.handle(.ended(1, .exited(1)), at: Instant(nanoseconds: 15))
        _ = group.handle(.spawned(3, process: 33), at: Instant(nanoseconds: 16))
        return group.services.enumerated().map { place, service in
            var service = service
            if place == 3 {
                var specification = service.specification
                specification.inherited = [60, 61]
                service = ServiceGroup.Service(
                    specification: specification, state: service.state, process: service.process,
                    lifecycle: service.lifecycle, since: service.since, readyBy: service.readyBy,
                    beatBy: Instant(nanoseconds: 70), stoppedSince: Instant(nanoseconds: 71),
                    cause: .stopped, hasBeenUp: service.hasBeenUp)
            }
            let first = CInt(40 + 4 * place)
            return ServiceState(
                service: service, reading: first, writing: place == 3 ? -1 : first + 1,
                relay: first + 2, notification: place == 0 ? first + 3 : nil,
                remains: place == 1 ? 32 : nil)
        }
    }()

    private static let terms: CommandTerms = {
        var terms = CommandTerms()
        terms.rewrites = [15: 3, 2: 0]
        (terms.signalsGroup, terms.expectedCodes) = (true, [143, 3])
        return terms
    }()

    static let log: LogSettings = {
        var log = LogSettings()
        (log.form, log.level, log.takesColour) = (.json, .error, true)
        return log
    }()

    /// In its second wave of services, of which one is late.
    private static let ending: Shutdown = {
        let situation = Shutdown.Situation(
            agentRuns: true, hasSession: true,
            services: [[.init(2, grace: 50)], [.init(0, grace: 100), .init(1, grace: 900)]])
        var shutdown = Shutdown(grace: .init(total: 9_000, agent: 1_000))
        for (time, event) in [
            (0, .requested(.quit)), (1, .serviceEnded(2)), (2, .agentEnded(3)), (3, .sessionEmpty),
            (200, .deadline),
        ] as [(Milliseconds, Shutdown.Event)] {
            _ = shutdown.handle(event, situation, at: Instant(nanoseconds: 17) + time)
        }
        return shutdown
    }()

    static let full: Handover = {
        var facts = SupervisorFacts()
        facts.boot.profile = "claude-code"
        facts.session = SessionFacts(
            name: "claude", command: ["claude"], server: 20, kind: .agent, since: 21)
        var handover = Handover(
            facts: facts, resolver: resolver, resolverLifecycle: 4,
            grants: PipeChannel(incoming: 17, outgoing: 27),
            controlListener: 18, runnerConnection: 19, endsWithAgent: true, terms: terms,
            log: log, lostLines: 5,
            credentials: [
                .init(host: "github.com", username: "x-access-token", served: 3, file: 21)
            ],
            policy: try! LivePolicy(base: "example.com\n")
                .denying(DomainName(parsing: "example.net"))
                .denying(DomainName(parsing: "example.org"))
                .allowing("example.org:22", until: Instant(nanoseconds: 5)),
            sources: PolicySources(files: ["/opt/network/domains.conf"], extra: "a.test b.test"),
            grace: Shutdown.Grace(total: 9_000, agent: 1_000), services: states)
        handover.work.ending = ending
        handover.work.synchroniser = 25
        handover.work.isReloading = true
        handover.work.runnerHandle = 22
        handover.work.upgradeConnection = 23
        handover.work.trapLimit = 4
        handover.metricsChannel = 24
        return handover
    }()

    static let least: Handover = {
        var handover = full
        handover.resolver.packetLog = nil
        handover.resolver.upstreams = []
        handover.runnerConnection = nil
        handover.endsWithAgent = false
        handover.log = LogSettings()
        handover.terms = CommandTerms()
        handover.credentials = []
        handover.grants = nil
        handover.work = Handover.WorkInHand()
        handover.services = []
        handover.metricsChannel = nil
        handover.grace = Shutdown.Grace()
        return handover
    }()

    private static func octets(_ handover: Handover) -> [UInt8] {
        var writer = RecordWriter()
        handover.write(to: &writer)
        return writer.octets
    }

    @Test(arguments: [full, least])
    func comesBackAsItWas(handover: Handover) throws {
        var reader = RecordReader(Self.octets(handover))
        let read = try Handover(from: &reader)
        #expect(read.facts == handover.facts)
        #expect(read.resolver == handover.resolver)
        #expect(read.resolverLifecycle == handover.resolverLifecycle)
        #expect(read.grants == handover.grants)
        #expect(read.controlListener == handover.controlListener)
        #expect(read.runnerConnection == handover.runnerConnection)
        #expect(read.endsWithAgent == handover.endsWithAgent)
        #expect(read.log == handover.log && read.lostLines == handover.lostLines)
        #expect(read.terms == handover.terms)
        #expect(read.policy == handover.policy)
        #expect(read.sources == handover.sources)
        #expect(read.credentials == handover.credentials)
        #expect(read.work == handover.work)
        #expect(read.services == handover.services)
        #expect(read.metricsChannel == handover.metricsChannel)
        #expect(read.grace == handover.grace)
        // Nothing is in the record that was not compared.
        #expect(Self.octets(read) == Self.octets(handover))
    }

    @Test func namesEveryDescriptorThatMustStayOpen() {
        #expect(
            Self.full.descriptors == [
                10, 11, 12, 13, 14, 15, 16, 17, 27, 18, 19, 24, 21, 40, 41, 43, 44, 45, 48, 49, 52,
                60,
                61, 22, 23,
            ])
        #expect(Self.least.descriptors == [10, 11, 12, 13, 14, 15, 18])
    }

    @Test func everyTruncationIsRefused() {
        let octets = Self.octets(Self.full)
        for count in 0..<octets.count {
            var reader = RecordReader(Array(octets.prefix(count)))
            #expect(throws: RecordError.truncated) { try Handover(from: &reader) }
        }
    }

    @Test func anythingElseIsRefused() {
        var other = Self.octets(Self.full)
        other[0] = 99
        var reader = RecordReader(other)
        #expect(throws: RecordError.otherFormat(99)) { try Handover(from: &reader) }
        var longer = RecordReader(Self.octets(Self.full) + [0, 0])
        #expect(throws: RecordError.trailingOctets(2)) { try Handover(from: &longer) }
    }
}
