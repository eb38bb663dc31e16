import Control
import Linux
import SystemPackage

/// Row 30: the control socket, as the agent.
extension Catalogue {
    static let control: [Attack] = [
        Attack(
            "change the policy over the control socket", rows: [30],
            stops: [.said("not permitted"): .controlSocket], control: healthIsAnswered,
            attempts: Trial("allow, deny, reload") { scene in
                // Where it worked after all, it would be about a name that is nobody's.
                ["allow \(ProbeTarget.name) 1", "deny \(ProbeTarget.name)", "reload"].map { line in
                    Trial.observe(line) { () throws(SystemCallError) in
                        try ask(line + "\n", scene)
                    }
                }
            }),
        Attack(
            "malformed requests over the control socket", rows: [30],
            stops: [.said("refused"): .controlSocket], control: healthIsAnswered,
            attempts: Trial("600 octets, NUL, no such request") { scene in
                [
                    ("600 octets", String(repeating: "x", count: 600)),
                    ("NUL", "status\0\n"), ("no such request", "nonesuch\n"),
                ].map { name, line in
                    Trial.observe(name) { () throws(SystemCallError) in try ask(line, scene) }
                }
            }),
        Attack(
            "half a request over the control socket", rows: [30], pace: .slow,
            stops: [.said("refused"): .controlSocket], control: healthIsAnswered,
            attempts: Trial("no end of line") { scene in
                [
                    Trial.observe("half a line") { () throws(SystemCallError) in
                        try ask("heal", scene, patience: 3_500) { () throws(SystemCallError) in
                            // One at a time: the live agent's own places are few.
                            guard try ask("health\n", scene) == .done else {
                                throw SystemCallError("ask", "health meanwhile", .timedOut)
                            }
                        }
                    }
                ]
            }),
    ]

    private static let healthIsAnswered = Trial("health is answered") { scene in
        [Trial.observe("health") { () throws(SystemCallError) in try ask("health\n", scene) }]
    }

    /// - Returns: done for an answer; what kind of refusal otherwise.
    private static func ask(
        _ line: String, _ scene: Scene, patience: Milliseconds = 2_000,
        meanwhile: () throws(SystemCallError) -> Void = {}
    ) throws(SystemCallError) -> Answer {
        let deadline = Instant.now + patience
        let connection = try UnixSocket.connect(to: scene.controlSocket)
        _ = try connection.write(Array(line.utf8))
        try meanwhile()
        let poll = try Poll()
        try poll.add(connection.raw, for: .readable, token: 0)
        var reply: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while Instant.now < deadline {
            _ = try poll.wait(deadline.since(.now))
            var count = 0
            do throws(SystemCallError) {
                guard let received = try connection.read(into: &chunk) else { continue }
                count = received
            } catch {
                // What was sent and not read ends the connection so, after the reply.
                guard error.cause == .connectionReset else { throw error }
            }
            guard count > 0 else {
                let text = String(decoding: reply, as: UTF8.self)
                guard text.isEmpty || text.hasPrefix("{\"error\":") else { return .done }
                return .said(text.contains("not permitted for uid") ? "not permitted" : "refused")
            }
            reply += chunk.prefix(count)
        }
        throw SystemCallError("read", "control.sock", .timedOut)
    }
}
