import Boot
import Control
import Egress
import Linux
import Logging
import Policy
import Supervision

/// `codetainer supervise STATE [TRAP…]`: PID 1 after boot, going on from a handed-over state; after a
/// trap in its own code the handler adds what it was.
///
/// `codetainer supervise --resumes` says whether this program could go on from the state that is its
/// standard input; an upgrade asks.
enum SuperviseCommand {
    static func run(_ words: [String]) -> Never {
        if words == ["--resumes"] { sayWhetherItResumes() }
        let trap = Trap(words: words.dropFirst())
        guard System.processID == 1, let state = words.first.flatMap({ CInt($0) }),
            words.count == 1 || trap != nil
        else {
            Terminal.fail(
                "supervise is what init becomes, not a command to run: use `codetainer init`",
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
            // What the state names is inheritable still, so a trap before it is read comes back, too.
            try Continuation.catchTraps()
            Continuation.remember(trap?.moments ?? [], limit: Trap.mostRemembered)
            try Continuation.keep(OwnedDescriptor(adopting: state), descriptors: [])
            let supervisor = try resume(from: state, after: trap)
            if let trap { supervisor.cameBack(from: trap) }
            supervisor.run()
        } catch {
            Terminal.fail(
                "cannot supervise: \(error): report this", code: ExitCode.software.rawValue)
        }
    }

    private static func resume(from state: CInt, after trap: Trap?) throws -> Supervisor {
        let handover = try read(state)
        // A few more, so that what ends the container in order is not ended by the next one.
        let limit = Int(handover.work.trapLimit) + 3
        Continuation.remember(trap?.moments ?? [], limit: limit)
        let log = Logger(label: EventLog.label) { _ in EventLog(handover.log, isBooting: false) }
        var configuration = Supervisor.Configuration()
        configuration.endsWithAgent = handover.endsWithAgent
        configuration.terms = handover.terms
        configuration.log = handover.log
        configuration.trapLimit = handover.work.trapLimit
        configuration.grace = handover.grace
        let supervisor = try Supervisor(log: log, configuration: configuration)
        try supervisor.resume(
            handover, allowlist: try handover.policy.allowlist(), netfilter: try NetfilterSocket(),
            version: Version.current)
        return supervisor
    }

    private static func read(_ state: CInt) throws -> Handover {
        var reader = RecordReader(try MemoryFile.contents(of: state))
        return try Handover(from: &reader)
    }

    private static func sayWhetherItResumes() -> Never {
        do {
            _ = try read(0)
            Terminal.finish(saying: "codetainer \(Version.current)\n")
        } catch {
            Terminal.fail(
                "cannot go on from this state: \(error)", code: ExitCode.configuration.rawValue)
        }
    }
}
