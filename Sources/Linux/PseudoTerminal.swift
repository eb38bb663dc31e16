import CLinux
import Glibc
import SystemPackage

/// A terminal that a program plays for another (pty(7)).
///
/// Closing the master hangs the slave up: whoever still holds it reads an end, and gets EIO for
/// anything else.
public struct PseudoTerminal: ~Copyable, Sendable {
    /// The end of whoever plays the terminal; non-blocking.
    public let master: OwnedDescriptor
    /// Where the other end, the slave, is opened.
    public let path: String

    /// - SeeAlso: posix_openpt(3), grantpt(3), unlockpt(3), ptsname(3)
    public init() throws(SystemCallError) {
        var path = [CChar](repeating: 0, count: 64)
        let master = OwnedDescriptor(
            adopting: try checked(
                unsafe codetainer_open_pseudo_terminal(&path, path.count), "posix_openpt"))
        self.master = master
        self.path = String(
            decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Opens the terminal at `path`, not as the controlling one; non-blocking.
    public static func open(_ path: String) throws(SystemCallError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try checked(
                unsafe codetainer_open(path, O_RDWR | O_NOCTTY | O_NONBLOCK, 0), "open", path))
    }

    /// The terminal behind `descriptor`, opened again where that is allowed: O_NONBLOCK belongs to
    /// the open file, which a shell shares and which must stay as it is. Where it is not, as after
    /// su(1), the open file itself, which may block.
    public static func reopen(_ descriptor: CInt) throws(SystemCallError) -> OwnedDescriptor {
        do throws(SystemCallError) {
            return try open("/proc/self/fd/\(descriptor)")
        } catch {
            return OwnedDescriptor(
                adopting: try checked(
                    codetainer_fcntl(descriptor, F_DUPFD_CLOEXEC, 3), "fcntl", "F_DUPFD"))
        }
    }
}

/// A terminal's size (ioctl_tty(2), `TIOCGWINSZ`).
public struct WindowSize: Hashable, Sendable {
    /// In characters.
    public let rows, columns: UInt16
    /// In pixels; 0 when the terminal does not say.
    public let width, height: UInt16

    public init(rows: UInt16, columns: UInt16, width: UInt16 = 0, height: UInt16 = 0) {
        (self.rows, self.columns, self.width, self.height) = (rows, columns, width, height)
    }

    public init(of terminal: CInt) throws(SystemCallError) {
        var size = winsize()
        try checked(
            unsafe codetainer_ioctl(terminal, UInt(TIOCGWINSZ), &size), "ioctl", "TIOCGWINSZ")
        self.init(
            rows: size.ws_row, columns: size.ws_col, width: size.ws_xpixel, height: size.ws_ypixel)
    }

    /// Sets it; either end will do. The kernel tells the terminal's foreground processes (SIGWINCH).
    public func apply(to terminal: CInt) throws(SystemCallError) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: width, ws_ypixel: height)
        try checked(
            unsafe codetainer_ioctl(terminal, UInt(TIOCSWINSZ), &size), "ioctl", "TIOCSWINSZ")
    }
}

/// How a terminal treats what passes through it (termios(3)).
public struct TerminalSettings: Sendable {
    private var settings: termios

    public init(of terminal: CInt) throws(SystemCallError) {
        settings = termios()
        try checked(unsafe tcgetattr(terminal, &settings), "tcgetattr")
    }

    /// The same terminal, passing every octet through as it is (cfmakeraw(3)).
    public var raw: TerminalSettings {
        var raw = self
        unsafe cfmakeraw(&raw.settings)
        return raw
    }

    /// Takes effect at once; on a pseudo terminal either end will do.
    public func apply(to terminal: CInt) throws(SystemCallError) {
        try checked(unsafe tcsetattr(terminal, TCSANOW, [settings]), "tcsetattr")
    }

    /// Lets a terminal write again that a key has stopped (tcflow(3)).
    public static func resumeOutput(of terminal: CInt) { _ = tcflow(terminal, TCOON) }

    /// Loses what the terminal has received and nobody has read (tcflush(3)).
    public static func discardInput(of terminal: CInt) { _ = tcflush(terminal, TCIFLUSH) }
}
