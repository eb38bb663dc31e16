import SystemPackage

/// How long a process has been running.
public enum ProcessAge {
    /// Ticks in a second of what the kernel shows to programs (`USER_HZ`): 100 on every machine that
    /// Swift runs on (time(7)).
    private static let ticksInASecond: Int64 = 100

    /// Whole seconds since the process was started; nil when there is none, or it is hidden.
    public static func seconds(of process: CInt) -> Int64? {
        guard let text = try? Files.text(FilePath("/proc/\(process)/stat"), limit: 4096),
            let start = start(parsing: text)
        else { return nil }
        let boot = Instant.sinceBoot.nanoseconds
        return max(0, boot / 1_000_000_000 - start / ticksInASecond)
    }

    /// When it was started, in ticks since the machine was: the 22nd field (proc_pid_stat(5)).
    ///
    /// The second is a name in brackets that the process itself chooses, brackets and all.
    static func start(parsing text: String) -> Int64? {
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        return fields.count > 19 ? Int64(fields[19]) : nil
    }
}
