import DNSWire
import Linux
import SystemPackage

/// What carries a question.
enum Transport: String, Sendable {
    case datagrams = "UDP"
    case stream = "TCP"
}

/// A DNS question for an address, with EDNS so that the answer may say why it is what it is.
struct NameQuestion {
    /// How long an answer may take that must come.
    private static let patience: Milliseconds = 1_000
    private static let identifier: UInt16 = 0x6374

    /// As they go on the wire, whatever is in them.
    let labels: [String]

    /// Header; name, A, IN; OPT with room for 1,232 octets (RFC 1035 §4.1, RFC 6891 §6.1.2).
    private var query: [UInt8] {
        var query: [UInt8] = [0x63, 0x74, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
        for label in labels {
            query.append(UInt8(label.utf8.count))
            query += label.utf8
        }
        query += [0, 0, 1, 0, 1]
        return query + [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]
    }

    /// - Returns: done for an answer with an address; what kind of refusal otherwise.
    func ask(_ server: Endpoint, over transport: Transport) throws(SystemCallError) -> Answer {
        switch transport {
        case .datagrams:
            let socket = try InternetSocket.datagrams(connectedTo: server)
            _ = try socket.write(query)
            return Self.verdict(on: try Self.message(from: socket, hasLength: false))
        case .stream:
            let socket = try InternetSocket.stream(connectingTo: server)
            try Wait.untilConnected(socket, atMost: Self.patience)
            let query = query
            _ = try socket.write([UInt8(query.count >> 8), UInt8(query.count & 0xff)] + query)
            return Self.verdict(on: try Self.message(from: socket, hasLength: true))
        }
    }

    private static func message(from socket: borrowing OwnedDescriptor, hasLength: Bool)
        throws(SystemCallError) -> [UInt8]
    {
        let deadline = Instant.now + patience
        let poll = try Poll()
        try poll.add(socket.raw, for: .readable, token: 0)
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while Instant.now < deadline {
            _ = try poll.wait(deadline.since(.now))
            guard let count = try socket.read(into: &chunk) else { continue }
            guard hasLength else { return Array(chunk.prefix(count)) }
            guard count > 0 else { throw SystemCallError("read", "an answer", .connectionReset) }
            received += chunk.prefix(count)
            if received.count >= 2, received.count >= 2 + Int(received[0]) << 8 + Int(received[1]) {
                return Array(received.dropFirst(2))
            }
        }
        throw SystemCallError("read", "an answer", .timedOut)
    }

    private static func verdict(on message: [UInt8]) -> Answer {
        do throws(WireError) {
            var reader = try MessageReader(message.span)
            let header = reader.header
            guard header.identifier == identifier else { return .said("another question's answer") }
            switch header.flags.responseCode {
            case .noError: return header.answerCount > 0 ? .done : .said("an empty answer")
            case .formatError: return .said("FORMERR")
            case .nameError: break
            case let code: return .said("response code \(code.rawValue)")
            }
            for _ in 0..<header.questionCount { _ = try reader.question() }
            let records =
                Int(header.answerCount) + Int(header.authorityCount) + Int(header.additionalCount)
            for _ in 0..<records {
                let record = try reader.record()
                guard record.type == .opt else { continue }
                if try reader.options(of: record).extendedError?.code == .blocked {
                    return .said("blocked")
                }
            }
            return .said("NXDOMAIN of another server")
        } catch {
            return .said("no DNS message")
        }
    }
}

/// What Docker's embedded resolver listens on: 127.0.0.11 and ports that it chooses.
enum DockerResolver {
    /// Its sockets as /proc/net has them, those of other uids too; one nil where there are none.
    /// It listens over UDP and TCP; the kernel takes milliseconds to list all of TCP.
    static func listeners() throws(SystemCallError) -> [(endpoint: Endpoint, transport: Transport)?]
    {
        var found: [(endpoint: Endpoint, transport: Transport)?] = []
        for (path, transport) in [
            ("/proc/net/udp", Transport.datagrams), ("/proc/net/tcp", .stream),
        ] {
            if transport == .stream, found.isEmpty { break }
            for line in try Files.text(FilePath(path)).split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                // The address is printed as the machine's own word, the port as it is read.
                guard fields.count > 3, fields[1].hasPrefix("0B00007F:"),
                    transport == .datagrams || fields[3] == "0A",
                    let port = UInt16(fields[1].dropFirst(9), radix: 16)
                else { continue }
                found.append((Endpoint(.v4(0x7f00_000b), port: port), transport))
            }
        }
        return found.isEmpty ? [nil] : found
    }
}
