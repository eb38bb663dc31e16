import CLinux
import Glibc
import SystemPackage

/// Facts about the calling process.
public enum System {
    public static var processID: CInt { getpid() }
    public static var userID: UInt32 { getuid() }
    public static var groupID: UInt32 { getgid() }

    /// The program that this process runs, as a path that works while /proc is mounted.
    public static let ownExecutable = "/proc/self/exe"

    public static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

    /// Random octets of the kernel (getrandom(2)).
    public static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// Makes the calling process adopt the orphans below it (prctl(2), `PR_SET_CHILD_SUBREAPER`).
    public static func becomeSubreaper() throws(SystemCallError) {
        try checked(codetainer_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl", "subreaper")
    }

    /// Starts a session without a controlling terminal (setsid(2)); a leader of a group cannot.
    public static func startSession() throws(SystemCallError) {
        try checked(setsid(), "setsid")
    }

    /// Sets close-on-exec on every descriptor from `first` on (close_range(2)).
    public static func hideDescriptors(from first: UInt32) throws(SystemCallError) {
        let closeOnExec: UInt32 = 4
        try checked(
            codetainer_close_range(first, .max, closeOnExec), "close_range", "from \(first)")
    }

    public static func setFileCreationMask(_ mask: UInt32) { _ = umask(mask) }

    /// Ends the process at once; nothing is flushed or destroyed.
    public static func exit(_ code: CInt) -> Never { Glibc._exit(code) }
}
