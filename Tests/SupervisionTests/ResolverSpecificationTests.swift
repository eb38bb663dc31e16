import Confinement
import Linux
import Resolver
import Testing

@testable import Supervision

@Suite struct ResolverSpecificationTests {
    @Test func isStartedInItsCageWithItsDescriptorsInOrder() throws {
        let request = HandoverTests.resolver.spawnRequest(
            grants: PipeChannel(incoming: 30, outgoing: 31))
        #expect(request.environment == [])
        #expect(request.arguments.prefix(2) == ["codetainer", "confine"])
        #expect(request.descriptors.map(\.source) == [10, 11, 12, 13, 30, 31, 15, 16, 14])
        #expect(request.descriptors.map(\.target) == [3, 4, 5, 6, 7, 8, 9, 10, 11])

        let (cage, command) = try Cage.parse(Array(request.arguments.dropFirst(2)))
        var expected = Cage(
            identity: .init(user: 64053, group: 64054), filter: .service,
            limits: [.init(.openFiles, 4096)], keptDescriptors: 12,
            newSession: true, directory: "/")
        expected.environment = .callers
        #expect(cage == expected)
        #expect(command.prefix(2) == ["/usr/local/bin/codetainer", "resolver"])

        let configuration = try ResolverConfiguration(arguments: command.dropFirst(2))
        #expect(configuration.datagramSockets == [3, 4] && configuration.streamSockets == [5, 6])
        #expect(
            configuration.grants == PipeChannel(incoming: 7, outgoing: 8)
                && configuration.statistics == 9)
        #expect(configuration.packetLog == 10 && configuration.policy == 11)
        #expect(configuration.upstreams.map(\.text) == ["192.0.2.1:53", "[2001:db8::1]:53"])
        #expect(configuration.relaysAAAA)
    }

    @Test func withoutALogOfPacketsThereIsNoGap() throws {
        var specification = HandoverTests.resolver
        specification.packetLog = nil
        let request = specification.spawnRequest(grants: PipeChannel(incoming: 30, outgoing: 31))
        #expect(request.descriptors.map(\.target) == [3, 4, 5, 6, 7, 8, 9, 10])
        let (cage, command) = try Cage.parse(Array(request.arguments.dropFirst(2)))
        #expect(cage.keptDescriptors == 11)
        let configuration = try ResolverConfiguration(arguments: command.dropFirst(2))
        #expect(configuration.packetLog == nil && configuration.policy == 10)
    }
}
