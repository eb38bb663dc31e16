import Boot
import Control
import Egress
import Linux
import Logging
import Policy
import Supervision

/// `codetainer supervise STATE`: PID 1 after boot, resuming from a handed-over state.
enum SuperviseCommand {
    static func run(_ words: [String]) -> Never {
        guard System.processID == 1, words.count == 1, let state = CInt(words[0]) else {
            Terminal.fail(
                "supervise is what init becomes, not a command to run",
                code: ExitCode.usage.rawValue)
        }
        // Its own children could not see it: they may not look into a process that is not dumpable.
        guard ProcessVectors().environment.isEmpty else {
            Terminal.fail(
                "cannot supervise: there is an environment, and secrets may be in it: report this",
                code: ExitCode.software.rawValue)
        }
        do {
            try Privileges.forbidDumping()
            try resume(from: state).run()
        } catch {
            Terminal.fail("cannot supervise: \(error)", code: ExitCode.software.rawValue)
        }
    }

    private static func resume(from state: CInt) throws -> Supervisor {
        let file = OwnedDescriptor(adopting: state)
        var reader = RecordReader(try MemoryFile.contents(of: file.raw))
        let handover = try Handover(from: &reader)
        for descriptor in handover.descriptors {
            try Descriptors.setInheritable(descriptor, false)
        }
        let log = Logger(label: EventLog.label) { _ in EventLog(handover.log, isBooting: false) }
        var configuration = Supervisor.Configuration()
        configuration.endsWithAgent = handover.endsWithAgent
        configuration.log = handover.log
        configuration.grace = handover.grace
        let supervisor = try Supervisor(log: log, configuration: configuration)
        let policy = Allowlist.Source(
            name: "policy", utf8: try MemoryFile.contents(of: handover.resolver.policy))
        try supervisor.resume(
            handover, allowlist: try Allowlist(parsing: [policy]), netfilter: try NetfilterSocket())
        return supervisor
    }
}
