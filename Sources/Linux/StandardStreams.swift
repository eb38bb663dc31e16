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

    /// Gives the controlling terminal up, so that another session can have it. Whoever is in a
    /// terminal's session may read its keys in PID 1's place and, by that, stop PID 1's whole group.
    ///
    /// The kernel sends the caller SIGHUP for it (ioctl_tty(2), `TIOCNOTTY`), which is dropped; the
    /// caller has it blocked.
    public static func leaveTerminal() {
        guard haveTerminal, codetainer_ioctl(0, UInt(TIOCNOTTY), nil) == 0 else { return }
        // Ignoring drops what is pending (sigaction(2)).
        _ = signal(SIGHUP, SIG_IGN)
        _ = signal(SIGHUP, SIG_DFL)
    }

    /// Lets `group` open them again, by way of /dev/stdout or /proc/self/fd/1, to write, and the first
    /// to read: the runtime made them for root. A pipe stays root's, since its owner could make
    /// himself its reader; the terminal becomes `user`'s, who is in a session with it.
    ///
    /// What is neither, a file or a socket, stays whose it is.
    public static func give(to user: UInt32, group: UInt32) {
        for stream in CInt(0)...2 {
            var status = stat()
            guard unsafe fstat(stream, &status) == 0, status.st_uid == 0,
                status.st_mode & S_IFMT == S_IFIFO || isatty(stream) == 1
            else { continue }
            // The mode first: only the owner may change it.
            if status.st_mode & S_IFMT == S_IFIFO {
                _ = fchmod(stream, stream == 0 ? 0o640 : 0o620)
                _ = fchown(stream, 0, group)
            } else {
                _ = fchmod(stream, 0o620)
                _ = fchown(stream, user, 0)
            }
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
