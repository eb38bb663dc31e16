import Boot
import Confinement
import Control
import Linux
import Supervision

/// `codetainer examine PATH`: asks the program that PID 1 is to become whether it can.
///
/// Descriptor 3 is the operator's connection, which gets why not; 4 the program, 5 the state.
enum ExamineCommand {
    /// How long the program may take to answer.
    private static let patience: Milliseconds = 5_000
    private static let longestAnswer = 256
    /// nobody's (Debian, LSB): the program is not trusted before it is PID 1.
    private static let nobody: UInt32 = 65534

    static func run(_ words: [String]) -> Never {
        let path = words.first ?? "the program"
        do {
            // The program gets none of them but what is named.
            try System.hideDescriptors(from: 3)
            let answer = try ask()
            guard let version = ProgramVersion(answer: answer) else {
                refuse(
                    "\(path) is no codetainer that can go on from this one's state: it says \"\(printable(answer))\": give one of this version or newer"
                )
            }
            guard let own = ProgramVersion(Version.current), version >= own else {
                refuse(
                    "\(path) is \(version), older than this \(Version.current): give a newer one")
            }
            System.exit(0)
        } catch {
            refuse("\(path) could not be asked: \(error): report this")
        }
    }

    private static func refuse(_ reason: String) -> Never {
        Output.write(Array(ControlReply.error(reason).utf8), to: 3)
        System.exit(ExitCode.configuration.rawValue)
    }

    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7f })
    }

    /// What the program says to `supervise --resumes` with the state as its standard input, in a cage.
    private static func ask() throws(SystemCallError) -> String {
        let pipe = try DescriptorPair.pipe()
        var cage = Cage(
            identity: .init(user: nobody, group: nobody), filter: .agent,
            limits: [.init(.openFiles, 64), .init(.processes, 64)],
            keptDescriptors: 5, newSession: true, directory: "/")
        cage.environment = .callers
        cage.isQuiet = true
        let process = try Processes.spawn(
            SpawnRequest(
                System.ownExecutable,
                ["codetainer", "confine"] + cage.options
                    + ["/proc/self/fd/4", "supervise", "--resumes"],
                environment: [],
                descriptors: [(5, 0), (pipe.second.raw, 1), (pipe.second.raw, 2), (4, 4)]))
        let output = pipe.takeFirst()
        try Descriptors.setNonBlocking(output.raw)
        let poll = try Poll()
        try poll.add(output.raw, for: .readable, token: 0)
        let deadline = Instant.now + patience
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: longestAnswer)
        while answer.count < longestAnswer, Instant.now < deadline {
            _ = try poll.wait(deadline.since(.now))
            guard let count = try output.read(into: &chunk) else { continue }
            if count == 0 { break }
            answer += chunk.prefix(count)
        }
        try? send(.kill, to: -process)
        try? send(.kill, to: process)
        _ = try Processes.wait(for: process)
        return String(decoding: answer.prefix(longestAnswer), as: UTF8.self)
    }
}
