import ArgumentParser
import Boot
import Control
import FoundationEssentials
import Linux
import SystemPackage

/// `codetainer upgrade`
struct UpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Swap PID 1's program for another, while everything goes on.",
        discussion: """
            The program must be root's, writable by nobody else, of the same version or newer, and able \
            to go on from this one's state; else nothing changes. The resolver is started anew from it.
            """)

    @Argument(help: "The new program.", completion: .file())
    var path: String

    private struct Answer: Decodable {
        let error: String?
        let version: String?
    }

    func run() throws {
        let reply: [UInt8]
        do throws(SystemCallError) {
            let resolved = try Files.resolved(FilePath(path)).string
            guard resolved.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
                resolved.utf8.count < 480
            else {
                Terminal.fail(
                    "\(path): put the program where its path is short, and ASCII without spaces",
                    code: ExitCode.usage.rawValue)
            }
            reply = try ControlClient.ask(.upgrade(path: resolved), patience: 30_000)
        } catch {
            let isOurs = error.subject == path
            Terminal.fail(
                isOurs
                    ? "\(error)"
                    : "codetainer is not running here: \(error): run this inside the container",
                code: isOurs ? 66 : 2)
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply)) else {
            Terminal.fail("PID 1 gave no answer: see the container's log", code: 1)
        }
        if let error = answer.error {
            Terminal.fail("upgrade: \(error)", code: ExitCode.configuration.rawValue)
        }
        Terminal.finish(saying: "PID 1 is codetainer \(answer.version ?? "") now\n")
    }
}
