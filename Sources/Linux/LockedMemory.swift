import Glibc
import SystemPackage

/// Memory that is never swapped, dumped or left behind: locked, and wiped when its owner goes.
///
/// - SeeAlso: mlock(2), madvise(2) `MADV_DONTDUMP`, explicit_bzero(3)
@safe public final class LockedMemory: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let mappedCount: Int
    public let byteCount: Int
    /// False where the limit on locked memory forbids it; the memory is then wiped, not locked.
    public let isLocked: Bool

    public init(_ bytes: borrowing [UInt8]) throws(SystemCallError) {
        byteCount = bytes.count
        mappedCount = max(1, bytes.count)
        let address = unsafe mmap(
            nil, mappedCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            let cause = Errno.current
            throw SystemCallError("mmap", "a secret", cause)
        }
        unsafe base = address
        isLocked = unsafe mlock(address, mappedCount) == 0
        _ = unsafe madvise(address, mappedCount, MADV_DONTDUMP)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe base.copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    deinit {
        unsafe explicit_bzero(base, mappedCount)
        _ = unsafe munmap(base, mappedCount)
    }

    /// Lends the bytes; a copy that `body` makes is the caller's to wipe.
    public func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = unsafe UnsafeBufferPointer(
            start: base.assumingMemoryBound(to: UInt8.self), count: byteCount)
        return unsafe body(bytes.span)
    }
}
