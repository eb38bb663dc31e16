import Boot
import Confinement
import Linux
import Supervision

/// `codetainer metrics`: the process that collectors talk to, as PID 1 starts it in its cage.
enum MetricsServerCommand {
    static func run() -> Never {
        do {
            var server = try MetricsServer()
            try ServiceCage.enterMetricsServer()
            try server.run()
            System.exit(0)
        } catch {
            Terminal.fail("metrics: \(error)", code: ExitCode.software.rawValue)
        }
    }
}
