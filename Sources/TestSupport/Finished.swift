public import Linux
import SystemPackage

/// A program that has run to its end.
public struct Finished: Sendable {
    public let status: ExitStatus
    public let output: String
    public let errors: String

    public var code: CInt { status.code }
    /// The lines of standard output.
    public var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Runs a program to its end, in the calling thread's namespaces.
///
/// - Parameters:
///   - command: its path, or a name to look for where Debian puts programs; then its arguments.
///   - descriptors: ours, and the numbers it sees them under; 1 and 2 are taken.
public func run(
    _ command: [String], environment: [String] = ["PATH=\(searchPath)"],
    descriptors: [(source: CInt, target: CInt)] = [], newSession: Bool = false
) throws -> Finished {
    let output = try MemoryFile.empty("output", byteCount: 0)
    let errors = try MemoryFile.empty("errors", byteCount: 0)
    let process = try Processes.spawn(
        SpawnRequest(
            try Commands.find(command[0], path: searchPath), command, environment: environment,
            descriptors: descriptors + [(output.raw, 1), (errors.raw, 2)], newSession: newSession))
    let status = try Processes.wait(for: process)
    return Finished(
        status: status,
        output: String(decoding: try MemoryFile.contents(of: output.raw), as: UTF8.self),
        errors: String(decoding: try MemoryFile.contents(of: errors.raw), as: UTF8.self))
}

public let searchPath = "/usr/sbin:/usr/bin:/sbin:/bin"

/// The program under test, which a build of the tests puts beside them.
public func codetainer() throws -> String {
    var path = FilePath(try System.executablePath())
    path.removeLastComponent()
    return path.appending("codetainer").string
}
