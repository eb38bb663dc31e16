import Boot
import Control
import Linux
import SystemPackage

/// `codetainer health`: for Docker's HEALTHCHECK; prints PID 1's answer, ends with 0 when healthy.
///
/// The agent's port is tried here, not by PID 1, which waits for nobody.
enum HealthCommand {
    /// Below Docker's 30 s by far, and longer than a busy program takes to accept.
    private static let patience: Milliseconds = 2_000

    static func run(_ words: [String]) -> Never {
        guard words.isEmpty else {
            Terminal.fail(
                "health takes nothing more: leave out what follows", code: ExitCode.usage.rawValue)
        }
        guard let reply = try? ControlClient.ask(.health, patience: patience) else {
            Terminal.fail("codetainer is not running here: run this inside the container", code: 1)
        }
        let text = String(decoding: reply, as: UTF8.self)
        guard text.hasPrefix("{\"healthy\":true") else { Terminal.finish(saying: text, code: 1) }
        guard let port = ControlReply.healthPort(in: text), let defect = defect(ofPort: port) else {
            Terminal.finish(saying: text)
        }
        let answer = ControlReply.health(verdict: "DEGRADED", ailments: [defect], port: port)
        Terminal.finish(saying: answer, code: 1)
    }

    /// Why the port of 127.0.0.1 accepts no connection, nor that of ::1; nil when one does.
    private static func defect(ofPort port: UInt16) -> String? {
        let addresses: [Endpoint.Address] = [.v4(0x7f00_0001), .v6(0, 1, scope: 0)]
        let causes = addresses.map { cause(Endpoint($0, port: port)) }
        guard let first = causes[0], causes[1] != nil else { return nil }
        return "port \(port) accepts no connection: \(first)"
    }

    private static func cause(_ endpoint: Endpoint) -> String? {
        do throws(SystemCallError) {
            let deadline = Instant.now + patience
            let socket = try InternetSocket.stream(connectingTo: endpoint)
            let poll = try Poll()
            try poll.add(socket.raw, for: .writable, token: 0)
            while try poll.wait(deadline.since(.now)).isEmpty {
                guard Instant.now < deadline else { return "no answer in 2 s" }
            }
            return try InternetSocket.pendingError(of: socket.raw)?.description
        } catch {
            return error.cause.description
        }
    }
}
