import Boot
import Control
import Inspection
import Linux
import Supervision

/// `codetainer report`: writes one status report to the connection that PID 1 hands over.
///
/// Descriptor 3 is the connection, 4 what PID 1 knows, 5 the resolver's counters, 6 its policy. `codetainer report
/// metrics` writes what the metrics server serves instead, as one message; `codetainer report all` leaves
/// nothing out that is remembered of what was denied.
enum ReportCommand {
    static func run(_ words: [String]) -> Never {
        do {
            var reader = RecordReader(try MemoryFile.contents(of: 4))
            let facts = try SupervisorFacts(from: &reader)
            let inspector = Inspector(
                facts: facts, version: Version.current, statistics: 5, policy: 6)
            if words == [MetricsServer.name] { sendMetrics(Array(inspector.report().metrics.utf8)) }
            try Output.writeBounded(
                try inspector.report(isComplete: words == ["all"]).json(), to: 3, patience: 5_000)
            System.exit(0)
        } catch {
            Terminal.fail("report: \(error)", code: ExitCode.software.rawValue)
        }
    }

    /// The server has no room for more, and waits no longer for what is not sent now.
    private static func sendMetrics(_ text: [UInt8]) -> Never {
        guard text.count <= MetricsServer.longestReport,
            send(text.span, to: 3) == .moved(text.count)
        else {
            Terminal.fail("report: the metrics were not sent", code: ExitCode.software.rawValue)
        }
        System.exit(0)
    }
}
