import CLinux
import Glibc
import SystemPackage

/// An anonymous file in memory (memfd_create(2)).
public enum MemoryFile {
    /// A file that holds `bytes` and can never change again: sealed against writing and resizing.
    public static func sealed(_ name: String, holding bytes: [UInt8]) throws(SystemCallError)
        -> OwnedDescriptor
    {
        try sealed(name, holding: bytes.span)
    }

    /// The same without a copy of `bytes` on the way.
    public static func sealed(_ name: String, holding bytes: Span<UInt8>) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let file = try empty(name, byteCount: 0)
        let written = unsafe bytes.withUnsafeBufferPointer {
            unsafe write(file.raw, $0.baseAddress, $0.count)
        }
        // A file in memory takes all of it, or there is no memory left.
        guard try checked(written, "write", name) == bytes.count else {
            throw SystemCallError("write", name, .noMemory)
        }
        try checked(
            codetainer_fcntl(file.raw, CODETAINER_F_ADD_SEALS, CLong(CODETAINER_ALL_SEALS)),
            "fcntl", "F_ADD_SEALS")
        return file
    }

    /// A file that holds a secret: in memory that the kernel neither swaps nor maps for itself, so that
    /// nothing reads it but a mapping of this descriptor (memfd_secret(2)); sealed memory as any other
    /// where the kernel, its settings or the limit on locked memory forbid that.
    ///
    /// - Parameter bytes: at least one.
    public static func secret(_ name: String, holding bytes: Span<UInt8>) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let raw = codetainer_memfd_secret()
        if raw >= 0 {
            let file = OwnedDescriptor(adopting: raw)
            if ftruncate(file.raw, bytes.count) == 0,
                let memory = try? SharedMemory(mapping: file.raw, byteCount: bytes.count)
            {
                memory.store(bytes, at: 0)
                return file
            }
        }
        return try sealed(name, holding: bytes)
    }

    /// A file of `byteCount` zeros that may be written, for sharing.
    public static func empty(_ name: String, byteCount: Int) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let file = unsafe OwnedDescriptor(
            adopting: try checked(
                codetainer_memfd(
                    name, UInt32(CODETAINER_MFD_CLOEXEC | CODETAINER_MFD_ALLOW_SEALING)),
                "memfd_create", name))
        try checked(ftruncate(file.raw, byteCount), "ftruncate", name)
        // What is mapped must not shrink below the mapping.
        if byteCount > 0 {
            try checked(
                codetainer_fcntl(file.raw, CODETAINER_F_ADD_SEALS, CLong(CODETAINER_SIZE_SEALS)),
                "fcntl", "F_ADD_SEALS")
        }
        return file
    }

    /// Everything in the file, whatever its offset is.
    ///
    /// - Parameter limit: more octets than this are an error (`EFBIG`).
    public static func contents(of file: CInt, limit: Int = 64 << 20) throws(SystemCallError)
        -> [UInt8]
    {
        var status = stat()
        try checked(unsafe fstat(file, &status), "fstat", "memory file")
        let count = Int(status.st_size)
        guard count <= limit else { throw SystemCallError("read", "memory file", .fileTooLarge) }
        var bytes = [UInt8](repeating: 0, count: count)
        let found = try checked(
            unsafe bytes.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) },
            "pread", "memory file")
        return Array(bytes.prefix(found))
    }
}

/// A shared mapping of a file (mmap(2)), read and written by offset with bounds checked.
///
/// Another process may write at any time, so a value read twice may differ; 64-bit values at
/// offsets divisible by 8 are never torn.
@safe public struct SharedMemory: ~Copyable, @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    public let byteCount: Int

    /// Maps `byteCount` octets of `file`, which must be at least that long.
    public init(mapping file: CInt, byteCount: Int, writable: Bool = true) throws(SystemCallError) {
        var status = stat()
        try checked(unsafe fstat(file, &status), "fstat", "shared memory")
        guard Int(status.st_size) >= byteCount else {
            throw SystemCallError("mmap", "shared memory", .invalidArgument)
        }
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        let address = unsafe mmap(nil, byteCount, protection, MAP_SHARED, file, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            let cause = Errno.current
            throw SystemCallError("mmap", "shared memory", cause)
        }
        unsafe base = address
        self.byteCount = byteCount
    }

    deinit { _ = unsafe munmap(base, byteCount) }

    public func load(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset + 8 <= byteCount && offset % 8 == 0)
        return unsafe base.load(fromByteOffset: offset, as: UInt64.self)
    }

    public func octet(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount)
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    public func store(_ value: UInt64, at offset: Int) {
        precondition(offset >= 0 && offset + 8 <= byteCount && offset % 8 == 0)
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
    }

    public func bytes(at offset: Int, count: Int) -> [UInt8] {
        precondition(offset >= 0 && count >= 0 && offset + count <= byteCount)
        return unsafe Array(UnsafeRawBufferPointer(start: base + offset, count: count))
    }

    public func store(_ octets: Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && offset + octets.count <= byteCount)
        unsafe octets.withUnsafeBytes { octets in
            _ = unsafe octets.baseAddress.map {
                unsafe memcpy(base + offset, $0, octets.count)
            }
        }
    }

    /// Whether the same octets stand at `offset`.
    public func holds(_ octets: Span<UInt8>, at offset: Int) -> Bool {
        precondition(offset >= 0 && offset + octets.count <= byteCount)
        return unsafe octets.withUnsafeBytes { octets in
            unsafe octets.baseAddress.map {
                unsafe memcmp(base + offset, $0, octets.count) == 0
            } ?? true
        }
    }
}
