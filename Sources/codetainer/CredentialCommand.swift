import ArgumentParser
import Control
import FoundationEssentials
import Linux

/// `codetainer credential`: git's credential helper, and gh's way to its token.
struct CredentialCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential",
        abstract: "Get a credential from PID 1's broker.",
        discussion: """
            get, store and erase speak git's protocol on standard input and output (git-credential(1)); \
            only get does anything. token HOST prints the token alone.
            """)

    @Argument(help: "get, store, erase, or token.")
    var operation: String

    @Argument(help: "The host, for token.")
    var host: String?

    private struct Credential: Decodable {
        let username: String
        let password: String
    }

    func run() throws {
        switch operation {
        case "get":
            let request = GitCredential(parsing: Self.standardInput())
            // A credential is for https alone; for anything else git shall ask elsewhere.
            guard request.scheme == "https", let host = request.host, let found = ask(host) else {
                return
            }
            Terminal.finish(saying: "username=\(found.username)\npassword=\(found.password)\n")
        case "store", "erase": return
        case "token":
            guard let host else { throw ValidationError("token needs a host") }
            guard let found = ask(host) else {
                Terminal.fail("no credential for \(host): see `status`, credentials", code: 1)
            }
            Terminal.finish(saying: found.password + "\n")
        default: throw ValidationError("\(operation) is not get, store, erase or token")
        }
    }

    private func ask(_ host: String) -> Credential? {
        guard let reply = try? ControlClient.ask(.credential(host: host)) else { return nil }
        return try? JSONDecoder().decode(Credential.self, from: Data(reply))
    }

    private static func standardInput() -> String {
        let input = OwnedDescriptor(adopting: 0)
        let octets = (try? Files.read(input, subject: "standard input", limit: 65_536)) ?? []
        return String(decoding: octets, as: UTF8.self)
    }
}

/// The lines of git's credential protocol (git-credential(1), "INPUT/OUTPUT FORMAT").
struct GitCredential: Equatable {
    private(set) var scheme: String?
    private(set) var host: String?

    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "protocol": scheme = String(parts[1])
            case "host": host = String(parts[1])
            default: break
            }
        }
    }
}
