import DNSWire
import Linux
import SystemPackage

/// A question that is out with an upstream.
struct Exchange {
    let identifier: UInt16
    /// Nil over TCP.
    let letterCase: LetterCase?
    let lookup: Lookup
    /// Whether the question had EDNS(0) options.
    let hasOptions: Bool

    var inquiry: Inquiry {
        Inquiry(question: lookup.question, identifier: identifier, letterCase: letterCase)
    }
}

/// A datagram socket that hears one upstream, on a port of its own.
final class UpstreamSocket {
    /// Most questions that are out on one port: a forger's guess is good for this many at most.
    static let mostExchanges = 32
    /// After so many questions the port is left.
    static let mostUses = 64
    /// After so many strays somebody is guessing: what is out is asked again by stream.
    static let mostStrays = 8

    let descriptor: OwnedDescriptor
    let upstream: Int
    let opened: Instant
    var uses = 0
    /// Datagrams that answer nothing that was asked here.
    var strays = 0
    var exchanges: [Exchange] = []

    init(_ descriptor: consuming OwnedDescriptor, upstream: Int, opened: Instant) {
        self.descriptor = descriptor
        self.upstream = upstream
        self.opened = opened
    }

    /// Forgets exchanges whose question has been answered by another.
    func prune() { exchanges.removeAll { $0.lookup.isDone } }
}

/// Sockets to one upstream. A question takes a fresh port while few are open, else one of those at
/// random; so a forger must guess the port, the identifier and the capitals.
struct UpstreamSockets {
    private static let most = 32
    /// A port that has been open for so long is not used again.
    private static let longestUse: Milliseconds = .seconds(10)

    let endpoint: Endpoint
    let upstream: Int
    private(set) var sockets: [UpstreamSocket] = []
    /// False once it has called a question with EDNS(0) malformed (RFC 6891 §6.2.2).
    var speaksEDNS = true

    init(_ endpoint: Endpoint, upstream: Int) {
        self.endpoint = endpoint
        self.upstream = upstream
    }

    /// A socket for one more question. The second value is true when it is new.
    mutating func take(
        at now: Instant, using random: inout some RandomNumberGenerator
    ) throws(SystemCallError) -> (UpstreamSocket, isNew: Bool) {
        if sockets.count >= Self.most {
            let socket = sockets[Int(random.next() % UInt64(sockets.count))]
            if socket.exchanges.count >= UpstreamSocket.mostExchanges { socket.prune() }
            if socket.exchanges.count < UpstreamSocket.mostExchanges {
                socket.uses += 1
                return (socket, false)
            }
            throw SystemCallError("socket", "upstream", .tooManyOpenFiles)
        }
        let descriptor = try InternetSocket.datagrams(connectedTo: endpoint)
        let socket = UpstreamSocket(descriptor, upstream: upstream, opened: now)
        socket.uses = 1
        sockets.append(socket)
        return (socket, true)
    }

    mutating func discard(_ socket: UpstreamSocket) { sockets.removeAll { $0 === socket } }

    /// Takes out the sockets that have served: used up or old, and nothing out on them.
    mutating func retire(at now: Instant) -> [UpstreamSocket] {
        var retired: [UpstreamSocket] = []
        sockets.removeAll { socket in
            guard socket.uses >= UpstreamSocket.mostUses || now >= socket.opened + Self.longestUse
            else { return false }
            socket.prune()
            guard socket.exchanges.isEmpty else { return false }
            retired.append(socket)
            return true
        }
        return retired
    }
}
