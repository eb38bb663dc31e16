import Boot
import Control
import Inspection
import Linux

/// `codetainer report`: writes one status report to the connection that PID 1 hands over.
///
/// Descriptor 3 is the connection, 4 what PID 1 knows, 5 the resolver's counters.
enum ReportCommand {
    static func run() -> Never {
        do {
            var reader = RecordReader(try MemoryFile.contents(of: 4))
            let facts = try SupervisorFacts(from: &reader)
            let inspector = Inspector(facts: facts, version: Version.current, statistics: 5)
            try Output.writeBounded(try inspector.report().json(), to: 3, patience: 5_000)
            System.exit(0)
        } catch {
            Terminal.fail("report: \(error)", code: ExitCode.software.rawValue)
        }
    }
}
