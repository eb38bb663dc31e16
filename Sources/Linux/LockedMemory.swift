import Glibc
import SystemPackage

/// Memory that is never swapped, dumped, inherited or left behind: locked, and wiped when its
/// owner goes.
///
/// What is put in is written in place, so that no copy stays in the heap.
///
/// - SeeAlso: mlock(2), madvise(2) `MADV_DONTDUMP` and `MADV_WIPEONFORK`, explicit_bzero(3)
@safe public final class LockedMemory: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let mappedCount: Int
    public private(set) var byteCount = 0
    /// False where the limit on locked memory forbids it; the memory is then wiped, not locked.
    public let isLocked: Bool

    /// - Parameters:
    ///   - capacity: octets that `body` appends at most.
    public init(capacity: Int, filling body: (inout OutputSpan<UInt8>) -> Void)
        throws(SystemCallError)
    {
        mappedCount = max(1, capacity)
        let address = unsafe mmap(
            nil, mappedCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            let cause = Errno.current
            throw SystemCallError("mmap", "a secret", cause)
        }
        unsafe base = address
        isLocked = unsafe mlock(address, mappedCount) == 0
        _ = unsafe madvise(address, mappedCount, MADV_DONTDUMP)
        _ = unsafe madvise(address, mappedCount, Self.wipeOnFork)
        let buffer = unsafe UnsafeMutableBufferPointer(
            start: address.assumingMemoryBound(to: UInt8.self), count: capacity)
        var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
        body(&output)
        byteCount = unsafe output.finalize(for: buffer)
    }

    public convenience init(_ bytes: borrowing [UInt8]) throws(SystemCallError) {
        let span = bytes.span
        try self.init(capacity: span.count) { output in
            for index in span.indices { output.append(span[index]) }
        }
    }

    /// Everything in a memory file, copied straight into place. It is mapped, as a secret one cannot be
    /// read otherwise.
    public convenience init(contentsOf file: CInt) throws(SystemCallError) {
        var status = stat()
        try checked(unsafe fstat(file, &status), "fstat", "a secret")
        let count = Int(status.st_size)
        // Nothing cannot be mapped.
        let source: SharedMemory? =
            count > 0 ? try SharedMemory(mapping: file, byteCount: count, writable: false) : nil
        try self.init(capacity: count) { output in
            for offset in 0..<count { output.append(source?.octet(at: offset) ?? 0) }
        }
    }

    deinit {
        unsafe explicit_bzero(base, mappedCount)
        _ = unsafe munmap(base, mappedCount)
    }

    /// Lends the bytes; a copy that `body` makes is the caller's to wipe.
    public func withBytes<Result: ~Copyable, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe UnsafeBufferPointer(
            start: base.assumingMemoryBound(to: UInt8.self), count: byteCount)
        return try unsafe body(bytes.span)
    }

    /// `MADV_WIPEONFORK`, since Linux 4.14.
    private static let wipeOnFork: CInt = 18
}
