import DNSWire
import Foundation
import Linux
import Policy
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Confinement
@testable import Resolver

/// The resolver as PID 1 starts it, a process in its cage, with a stand-in for PID 1.
@Suite(.serialized) struct ConfinedResolverTests {
    /// Everything that the resolver does, under strace(1): each call that it makes is on the list,
    /// or it would have been killed, and each call on the list is made.
    @Test func theListIsWhatTheResolverCalls() throws {
        let scratch = try Scratch()
        let log = scratch.path.appending("calls")
        let upstream = try ScriptedUpstream { asked in
            var message = ScriptedUpstream.answer(asked, 1, timeToLive: 20)
            if !asked.isStream, asked.question.name.description.hasPrefix("big") {
                message.flags.insert(.truncated)
                message.answers = []
            }
            return [message]
        }
        let resolver = try ConfinedResolver(
            allowing: "*.a.test\n", upstreams: [upstream.endpoint],
            within: ["strace", "-qq", "-o", log.string])
        let client = try Client(of: resolver.endpoint)
        #expect(try client.ask(question("small.a.test")).records.count == 1)
        #expect(try client.ask(question("big.a.test")).records.count == 1, "over TCP")
        #expect(try client.ask(question("b.test")).header.flags.responseCode == .nameError)
        let stream = try Client(streamTo: resolver.endpoint)
        try stream.send(framed(query(question("stream.a.test"))))
        #expect(try stream.receive().count > 2)
        resolver.refuseSomething()
        // More than it has random numbers for.
        for number in 0..<40 {
            #expect(try client.ask(question("n\(number).a.test")).records.count == 1)
        }
        #expect(try resolver.terminate() == .exited(0))

        let calls = try Self.calls(in: log)
        let serving = calls.serving.subtracting(["+++"])
        let listed = SystemCallPolicy.resolver.rules.flatMap(\.calls)
        let allowed = Set(listed.map(\.description))
        #expect(serving.subtracting(allowed) == [])
        let rare = Set(SystemCallPolicy.rarelyCalled.map(\.description))
        #expect(rare.isSubset(of: allowed))
        #expect(allowed.subtracting(rare).subtracting(serving) == [], "on the list and never made")

        let service = Set(SystemCallPolicy.service.rules.flatMap(\.calls).map(\.description))
        let starting = calls.starting.subtracting(allowed)
        let startUp = service.subtracting(allowed)
        #expect(starting.subtracting(startUp) == [])
        #expect(startUp.subtracting(starting) == [], "on the list and never made")
    }

    /// The names of the calls from the exec of the resolver on, before and after it closes its cage:
    /// the first seccomp(2) after the exec that loads a filter is its own.
    private static func calls(in log: FilePath) throws -> (
        starting: Set<String>, serving: Set<String>
    ) {
        var starting: Set<String> = []
        var serving: Set<String> = []
        var stage = 0
        for line in try Files.text(log).split(separator: "\n") {
            let call = String(line.prefix { $0 != "(" && $0 != " " })
            switch stage {
            case 0 where line.hasPrefix("seccomp(SECCOMP_SET_MODE_FILTER") && line.hasSuffix("= 0"):
                stage = 1
            case 1:
                starting.insert(call)
                if line.hasPrefix("seccomp(SECCOMP_SET_MODE_FILTER"), line.hasSuffix("= 0") {
                    stage = 2
                }
            case 2: serving.insert(call)
            default: break
            }
        }
        return (starting, serving)
    }
}

/// The resolver's process, its descriptors, and a stand-in for PID 1 that grants everything.
final class ConfinedResolver: Sendable {
    let endpoint: Endpoint
    let process: CInt
    private let grants: PipeChannelPair
    private let packetLog: DescriptorPair

    /// - Parameter within: a command that starts another, `strace` and the like.
    init(allowing text: String, upstreams: [Endpoint], within: [String] = []) throws {
        let sockets = try LoopbackSockets.open(backlog: 64)
        let policy = try MemoryFile.sealed("policy", holding: Array(text.utf8))
        let statistics = try MemoryFile.empty(
            "statistics", byteCount: ResolverStatistics.byteCount)
        endpoint = sockets.endpoint
        grants = try PipeChannelPair()
        packetLog = try UnixSocket.messagePair()
        let configuration = ResolverConfiguration(
            datagramSockets: [3], streamSockets: [4], grants: PipeChannel(incoming: 5, outgoing: 6),
            statistics: 7, packetLog: 8, policy: 9, upstreams: upstreams)
        var cage = Cage(
            identity: within.isEmpty ? .init(user: 64053, group: 64053) : nil, filter: .service,
            limits: [.init(.openFiles, 4096), .init(.processes, 64)], keptDescriptors: 10)
        cage.environment = .callers
        let command =
            within + [try codetainer(), "confine"] + cage.options
            + [try codetainer(), "resolver"] + configuration.arguments
        process = try Processes.spawn(
            SpawnRequest(
                try Commands.find(command[0], path: searchPath), command,
                descriptors: [
                    (sockets.datagrams.raw, 3), (sockets.listener.raw, 4),
                    (grants.first.incoming, 5), (grants.first.outgoing, 6),
                    (statistics.raw, 7), (packetLog.first.raw, 8), (policy.raw, 9),
                ]))
        Thread.detachNewThread { [self] in grantEverything() }
    }

    /// Something arrives where the kernel tells of refused packets.
    func refuseSomething() { _ = packetLog.second.send([UInt8](repeating: 0, count: 16).span) }

    /// Ends it as PID 1 does, and waits.
    func terminate() throws -> Linux.ExitStatus {
        // What strace runs is its child, and ends it with its own code.
        let children = try Files.text(FilePath("/proc/\(process)/task/\(process)/children"))
        let resolver = children.split(separator: " ").first.flatMap { CInt($0) } ?? process
        try send(.terminate, to: resolver)
        return try Processes.wait(for: process)
    }

    private func grantEverything() {
        guard let poll = try? Poll() else { return }
        try? poll.add(grants.second.incoming, for: .readable, token: 0)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            _ = try? poll.wait(100)
            switch grants.second.receive(into: &buffer) {
            case .wouldBlock: continue
            case .failed, .moved(0): return
            case .moved(let count):
                let message = buffer.span.extracting(first: count)
                for record in (try? GrantRecord.decode(message)) ?? [] {
                    let answer = GrantAcknowledgement(sequence: record.sequence, status: 0)
                    _ = grants.second.send(GrantAcknowledgement.encode([answer]).span)
                }
            }
        }
    }
}
