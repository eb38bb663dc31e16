import CLinux
import Foundation
import Glibc

/// Runs `body` on a thread of its own in a network namespace of its own, with `lo` up.
///
/// unshare(2) moves only the calling thread; child processes and sockets that it makes follow.
func inNetworkNamespace<Result>(_ body: @escaping () throws -> Result) throws -> Result {
    let work = Work(body)
    let pointer = unsafe Unmanaged.passRetained(work).toOpaque()
    var thread = pthread_t()
    let created = unsafe pthread_create(&thread, nil, runWork, pointer)
    precondition(created == 0, "pthread_create: \(created)")
    pthread_join(thread, nil)
    return try work.result!.get() as! Result
}

private func runWork(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let work = unsafe Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue()
    work.run()
    return nil
}

private final class Work {
    private let body: () throws -> Any
    private(set) var result: Swift.Result<Any, any Error>?

    init(_ body: @escaping () throws -> Any) { self.body = body }

    func run() {
        result = Swift.Result {
            let cloneNewNetwork: CInt = 0x4000_0000  // CLONE_NEWNET (unshare(2))
            precondition(codetainer_unshare(cloneNewNetwork) == 0, "unshare: \(errno)")
            try shell("ip link set lo up")
            return try body()
        }
    }
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
    defer { for unsafe copy in unsafe copies { unsafe free(copy) } }
    return unsafe body(copies)
}
