import DNSWire
import Linux

/// A client's TCP connection: questions in, answers out, in any order (RFC 7766 §6.2.1.1).
final class ClientStream {
    /// Longest question, in octets. A name, a header and some options are a few hundred.
    static let longestQuery = 4096
    /// Questions of one connection that are in flight; more wait in its buffer and in the kernel.
    static let mostInFlight = 32
    /// Octets of answers that the client has not taken; above this, no more questions are read.
    static let mostUnsent = 32_768
    /// How long a connection may be idle, leave a question half said, or an answer unread.
    static let patience: Milliseconds = .seconds(10)

    let descriptor: OwnedDescriptor
    var questions = StreamReassembly(longestMessage: longestQuery)
    var unsent: [UInt8] = []
    var inFlight = 0
    var lastProgress: Instant
    var isClosed = false
    /// The client has said all it will (a half-closed connection still gets its answers).
    var isEnded = false
    var interest: Readiness = .readable

    init(_ descriptor: consuming OwnedDescriptor, at now: Instant) {
        self.descriptor = descriptor
        lastProgress = now
    }

    var isIdle: Bool { inFlight == 0 && unsent.isEmpty }

    /// Whether more questions may be taken now.
    var isHungry: Bool {
        !isEnded && inFlight < Self.mostInFlight && unsent.count < Self.mostUnsent
    }

    /// Adds an answer, with its length before it (RFC 7766 §8).
    func append(_ message: [UInt8]) {
        unsent.append(UInt8(truncatingIfNeeded: message.count >> 8))
        unsent.append(UInt8(truncatingIfNeeded: message.count))
        unsent += message
    }
}

/// A question that goes to an upstream over TCP.
final class UpstreamStream {
    /// Most at a time; each is bounded by the longest message there is.
    static let most = 16

    let descriptor: OwnedDescriptor
    let upstream: Int
    let exchange: Exchange
    var unsent: [UInt8]
    var answer = StreamReassembly(longestMessage: 65_535)

    init(
        _ descriptor: consuming OwnedDescriptor, upstream: Int, exchange: Exchange, query: [UInt8]
    ) {
        self.descriptor = descriptor
        self.upstream = upstream
        self.exchange = exchange
        unsent =
            [UInt8(truncatingIfNeeded: query.count >> 8), UInt8(truncatingIfNeeded: query.count)]
            + query
    }
}
