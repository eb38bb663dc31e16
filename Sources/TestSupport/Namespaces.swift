import Glibc
public import Linux
import SystemPackage

/// Namespaces that a thread may enter by itself (unshare(2)).
public enum NamespaceKind: CInt, Sendable {
    case mount = 0x0002_0000
    case network = 0x4000_0000
}

/// Runs `body` in namespaces of its own, on a thread that ends with it. What `body` starts runs
/// there too, but /proc/self is another thread's: see /proc/thread-self.
///
/// A thread that enters a mount namespace no longer shares its root and working directory with
/// others; unshare(2) sees to that.
public func inNamespaces<Result: Sendable>(
    _ kinds: [NamespaceKind], _ body: @escaping @Sendable () throws -> Result
) throws -> Result {
    let errand = Errand<Result> {
        try Linux.Namespaces.unshare(kinds.reduce(0) { $0 | $1.rawValue })
        if kinds.contains(.mount) { try stopPropagation() }
        return try body()
    }
    try errand.runOnThreadOfItsOwn()
    return try errand.outcome!.get()
}

/// The mounts of the calling thread's namespace.
public func threadMounts() throws -> MountTable {
    MountTable(parsing: try Files.text("/proc/thread-self/mountinfo"))
}

/// Mounts made here stay here (mount(2), `MS_PRIVATE`).
private func stopPropagation() throws {
    let makePrivate = MountOptions(rawValue: 1 << 18)
    try Mounting.mount("none", at: "/", type: "none", options: [.recursive, makePrivate])
}

/// Written by one thread before it ends, read by another after it.
private final class Errand<Value>: @unchecked Sendable {
    private let body: () throws -> Value
    var outcome: Result<Value, any Error>?

    init(_ body: @escaping () throws -> Value) { self.body = body }

    /// pthread_create(3), and pthread_join(3).
    func runOnThreadOfItsOwn() throws(SystemCallError) {
        let run: () -> Void = { self.outcome = Result { try self.body() } }
        let argument = unsafe Unmanaged.passRetained(Closure(run))
        var thread = pthread_t()
        let error = unsafe pthread_create(
            &thread, nil,
            { argument in
                unsafe Unmanaged<Closure>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, unsafe argument.toOpaque())
        guard error == 0 else {
            unsafe argument.release()
            throw SystemCallError("pthread_create", "", Errno(rawValue: error))
        }
        _ = pthread_join(thread, nil)
    }
}

/// What a C function can be given: it cannot be generic.
private final class Closure {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}
