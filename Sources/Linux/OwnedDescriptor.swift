import CLinux
import Glibc
import SystemPackage

/// A file descriptor with one owner, closed when the owner goes.
///
/// Every descriptor is close-on-exec; what a child shall inherit is named in its `SpawnRequest`.
public struct OwnedDescriptor: ~Copyable, Sendable {
    public let raw: CInt

    public init(adopting raw: CInt) { self.raw = raw }

    // Never retried: close(2) frees the descriptor even when it fails with EINTR.
    deinit { _ = close(raw) }

    /// Gives up ownership without closing.
    public consuming func release() -> CInt {
        let raw = self.raw
        discard self
        return raw
    }

    /// A second descriptor for the same open file (fcntl(2), `F_DUPFD_CLOEXEC`).
    public func duplicate() throws(SystemCallError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try checked(codetainer_fcntl(raw, F_DUPFD_CLOEXEC, 3), "fcntl", "F_DUPFD"))
    }

    /// Reads at most `buffer.count` octets; nil when none are there yet, 0 at the end.
    ///
    /// - SeeAlso: read(2)
    public func read(into buffer: inout [UInt8]) throws(SystemCallError) -> Int? {
        try Descriptors.read(raw, into: &buffer)
    }

    /// Writes as much of `bytes` as the file takes now; nil when it takes none yet.
    ///
    /// - SeeAlso: write(2)
    public func write(_ bytes: some Collection<UInt8>) throws(SystemCallError) -> Int? {
        let contiguous = ContiguousArray(bytes)
        while true {
            let count = unsafe contiguous.withUnsafeBytes { bytes in
                unsafe Glibc.write(raw, bytes.baseAddress, bytes.count)
            }
            if count >= 0 { return count }
            switch Errno.current {
            case .interrupted: continue
            case .wouldBlock: return nil
            case let cause: throw SystemCallError("write", "", cause)
            }
        }
    }

    /// Writes all of `bytes` to a blocking file.
    public func writeAll(_ bytes: some Collection<UInt8>) throws(SystemCallError) {
        var rest = ArraySlice(bytes)
        while !rest.isEmpty {
            guard let count = try write(rest) else {
                throw SystemCallError("write", "", .wouldBlock)
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// Two descriptors that belong together: the ends of a socket pair, or of a pipe (read end first).
public struct DescriptorPair: ~Copyable, Sendable {
    public let first: OwnedDescriptor
    public let second: OwnedDescriptor

    public init(first: CInt, second: CInt) {
        self.first = OwnedDescriptor(adopting: first)
        self.second = OwnedDescriptor(adopting: second)
    }

    /// Gives up the first; the second is closed.
    public consuming func takeFirst() -> OwnedDescriptor { first }

    /// Gives up the second; the first is closed.
    public consuming func takeSecond() -> OwnedDescriptor { second }

    /// Gives up ownership of both without closing.
    public consuming func release() -> (first: CInt, second: CInt) {
        (first.release(), second.release())
    }

    /// pipe(2)
    public static func pipe() throws(SystemCallError) -> DescriptorPair {
        var pair: [CInt] = [-1, -1]
        try checked(unsafe codetainer_pipe(&pair), "pipe2")
        return DescriptorPair(first: pair[0], second: pair[1])
    }

    /// A pipe whose reader waits for nobody who keeps the other end open.
    public static func pipeWithoutWaiting() throws(SystemCallError) -> DescriptorPair {
        let pair = try pipe()
        try checked(
            codetainer_fcntl(pair.first.raw, F_SETFL, CLong(O_NONBLOCK)), "fcntl", "F_SETFL")
        return pair
    }
}

/// Descriptors whose owner is a table that is keyed by their number.
public enum Descriptors {
    /// Reads at most `buffer.count` octets; nil when none are there yet, 0 at the end.
    public static func read(_ descriptor: CInt, into buffer: inout [UInt8]) throws(SystemCallError)
        -> Int?
    {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
            }
            if count >= 0 { return count }
            switch Errno.current {
            case .interrupted: continue
            case .wouldBlock: return nil
            case let cause: throw SystemCallError("read", "", cause)
            }
        }
    }

    public static func close(_ descriptor: CInt) { _ = Glibc.close(descriptor) }

    public static func isOpen(_ descriptor: CInt) -> Bool {
        codetainer_fcntl(descriptor, F_GETFD, 0) >= 0
    }

    /// Makes reading and writing return at once where they would wait (fcntl(2), `O_NONBLOCK`).
    public static func setNonBlocking(_ descriptor: CInt) throws(SystemCallError) {
        let flags = try checked(codetainer_fcntl(descriptor, F_GETFL, 0), "fcntl", "F_GETFL")
        try checked(
            codetainer_fcntl(descriptor, F_SETFL, CLong(flags | O_NONBLOCK)), "fcntl", "F_SETFL")
    }

    /// Lets the descriptor pass through the next exec, or no longer.
    public static func setInheritable(_ descriptor: CInt, _ inheritable: Bool)
        throws(SystemCallError)
    {
        try checked(
            codetainer_fcntl(descriptor, F_SETFD, inheritable ? 0 : CLong(FD_CLOEXEC)),
            "fcntl", "F_SETFD")
    }
}
