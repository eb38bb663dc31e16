import Control
import Linux

/// `codetainer health`: for Docker's HEALTHCHECK; prints PID 1's answer, ends with 0 when healthy.
enum HealthCommand {
    static func run() -> Never {
        guard let reply = try? ControlClient.ask(.health, patience: 2_000) else {
            Terminal.fail("codetainer is not running here", code: 1)
        }
        let text = String(decoding: reply, as: UTF8.self)
        Terminal.finish(saying: text, code: text.hasPrefix("{\"healthy\":true") ? 0 : 1)
    }
}
