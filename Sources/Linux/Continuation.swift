import CLinux
import SystemPackage

/// How this process goes on as another program image: with its number, its children and the
/// descriptors that its state names.
///
/// The state is a sealed memory file. There are two places for it, of which one is in force, so that
/// one is whole at every instant; a trap comes back to it, and so does an exec that is meant.
public enum Continuation {
    /// From here on a trap executes the program again; without a state it ends the process.
    ///
    /// - SeeAlso: sigaltstack(2), execveat(2), CLinux/Trap.c
    public static func catchTraps() throws(SystemCallError) {
        try checked(codetainer_trap_catch(), "sigaction", "traps")
    }

    /// - Parameters:
    ///   - moments: traps of the last minute.
    ///   - limit: how many there may be in a minute before the process ends at once.
    public static func remember(_ moments: [Instant], limit: Int) {
        let times = moments.map(\.nanoseconds)
        unsafe codetainer_trap_remember(times, times.count, max(1, limit))
    }

    /// Makes `state` what the process goes on from, with `descriptors` open.
    ///
    /// - Throws: `E2BIG` for more than 512 descriptors; the earlier state then stays in force.
    public static func keep(_ state: consuming OwnedDescriptor, descriptors: [CInt])
        throws(SystemCallError)
    {
        let before = unsafe codetainer_trap_keep(state.raw, descriptors, descriptors.count)
        guard before > -2 else {
            throw SystemCallError("keep", "state", .argListTooLong)
        }
        _ = state.release()
        if before >= 0 { Descriptors.close(before) }
    }

    /// Lets go of the state: what it names is no longer so, and no other could be kept.
    public static func forget() {
        let file = codetainer_trap_forget()
        if file >= 0 { Descriptors.close(file) }
    }

    /// Executes `program`, or with nil this one again, in the state that is kept; returns only by
    /// throwing, and then everything is as it was.
    public static func passOn(to program: CInt? = nil) throws(SystemCallError) -> Never {
        _ = codetainer_trap_pass_on(program ?? -1)
        throw SystemCallError("execveat", "supervise", .current)
    }
}
