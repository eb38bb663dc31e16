import CLinux
import Glibc
import SystemPackage

/// Facts about the calling process.
public enum System {
    /// Gives the kernel back what the heap has free, after work that took much of it: libc keeps up to
    /// 64 MiB after a large block was freed once (mallopt(3), `M_MMAP_THRESHOLD`).
    public static func giveMemoryBack() { codetainer_give_memory_back() }

    /// Gives back the pages of code that only starting needed. What still runs is mapped again as it
    /// is reached, a few dozen page faults without a read; of a program of 16 MB, most is not.
    ///
    /// - SeeAlso: madvise(2), `MADV_DONTNEED`
    public static func releaseCode() { codetainer_release_code() }

    public static var processID: CInt { getpid() }
    public static var userID: UInt32 { getuid() }
    public static var groupID: UInt32 { getgid() }

    /// The program that this process runs, as a path that works while /proc is mounted.
    public static let ownExecutable = "/proc/self/exe"

    /// The path of the program that this process runs, for use in command lines.
    public static func executablePath() throws(SystemCallError) -> String {
        try Files.target(of: FilePath(ownExecutable))
    }

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

    public static var parentID: CInt { getppid() }

    /// Makes the kernel send `signal` to the calling process when its parent ends (prctl(2),
    /// `PR_SET_PDEATHSIG`).
    public static func signalOnParentDeath(_ signal: Signal) throws(SystemCallError) {
        try checked(
            codetainer_prctl(PR_SET_PDEATHSIG, UInt(signal.number), 0, 0, 0), "prctl",
            "PR_SET_PDEATHSIG")
    }

    /// Starts a session without a controlling terminal (setsid(2)).
    ///
    /// - Throws: `EPERM` for the leader of a group, which a shell with job control makes of every
    ///   command.
    public static func startSession() throws(SystemCallError) {
        try checked(setsid(), "setsid")
    }

    /// Makes standard input the controlling terminal of the session that the caller leads.
    ///
    /// - SeeAlso: ioctl_tty(2), `TIOCSCTTY`
    public static func takeTerminal() throws(SystemCallError) {
        try checked(codetainer_ioctl(0, UInt(TIOCSCTTY), nil), "ioctl", "TIOCSCTTY")
    }

    /// Whether the calling process leads its group, and so cannot start a session.
    public static var leadsGroup: Bool { getpgrp() == getpid() }

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

/// Finding and entering what a command names.
public enum Commands {
    /// Why a command cannot be run, with the code a shell ends with for it.
    public enum LookUpError: Error, Equatable, CustomStringConvertible {
        case notFound(String)
        case notExecutable(String)

        /// 127 when there is no such command, 126 when it is there but cannot be run.
        public var code: CInt {
            switch self {
            case .notFound: 127
            case .notExecutable: 126
            }
        }

        public var description: String {
            switch self {
            case .notFound(let command):
                "\(command): command not found: check the spelling, PATH, and that the image has it"
            case .notExecutable(let command):
                "\(command): not an executable file: chmod +x, or name another"
            }
        }
    }

    /// What libc takes when there is no PATH at all (`_CS_PATH` of confstr(3)).
    public static let defaultPath = "/bin:/usr/bin"

    /// Who reads a file that the kernel takes for no program (execvp(3)).
    public static let shell = "/bin/sh"

    /// The file that `command` names: itself when it has a slash, else the first on `path`, of which
    /// an empty part is the working directory (execvp(3)).
    public static func find(_ command: String, path: String) throws(LookUpError) -> String {
        if command.isEmpty { throw .notFound("\"\"") }
        let candidates =
            command.contains("/")
            ? [command]
            : path.split(separator: ":", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? command : "\($0)/\(command)" }
        var exists = false
        for candidate in candidates {
            var status = stat()
            guard unsafe stat(candidate, &status) == 0 else { continue }
            let isFile = status.st_mode & S_IFMT == S_IFREG
            if isFile, unsafe access(candidate, X_OK) == 0 { return candidate }
            exists = true
        }
        throw exists ? .notExecutable(command) : .notFound(command)
    }

    public static func enterDirectory(_ path: String) throws(SystemCallError) {
        try checked(unsafe chdir(path), "chdir", path)
    }
}

/// Writing where nobody may be reading.
public enum Output {
    /// Writes as much of `bytes` as the file takes now, and never waits for the rest.
    ///
    /// poll(2) says writable for a pipe when at least `PIPE_BUF` octets fit, so a line of at most
    /// that length does not block where nobody else writes; a longer one is cut there. A socket is
    /// told not to wait, and `reopened(_:)` gives a pipe or terminal that never does.
    @discardableResult
    public static func writeWithoutWaiting(_ bytes: [UInt8], to descriptor: CInt) -> Transfer {
        let line = bytes.span.extracting(first: 4096)
        let sent = Linux.send(line, to: descriptor)
        guard sent == .failed(.notSocket) else { return sent }
        var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&question, 1, 0) == 1, question.revents & Int16(POLLNVAL) == 0 else {
            return question.revents == 0 ? .wouldBlock : .failed(.badFileDescriptor)
        }
        let count = unsafe line.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count >= 0 { return .moved(count) }
        switch Errno.current {
        case .wouldBlock, .interrupted: return .wouldBlock
        case let cause: return .failed(cause)
        }
    }

    /// The pipe or terminal at `descriptor`, opened once more so that writing never waits: whoever
    /// shares the open file there notices nothing.
    ///
    /// - Returns: nil for what never blocks (a file), cannot be opened anew (a socket), or has
    ///   nobody who reads.
    /// - SeeAlso: proc_pid_fd(5)
    public static func reopened(_ descriptor: CInt) -> CInt? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0,
            [S_IFIFO, S_IFCHR].contains(status.st_mode & S_IFMT)
        else { return nil }
        let own = unsafe codetainer_open(
            "/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY, 0)
        return own < 0 ? nil : own
    }

    /// Writes all of `bytes` to a non-blocking file, waiting for its reader at most `patience`.
    public static func writeBounded(_ bytes: [UInt8], to descriptor: CInt, patience: Milliseconds)
        throws(SystemCallError)
    {
        let deadline = Instant.now + patience
        let poll = try Poll()
        try poll.add(descriptor, for: .writable, token: 0)
        var rest = bytes[...]
        while !rest.isEmpty {
            guard Instant.now < deadline else {
                throw SystemCallError("write", "descriptor \(descriptor)", .timedOut)
            }
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            let cause = Errno.current
            guard cause == .wouldBlock || cause == .interrupted else {
                throw SystemCallError("write", "descriptor \(descriptor)", cause)
            }
            _ = try poll.wait(deadline.since(.now))
        }
    }

    /// Writes all of `bytes`, waiting for the reader.
    ///
    /// - Returns: why not, where it failed.
    @discardableResult
    public static func write(_ bytes: some Collection<UInt8>, to descriptor: CInt) -> Errno? {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0, Errno.current == .interrupted { continue }
            guard count > 0 else { return count < 0 ? Errno.current : .ioError }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}
