import DNSWire
import Foundation
import Linux
import Synchronization

@testable import Resolver

/// An upstream that does what a test says: for each question, over either carrier, the messages
/// that go back.
final class ScriptedUpstream: Sendable {
    struct Asked: Sendable {
        var question: Question
        var letterCase: LetterCase
        var identifier: UInt16
        var isStream: Bool
    }

    typealias Script = @Sendable (Asked) -> [TestMessage]

    let endpoint: Endpoint
    let asked = Mutex<[Asked]>([])
    private let datagrams: OwnedDescriptor
    private let listener: OwnedDescriptor

    init(_ script: @escaping Script) throws {
        let sockets = try LoopbackSockets.open()
        endpoint = sockets.endpoint
        datagrams = sockets.datagrams
        listener = sockets.listener
        Thread.detachNewThread { [self] in serveDatagrams(script) }
        Thread.detachNewThread { [self] in serveStreams(script) }
    }

    /// An answer to what was asked: an address for an A question.
    static func answer(_ asked: Asked, _ last: UInt32 = 1, timeToLive: UInt32 = 60) -> TestMessage {
        var message = TestMessage(
            identifier: asked.identifier, questions: [asked.question],
            letterCase: asked.letterCase)
        message.answers = [
            .init(
                owner: asked.question.name.description, timeToLive: timeToLive,
                data: .a(0x5db8_d700 | last))
        ]
        return message
    }

    private func note(_ octets: [UInt8], isStream: Bool) -> Asked? {
        guard var reader = try? MessageReader(octets.span),
            let question = try? reader.question()
        else { return nil }
        let letterCase = reader.letterCase(at: 12, count: question.name.count)
        let found = Asked(
            question: question, letterCase: letterCase, identifier: reader.header.identifier,
            isStream: isStream)
        asked.withLock { $0.append(found) }
        return found
    }

    private func serveDatagrams(_ script: Script) {
        guard let poll = try? Poll(), var receiver = try? DatagramReceiver(longest: 2048),
            var sender = try? DatagramSender(socket: datagrams.raw, longest: 65_000)
        else { return }
        try? poll.add(datagrams.raw, for: .readable, token: 0)
        while true {
            _ = try? poll.wait(nil)
            let count = (try? receiver.receive(from: datagrams.raw)) ?? 0
            for slot in 0..<count {
                let span = receiver.octets(slot)
                let octets = span.indices.map { span[$0] }
                guard let asked = note(octets, isStream: false) else { continue }
                for message in script(asked) {
                    sender.append(to: receiver.source(slot), limit: 65_000) { output in
                        for octet in message.octets { output.append(octet) }
                    }
                }
            }
            sender.flush()
        }
    }

    private func serveStreams(_ script: Script) {
        guard let poll = try? Poll() else { return }
        try? poll.add(listener.raw, for: .readable, token: 0)
        while true {
            _ = try? poll.wait(nil)
            guard let connection = try? InternetSocket.accept(from: listener.raw),
                let ready = try? Poll()
            else { continue }
            try? ready.add(connection.raw, for: .readable, token: 0)
            var reassembly = StreamReassembly(longestMessage: 4096)
            var buffer = [UInt8](repeating: 0, count: 4096)
            _ = try? ready.wait(1000)
            guard case .moved(let count) = connection.receive(into: &buffer) else { continue }
            try? reassembly.append(buffer.span.extracting(first: count))
            guard let octets = try? reassembly.next(),
                let asked = note(octets, isStream: true)
            else { continue }
            for message in script(asked) { _ = connection.send(framed(message.octets).span) }
        }
    }
}
