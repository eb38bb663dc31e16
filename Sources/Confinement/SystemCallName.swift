import CSeccomp

/// The names of system calls.
public enum SystemCallName {
    /// The number that `name` has here; nil where this architecture has no such call.
    ///
    /// - SeeAlso: seccomp_syscall_resolve_name(3)
    public static func number(of name: String) -> Int? {
        let number = unsafe seccomp_syscall_resolve_name(name)
        return number >= 0 ? Int(number) : nil
    }
}
