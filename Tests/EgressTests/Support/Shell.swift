import CLinux
import Foundation
import Glibc

struct CommandFailed: Error {
    let command: String
    let status: Int32
    let output: String
}

/// Runs a command in the calling thread's namespaces and returns what it printed.
@discardableResult
func shell(_ command: String, input: String = "") throws -> String {
    let (toChild, fromChild) = (pipe(), pipe())
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, toChild.read, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromChild.write, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromChild.write, 2)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    var child = pid_t()
    // glibc's posix_spawn clones the calling thread, so the child is in its namespaces.
    let spawned = unsafe withCStrings(["/bin/sh", "-c", command]) { arguments in
        unsafe posix_spawn(&child, "/bin/sh", &actions, nil, arguments, environ)
    }
    precondition(spawned == 0, "posix_spawn: \(spawned)")
    close(toChild.read)
    close(fromChild.write)
    FileHandle(fileDescriptor: toChild.write).write(Data(input.utf8))
    close(toChild.write)
    let output = FileHandle(fileDescriptor: fromChild.read).readDataToEndOfFile()
    close(fromChild.read)
    var status: Int32 = 0
    unsafe waitpid(child, &status, 0)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw CommandFailed(command: command, status: status, output: text) }
    return text
}

private func pipe() -> (read: CInt, write: CInt) {
    var ends: [CInt] = [0, 0]
    let result = unsafe codetainer_pipe(&ends)
    precondition(result == 0, "pipe: \(errno)")
    return (ends[0], ends[1])
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = unsafe strings.map { unsafe strdup($0) } + [nil]
    defer { for position in unsafe copies.indices { unsafe free(copies[position]) } }
    return unsafe body(copies)
}
