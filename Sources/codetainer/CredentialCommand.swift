import ArgumentParser
import Control
import FoundationEssentials
import Linux
import Secrets

/// `codetainer credential`: git's credential helper, and gh's way to its token.
struct CredentialCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential",
        abstract: "Get a credential from PID 1's broker.",
        discussion: """
            get, store and erase speak git's protocol on standard input and output (git-credential(1)); \
            only get does anything. token HOST prints the token alone.
            """)

    @Argument(
        help: "get, store, erase, or token.",
        completion: .list(["get", "store", "erase", "token"]))
    var operation: String

    @Argument(help: "The host, for token.")
    var host: String?

    private struct Credential: Decodable {
        let username: String
        let password: String
    }

    func validate() throws {
        guard ["get", "store", "erase", "token"].contains(operation) else {
            throw ValidationError("\(operation) must be get, store, erase or token")
        }
        guard operation != "token" || host != nil else {
            throw ValidationError("token needs a host: credential token github.com")
        }
    }

    func run() throws {
        switch (operation, host) {
        case ("get", _):
            guard let request = try? GitCredential(parsing: try Self.standardInput()) else {
                Terminal.fail(
                    "credential get: standard input is not git's protocol: give KEY=VALUE lines, then an empty one",
                    code: 65)
            }
            // Without an answer git asks elsewhere.
            guard let host = request.brokeredHost, let found = ask(host),
                request.accepts(username: found.username)
            else { return }
            Terminal.finish(saying: "username=\(found.username)\npassword=\(found.password)\n")
        case ("token", let host?):
            guard let found = ask(host) else {
                Terminal.fail("no credential for \(host): see `status`, credentials", code: 1)
            }
            Terminal.finish(saying: found.password + "\n")
        default: return
        }
    }

    private func ask(_ host: String) -> Credential? {
        guard let reply = try? ControlClient.ask(.credential(host: host)) else { return nil }
        return try? JSONDecoder().decode(Credential.self, from: Data(reply))
    }

    private static func standardInput() throws(SystemCallError) -> [UInt8] {
        let input = OwnedDescriptor(adopting: 0)
        return try Files.read(input, subject: "standard input", limit: 65_536)
    }
}
