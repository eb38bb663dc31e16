import Linux
import SystemPackage
import Testing

/// What is sent together arrives as what was written, whoever it is for and whatever its length.
@Suite struct DatagramSenderTests {
    /// Lengths of datagrams, in the order they are written, for clients told apart by index.
    struct Batch: CustomTestStringConvertible {
        let testDescription: String
        let datagrams: [(client: Int, length: Int)]

        init(_ description: String, _ datagrams: [(Int, Int)]) {
            testDescription = description
            self.datagrams = datagrams.map { ($0.0, $0.1) }
        }
    }

    static let batches = [
        Batch("one", [(0, 40)]),
        Batch("a pair of one length", [(0, 40), (0, 40)]),
        Batch("a pair of two lengths", [(0, 40), (0, 41)]),
        Batch("two lengths in turn", (0..<20).map { (0, 40 + $0 % 2) }),
        Batch("more lengths than are looked for", (0..<30).map { (0, 40 + $0 % 7) }),
        Batch("three clients, one length", (0..<30).map { ($0 % 3, 100) }),
        Batch("a whole batch and more", Array(repeating: (0, 64), count: 150)),
        Batch("more octets than a message has", Array(repeating: (1, 1232), count: 64)),
        Batch("empty ones", [(0, 0), (0, 0), (1, 12), (0, 0)]),
    ]

    @Test(arguments: batches) func everyDatagramArrivesWholeAndOnce(_ batch: Batch) throws {
        let server = try InternetSocket.datagrams(boundTo: Endpoint(.v4(0x7f00_0001), port: 0))
        let clients = try (0..<3).map { _ in
            try Client(of: try InternetSocket.local(of: server.raw).port)
        }
        var receiver = try DatagramReceiver(longest: 8)
        var peers: [Peer] = []
        for client in clients {
            _ = try client.socket.write([1])
            #expect(try receiver.receive(from: server.raw) == 1)
            peers.append(receiver.source(0))
        }

        var sender = try DatagramSender(socket: server.raw, longest: 1232)
        for (index, datagram) in batch.datagrams.enumerated() {
            sender.append(to: peers[datagram.client], limit: 1232) { output in
                for _ in 0..<datagram.length { output.append(UInt8(truncatingIfNeeded: index)) }
            }
        }
        sender.flush()
        for (number, client) in clients.enumerated() {
            let expected = batch.datagrams.enumerated().filter { $0.element.client == number }.map {
                [UInt8](
                    repeating: UInt8(truncatingIfNeeded: $0.offset), count: $0.element.length)
            }
            #expect(
                try client.received().sorted(by: Self.precedes)
                    == expected.sorted(by: Self.precedes))
        }
    }

    /// A message that no client listens for any more does not hold up the next.
    @Test func aClientThatHasGoneHoldsUpNobody() throws {
        let server = try InternetSocket.datagrams(boundTo: Endpoint(.v4(0x7f00_0001), port: 0))
        let port = try InternetSocket.local(of: server.raw).port
        let staying = try Client(of: port)
        var receiver = try DatagramReceiver(longest: 8)
        _ = try staying.socket.write([1])
        #expect(try receiver.receive(from: server.raw) == 1)
        let peer = receiver.source(0)
        let gone = try Self.peerThatHasGone(server.raw, port, &receiver)

        var sender = try DatagramSender(socket: server.raw, longest: 64)
        for peer in [gone, gone, peer, gone, peer] {
            sender.append(to: peer, limit: 64) { $0.append(7) }
        }
        sender.flush()
        #expect(try staying.received() == [[7], [7]])
    }

    private static func peerThatHasGone(
        _ server: CInt, _ port: UInt16, _ receiver: inout DatagramReceiver
    ) throws -> Peer {
        let client = try Client(of: port)
        _ = try client.socket.write([1])
        _ = try receiver.receive(from: server)
        return receiver.source(0)
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        (left.count, left.first ?? 0) < (right.count, right.first ?? 0)
    }

    private final class Client {
        let socket: OwnedDescriptor

        init(of port: UInt16) throws(SystemCallError) {
            socket = try InternetSocket.datagrams(
                connectedTo: Endpoint(.v4(0x7f00_0001), port: port))
        }

        func received() throws -> [[UInt8]] {
            var all: [[UInt8]] = []
            var octets = [UInt8](repeating: 0, count: 2048)
            while let count = try socket.read(into: &octets) { all.append(Array(octets[..<count])) }
            return all
        }
    }
}
