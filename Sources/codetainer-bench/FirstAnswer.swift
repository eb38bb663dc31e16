import Glibc
import Linux
import SystemPackage

/// Starts a server and asks it until it answers.
struct FirstAnswer {
    /// Between two questions, in microseconds: what the measurement may be wrong by.
    private static let pause: UInt32 = 100
    private static let patience: Milliseconds = 120_000

    let port: UInt16
    let question: Question
    let command: [String]

    /// Prints `PROCESS MILLISECONDS`, and leaves the server running.
    func measure() throws {
        let client = try InternetSocket.datagrams(
            connectedTo: Endpoint(.v4(0x7f00_0001), port: port))
        var answer = [UInt8](repeating: 0, count: 512)
        let start = Instant.now
        let server = try Processes.spawn(SpawnRequest(command[0], command))
        while Instant.now < start + Self.patience {
            // Both fail as long as nobody listens: ICMP says so (udp(7), ECONNREFUSED).
            _ = try? client.write(question.octets)
            usleep(Self.pause)
            if let count = try? client.read(into: &answer), count > 0 {
                return Report.print(server, Instant.now.since(start))
            }
        }
        throw SystemCallError("recv", command[0], .timedOut)
    }
}

/// An A question as it goes over the wire (RFC 1035 §4.1).
struct Question {
    let octets: [UInt8]

    init(_ name: String) {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 }
        octets = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels + [0, 0, 1, 0, 1]
    }
}

enum Report {
    static func print(_ process: CInt, _ time: Milliseconds) {
        let line = "\(process) \(Double(time.nanoseconds) / 1e6)\n"
        Output.write(Array(line.utf8), to: 1)
    }
}
