import CLinux
import Glibc
public import SystemPackage

extension Files {
    /// Everything in the file at `path`, and what tells the file from every other: its device and
    /// number, which bind mounts and links of it share.
    ///
    /// - SeeAlso: stat(2)
    public static func readIdentified(_ path: FilePath, limit: Int) throws(SystemCallError)
        -> (contents: [UInt8], identity: String)
    {
        let file = unsafe OwnedDescriptor(
            adopting: try checked(
                codetainer_open(path.string, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0), "open",
                path.string))
        var status = stat()
        try checked(unsafe fstat(file.raw, &status), "fstat", path.string)
        let isPipe = status.st_mode & S_IFMT == S_IFIFO
        let contents =
            isPipe
            ? try readPipe(file, subject: path.string, limit: limit)
            : try read(file, subject: path.string, limit: limit)
        return (contents, "\(status.st_dev):\(status.st_ino)")
    }

    /// For how long a pipe's writer is waited for.
    private static let patience: Milliseconds = 5_000

    /// Everything up to the end of a pipe that does not block.
    private static func readPipe(
        _ pipe: borrowing OwnedDescriptor, subject: String, limit: Int
    ) throws(SystemCallError) -> [UInt8] {
        let poll = try Poll()
        try poll.add(pipe.raw, for: .readable, token: 0)
        let deadline = Instant.now + patience
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            guard Instant.now < deadline else { throw SystemCallError("read", subject, .timedOut) }
            guard try !poll.wait(deadline.since(.now)).isEmpty else { continue }
            guard let count = try pipe.read(into: &chunk) else { continue }
            guard count > 0 else { return contents }
            contents += chunk.prefix(count)
            guard contents.count <= limit else {
                throw SystemCallError("read", subject, .fileTooLarge)
            }
        }
    }
}
