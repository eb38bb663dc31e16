public import Linux

/// A value that must not be seen: it has no description, is not copied, and is wiped.
public final class Secret: Sendable {
    private let memory: LockedMemory

    public init(_ bytes: [UInt8]) throws(SystemCallError) {
        memory = try LockedMemory(bytes)
    }

    public func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        memory.withBytes(body)
    }
}
