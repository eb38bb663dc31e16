import CLinux
import Foundation
import Glibc

/// Runs `body` in a network namespace of its own, with `lo` up.
///
/// unshare(2) and setns(2) move the calling thread only, and `body` does not leave it: it cannot
/// wait. Child processes and sockets that it makes are in the new namespace.
func inNetworkNamespace<Result>(_ body: () throws -> Result) throws -> Result {
    let outside = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    precondition(outside >= 0, "/proc/thread-self/ns/net: \(errno)")
    enterNewNetworkNamespace()
    defer {
        // A thread that stays here would run other tests in the wrong namespace.
        precondition(enterNamespace(outside) == 0, "setns: \(errno)")
        close(outside)
    }
    try shell("ip link set lo up")
    return try body()
}

func enterNewNetworkNamespace() {
    let cloneNewNetwork: CInt = 0x4000_0000  // CLONE_NEWNET (unshare(2))
    precondition(codetainer_unshare(cloneNewNetwork) == 0, "unshare: \(errno)")
}

private func enterNamespace(_ descriptor: CInt) -> CLong {
    // setns(2): neither it nor its number is in the Glibc module.
    #if arch(x86_64)
        let number = 308
    #else
        let number = 268
    #endif
    return codetainer_syscall(number, CLong(descriptor), 0, 0, 0, 0, 0)
}

struct CommandFailed: Error { let command: String, status: Int32, output: String }

/// Runs a command in the calling thread's namespaces and returns what it printed.
@discardableResult
func shell(_ command: String, input: String = "") throws -> String {
    var toChild: [CInt] = [0, 0]
    var fromChild: [CInt] = [0, 0]
    _ = unsafe codetainer_pipe(&toChild)
    _ = unsafe codetainer_pipe(&fromChild)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 2)
    let arguments = ["/bin/sh", "-c", command]
    var child = pid_t()
    // glibc's posix_spawn clones the calling thread, so the child is in its namespaces.
    let spawned = unsafe withCStrings(arguments) { argv in
        unsafe posix_spawn(&child, "/bin/sh", &actions, nil, argv, environ)
    }
    precondition(spawned == 0, "posix_spawn: \(spawned)")
    unsafe posix_spawn_file_actions_destroy(&actions)
    close(toChild[0])
    close(fromChild[1])
    FileHandle(fileDescriptor: toChild[1]).write(Data(input.utf8))
    close(toChild[1])
    let output = FileHandle(fileDescriptor: fromChild[0]).readDataToEndOfFile()
    close(fromChild[0])
    var status: Int32 = 0
    unsafe waitpid(child, &status, 0)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw CommandFailed(command: command, status: status, output: text) }
    return text
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = unsafe strings.map { unsafe strdup($0) } + [nil]
    defer { unsafe copies.forEach { unsafe free($0) } }
    return unsafe body(copies)
}
