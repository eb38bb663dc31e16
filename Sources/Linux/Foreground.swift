import CLinux
import Glibc
public import SystemPackage

/// Which process group a terminal obeys (tcsetpgrp(3)).
public enum Foreground {
    /// The calling process's own group; 0 when it is not of this namespace.
    public static var ownGroup: CInt { getpgrp() }

    /// The group in the foreground of the controlling terminal behind `descriptor`; nil when that is
    /// not the controlling terminal. 0 when the group is not of this namespace.
    public static func group(of descriptor: CInt) -> CInt? {
        let group = tcgetpgrp(descriptor)
        return group < 0 ? nil : group
    }

    /// Brings `group` there. The caller has SIGTTOU blocked, so it may do that from the background.
    /// Nothing is lost where it fails: the terminal is gone then, or another session's.
    public static func bring(_ group: CInt, to descriptor: CInt) { tcsetpgrp(descriptor, group) }
}

/// A command's words and environment as the kernel gave them: what is no UTF-8 stays what it is.
@safe public struct CommandVectors {
    public typealias Vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    fileprivate let words: Vector
    fileprivate let environment: Vector

    /// - Parameter words: at least one, then NULL; both vectors outlive the value.
    public init(words: Vector, environment: Vector) {
        unsafe (self.words, self.environment) = (words, environment)
    }

    /// The name of the command, without the NUL.
    public var name: [UInt8] { unsafe Self.octets(words[0]) }

    /// The value of a variable that the calling process has; nil when it has none.
    public static func variable(_ name: String) -> [UInt8]? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe octets(value)
    }

    private static func octets(_ string: UnsafePointer<CChar>?) -> [UInt8] {
        guard let string = unsafe string else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: string, count: strlen(string)))
    }

    /// Starts the file at `path`, in a process group of its own that comes to the foreground of
    /// `terminal`, with the mask `signals` and everything else as it is.
    ///
    /// What the kernel does not take for a program, the shell reads, as execvp(3) has it.
    ///
    /// - Parameter path: without a NUL.
    /// - Returns: the process's number.
    /// - Throws: the cause, as execve(2) and fork(2) have it.
    public func start(_ path: [UInt8], signals: UInt64, terminal: CInt?) throws(Errno) -> CInt {
        let path = path.map { CChar(bitPattern: $0) } + [0]
        var (result, process) = unsafe attempt(path, words, signals, terminal)
        if result == ENOEXEC {
            let script = unsafe scriptWords(path)
            (result, process) = unsafe attempt(Self.shell, script, signals, terminal)
            // Without a shell there is nothing to say about it but what the kernel said first.
            if result == ENOENT { result = ENOEXEC }
        }
        guard result == 0 else { throw Errno(rawValue: result) }
        return process
    }

    private func attempt(
        _ path: [CChar], _ words: Vector, _ signals: UInt64, _ terminal: CInt?
    ) -> (result: CInt, process: CInt) {
        var process: CInt = 0
        let result = unsafe codetainer_start_command(
            path, words, environment, signals, terminal ?? -1, &process)
        return (result, process)
    }

    private static let shell: [CChar] = "/bin/sh".utf8.map { CChar($0) } + [0]

    /// The shell with the script's path in the place of its name. Never freed: it is needed once,
    /// before the process does nothing but wait.
    private func scriptWords(_ path: [CChar]) -> Vector {
        var count = 1
        while unsafe words[count] != nil { count += 1 }
        let script = Vector.allocate(capacity: count + 2)
        unsafe script[0] = strdup(Self.shell)
        unsafe script[1] = strdup(path)
        for index in 1...count { unsafe script[index + 1] = words[index] }
        return unsafe script
    }
}

extension Files {
    /// Whether anything is at `path` (no NUL at its end), or may be for all that one may see. At one
    /// that is too long nothing can be.
    public static func isThere(_ path: [UInt8]) -> Bool {
        guard unsafe access(path.map { CChar(bitPattern: $0) } + [0], F_OK) != 0 else {
            return true
        }
        let cause = Errno.current
        return cause != .noSuchFileOrDirectory && cause != .notDirectory
            && cause != .fileNameTooLong
    }
}
