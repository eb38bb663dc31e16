import Control
public import Linux
import Logging

/// Keeping the state that a trap in PID 1's own code comes back to.
extension Supervisor {
    /// Keeps what PID 1 knows now, if it is not what was kept last. To be called before an effect of a
    /// change leaves PID 1; the loop does so after each round.
    func keepState() {
        guard comeback.isReady else { return }
        do throws(SystemCallError) {
            try keepStateOrThrow()
        } catch {
            // An outdated state may name descriptors that are others' now.
            Continuation.forget()
            comeback.kept = nil
            log.error("cannot keep the state: a trap would end the container: \(error)")
        }
    }

    func keepStateOrThrow() throws(SystemCallError) {
        guard let handover = handover() else { return }
        var writer = RecordWriter()
        handover.write(to: &writer)
        guard writer.octets != comeback.kept else { return }
        try Continuation.keep(
            MemoryFile.sealed("state", holding: writer.octets), descriptors: handover.descriptors)
        comeback.kept = writer.octets
    }

    /// Closes a descriptor that the state has named and no longer does.
    func retire(_ descriptor: CInt) {
        keepState()
        Descriptors.close(descriptor)
    }

    /// Counts a trap, says what it was, and ends the container when there are too many.
    public func cameBack(from trap: Trap) {
        let limit = Int(configuration.trapLimit)
        facts.comeback.traps &+= 1
        facts.comeback.lastTrap = trap.description
        keepState()
        log.error(
            "PID 1 came back from a trap in its own code: \(trap): number \(trap.moments.count) of this minute: report this"
        )
        guard trap.moments.count >= limit, !shutdown.isStopping else { return }
        log.error("\(trap.moments.count) traps in a minute: ending the container")
        perform(shutdown.handle(.over(Self.trapCode), situation, at: .now))
    }

    /// EX_SOFTWARE (sysexits.h).
    private static let trapCode: CInt = 70
}
