import Linux
import Testing

@testable import Resolver

@Suite struct UpstreamSocketsTests {
    @Test func takesAFreshPortEachTimeAndThenOneOfManyAtRandom() throws {
        var sockets = UpstreamSockets(Endpoint(.v4(0x7f00_0001), port: 9), upstream: 0)
        var random = SeededRandom(state: 1)
        var ports: [UInt16] = []
        for _ in 0..<32 {
            let (socket, isNew) = try sockets.take(at: at(0), using: &random)
            #expect(isNew)
            ports.append(try InternetSocket.local(of: socket.descriptor.raw).port)
        }
        #expect(Set(ports).count == 32)
        var used: Set<CInt> = []
        for _ in 0..<200 {
            let (socket, isNew) = try sockets.take(at: at(1), using: &random)
            #expect(!isNew)
            used.insert(socket.descriptor.raw)
        }
        #expect(used.count > 16)
    }

    @Test func leavesPortsThatAreOldOrUsedUp() throws {
        var sockets = UpstreamSockets(Endpoint(.v4(0x7f00_0001), port: 9), upstream: 0)
        var random = SeededRandom(state: 1)
        let (first, _) = try sockets.take(at: at(0), using: &random)
        let (second, _) = try sockets.take(at: at(5000), using: &random)
        #expect(sockets.retire(at: at(9999)).isEmpty == true)
        #expect(sockets.retire(at: at(10_000)).map { $0 === first } == [true])
        second.uses = UpstreamSocket.mostUses
        #expect(sockets.retire(at: at(10_000)).map { $0 === second } == [true])
        #expect(sockets.sockets.isEmpty)
    }
}
