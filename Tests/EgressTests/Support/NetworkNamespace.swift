import CLinux
import Foundation
import Glibc

/// A network namespace that lives as long as this value, with `lo` up.
final class NetworkNamespace {
    private let descriptor: CInt

    init() throws {
        let outside = Self.current()
        let cloneNewNetwork: CInt = 0x4000_0000  // CLONE_NEWNET (unshare(2))
        precondition(codetainer_unshare(cloneNewNetwork) == 0, "unshare: \(errno)")
        descriptor = Self.current()
        Self.enter(outside)
        close(outside)
        try run { _ = try shell("ip link set lo up") }
    }

    deinit { close(descriptor) }

    /// What ip(8) takes for a namespace.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Runs `body` inside. Only the calling thread moves, and `body` cannot leave it, for it cannot
    /// wait; sockets and child processes that it makes are inside.
    func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        let outside = Self.current()
        Self.enter(descriptor)
        defer {
            Self.enter(outside)
            close(outside)
        }
        return try body()
    }

    private static func current() -> CInt {
        let descriptor = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        precondition(descriptor >= 0, "/proc/thread-self/ns/net: \(errno)")
        return descriptor
    }

    /// setns(2). A thread that stayed would run other tests in the wrong namespace, so it must work.
    private static func enter(_ namespace: CInt) {
        let result = systemCall(x86: 308, arm: 268, CLong(namespace))
        precondition(result == 0, "setns: \(errno)")
    }
}

func inNetworkNamespace<Result>(_ body: () throws -> Result) throws -> Result {
    try NetworkNamespace().run(body)
}

/// Runs `body` with sockets that belong to `user`, which is what `meta skuid` looks at.
///
/// setfsuid(2) is the calling thread's alone, and keeps the network capabilities.
func asUser<Result>(_ user: UInt32, _ body: () throws -> Result) rethrows -> Result {
    _ = systemCall(x86: 122, arm: 151, CLong(user))
    defer { _ = systemCall(x86: 122, arm: 151, 0) }
    return try body()
}

/// A system call whose name and number are not in the Glibc module.
private func systemCall(x86: CLong, arm: CLong, _ argument: CLong) -> CLong {
    #if arch(x86_64)
        codetainer_syscall(x86, argument, 0, 0, 0, 0, 0)
    #else
        codetainer_syscall(arm, argument, 0, 0, 0, 0, 0)
    #endif
}
