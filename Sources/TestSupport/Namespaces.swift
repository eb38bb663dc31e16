import Foundation
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
    let outcome = Outcome<Result>()
    let finished = DispatchSemaphore(value: 0)
    let thread = Thread {
        outcome.value = Swift.Result {
            try Linux.Namespaces.unshare(kinds.reduce(0) { $0 | $1.rawValue })
            if kinds.contains(.mount) { try stopPropagation() }
            return try body()
        }
        finished.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
    finished.wait()
    return try outcome.value!.get()
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

/// Written by one thread before its semaphore, read by the other after it.
private final class Outcome<Value>: @unchecked Sendable {
    var value: Result<Value, any Error>?
}
