public import Linux

/// A value that must not be seen: it has no description, is not copied, and is wiped.
public final class Secret: Sendable {
    private let memory: LockedMemory

    public init(_ bytes: [UInt8]) throws(SystemCallError) {
        memory = try LockedMemory(bytes)
    }

    /// The whole of a memory file (memfd_create(2)).
    public init(contentsOf file: CInt) throws(SystemCallError) {
        memory = try LockedMemory(contentsOf: file)
    }

    private init(_ memory: LockedMemory) { self.memory = memory }

    /// Whether the kernel never writes it to swap.
    public var isLocked: Bool { memory.isLocked }

    public func withBytes<Result: ~Copyable, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try memory.withBytes(body)
    }

    /// The value as a JSON string's contents between `head` and `tail`, made in locked memory.
    ///
    /// Its octets are printable ASCII (`SecretDefect`), of which JSON escapes two (RFC 8259 §7).
    public func escaped(between head: String, and tail: String) throws(SystemCallError) -> Secret {
        let capacity = head.utf8.count + 2 * memory.byteCount + tail.utf8.count
        return Secret(
            try LockedMemory(capacity: capacity) { output in
                for octet in head.utf8 { output.append(octet) }
                memory.withBytes { bytes in
                    for index in bytes.indices {
                        let octet = bytes[index]
                        if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") {
                            output.append(UInt8(ascii: "\\"))
                        }
                        output.append(octet)
                    }
                }
                for octet in tail.utf8 { output.append(octet) }
            })
    }
}
