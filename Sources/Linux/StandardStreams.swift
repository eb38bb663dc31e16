import CLinux
import Glibc

/// Standard input, output and error (0, 1, 2) of PID 1, as the container's runtime made them, for a
/// program that runs on them.
public enum StandardStreams {
    /// Opens /dev/null for those that are closed, so that no other file gets their numbers.
    public static func fill() {
        for stream in CInt(0)...2 where codetainer_fcntl(stream, F_GETFD, 0) < 0 {
            // The lowest free number is the stream's; that it is not close-on-exec is meant.
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    /// Whether standard input is the controlling terminal (tcgetpgrp(3)).
    public static var haveTerminal: Bool { tcgetpgrp(0) >= 0 }

    /// Lets `user` open them again, by way of /dev/stdout or /proc/self/fd/1: the runtime made pipes
    /// and terminal for root. Root, as their group, may still write to them without its privileges.
    ///
    /// What is neither, a file or a socket, stays whose it is.
    public static func give(to user: UInt32) {
        for stream in CInt(0)...2 {
            var status = stat()
            guard unsafe fstat(stream, &status) == 0, status.st_uid == 0,
                status.st_mode & S_IFMT == S_IFIFO || isatty(stream) == 1
            else { continue }
            // The mode first: only the owner may change it.
            _ = fchmod(stream, 0o620)
            _ = fchown(stream, user, 0)
        }
    }

    /// Lets go of input and output, which are the program's now; error stays, for the log.
    public static func release() {
        let nothing = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nothing >= 0 else { return }
        for stream in CInt(0)...1 { _ = dup2(nothing, stream) }
        close(nothing)
    }
}
