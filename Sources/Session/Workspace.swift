import Linux
import SystemPackage

/// The agent's clone: made by the agent's own git, inside the cage.
public struct Workspace: Sendable {
    public struct CloneError: Error, CustomStringConvertible {
        public let description: String
    }

    private let url: String
    private let directory: String
    private let tracksUpstream: Bool
    private let environment: [String]
    private let path: String
    /// Where git's own lines go: they are a server's in part.
    private let say: @Sendable (String) -> Void

    public init(
        url: String, directory: String, tracksUpstream: Bool, environment: [String], path: String,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.say = say
        (self.url, self.directory, self.tracksUpstream) = (url, directory, tracksUpstream)
        (self.environment, self.path) = (environment, path)
    }

    /// Clones, and adds a fork's parent as the remote `upstream`.
    ///
    /// - Returns: a snapshot of the remotes, one `NAME URL` a line, without credentials.
    public func clone() throws -> String {
        if try FileStatus(of: FilePath(directory + "/.git")) == nil {
            let status = try relay(["git", "clone", "--", url, directory])
            guard status.isSuccess else { throw CloneError(description: "git clone \(status)") }
        }
        if tracksUpstream { try addUpstream() }
        let remotes = try run(["git", "-C", directory, "remote", "-v"]).output
        return Self.snapshot(remotes: remotes)
    }

    /// A failure leaves the clone without the remote, which is no reason to stop.
    private func addUpstream() throws {
        guard let repository = Self.gitHubRepository(url),
            let answer = try? run([
                "timeout", "10", "gh", "api", "repos/\(repository)",
                "--jq", ".parent.clone_url // empty",
            ]), answer.status.isSuccess,
            let parent = Self.gitHubURL(answer.output)
        else { return }
        _ = try relay(["git", "-C", directory, "remote", "add", "upstream", parent])
    }

    /// `OWNER/NAME` of an https address at github.com.
    static func gitHubRepository(_ url: String) -> String? {
        guard let url = gitHubURL(url) else { return nil }
        let path = url.dropFirst("https://github.com/".count)
        return path.hasSuffix(".git") ? String(path.dropLast(4)) : String(path)
    }

    /// An address that is exactly https://github.com/OWNER/NAME, with or without `.git`.
    static func gitHubURL(_ text: String) -> String? {
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        let prefix = "https://github.com/"
        guard line.hasPrefix(prefix) else { return nil }
        let parts = line.dropFirst(prefix.count)
            .split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part.first != "-" && part.first != "."
                && part.utf8.allSatisfy {
                    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                        || $0 == 45 || $0 == 46 || $0 == 95
                }
        }
        return parts.count == 2 && isPlain ? line : nil
    }

    /// Each remote once, with what is before an `@` in its host removed.
    static func snapshot(remotes: String) -> String {
        var lines: [String] = []
        for line in remotes.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2 else { continue }
            let entry = "\(words[0]) \(withoutCredentials(words[1]))\n"
            if !lines.contains(entry) { lines.append(entry) }
        }
        return lines.joined()
    }

    private static func withoutCredentials(_ url: Substring) -> String {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            return String(url)
        }
        let rest = url[colon...].dropFirst(3)
        let host = rest.prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return String(url) }
        return "\(url[..<colon])://\(rest[host.index(after: at)...])"
    }

    /// Runs a program to its end, and says its lines as they come. What it leaves running is not
    /// waited for.
    private func relay(_ command: [String]) throws -> ExitStatus {
        let executable = try Commands.find(command[0], path: path)
        let (process, reading) = try spawn(executable, command, alsoErrors: true)
        let pipe = OwnedDescriptor(adopting: reading)
        let end = try Processes.endDescriptor(of: process)
        let poll = try Poll()
        try poll.add(pipe.raw, for: .readable, token: 0)
        try poll.add(end.raw, for: .readable, token: 1)
        var lines: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        var isOver = false
        while !isOver {
            isOver = try poll.wait(nil).contains { $0.token == 1 }
            while let count = try pipe.read(into: &chunk) {
                if count == 0 {
                    try? poll.remove(pipe.raw)
                    break
                }
                lines += chunk.prefix(count)
                while let end = lines.firstIndex(of: 0x0a) ?? (lines.count > 4096 ? 4096 : nil) {
                    say(String(decoding: lines[..<end], as: UTF8.self))
                    lines.removeSubrange(...end)
                }
            }
        }
        if !lines.isEmpty { say(String(decoding: lines, as: UTF8.self)) }
        return try Processes.wait(for: process)
    }

    /// Runs a program to its end, and returns what it printed.
    private func run(_ command: [String]) throws -> (status: ExitStatus, output: String) {
        let executable = try Commands.find(command[0], path: path)
        let (process, reading) = try spawn(executable, command)
        let octets = try Files.read(
            OwnedDescriptor(adopting: reading), subject: command[0], limit: 1 << 20)
        return (try Processes.wait(for: process), String(decoding: octets, as: UTF8.self))
    }

    /// - Returns: the process, and the end of a pipe that its output can be read from.
    ///
    /// - Parameter alsoErrors: its complaints as well; reading then waits for nothing.
    private func spawn(_ executable: String, _ command: [String], alsoErrors: Bool = false) throws
        -> (CInt, CInt)
    {
        let pipe =
            alsoErrors ? try DescriptorPair.pipeWithoutWaiting() : try DescriptorPair.pipe()
        let outputs: [CInt] = alsoErrors ? [1, 2] : [1]
        let process = try Processes.spawn(
            SpawnRequest(
                executable, command, environment: environment,
                descriptors: outputs.map { (pipe.second.raw, $0) }))
        return (process, pipe.takeFirst().release())
    }
}
