import ArgumentParser
import Boot
import Control
import FoundationEssentials
import Linux
import Policy

/// What `reload`, `allow` and `deny` have in common: one request, and PID 1's word on it.
enum LivePolicyRequest {
    private struct Answer: Decodable {
        let error: String?
        let rules: Int?
    }

    static func send(_ request: ControlRequest) -> Never {
        let reply: [UInt8]
        do throws(SystemCallError) {
            reply = try ControlClient.ask(request, patience: 30_000)
        } catch {
            Terminal.fail(
                "codetainer is not running here: \(error): run this inside the container", code: 2)
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply)) else {
            Terminal.fail("PID 1 gave no answer: see the container's log", code: 1)
        }
        if let error = answer.error {
            Terminal.fail(error, code: ExitCode.configuration.rawValue)
        }
        Terminal.finish(saying: "\(answer.rules ?? 0) rules in force\n")
    }
}

/// `codetainer reload`
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Read the allowlist files again.",
        discussion: """
            What is no longer allowed is closed at once, live connections included. A mistake in a \
            file changes nothing.
            """)

    func run() throws { LivePolicyRequest.send(.reload) }
}

/// `codetainer allow`
struct AllowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow",
        abstract: "Open a name or an address until the container ends, or for a time.",
        discussion: """
            What `deny` closed it opens again; with --for `deny` holds again afterwards. Under an \
            exception of the allowlist, or of a name above that was denied, nothing can be opened: it \
            says which.
            """)

    @Argument(help: "A line of the allowlist: api.example.com, git.example.com:22, *.example.net.")
    var rule: String

    @Option(name: .customLong("for"), help: "For how long: 30s, 10m, 2h, 1d.")
    var time: String?

    func validate() throws { _ = try request() }

    func run() throws { LivePolicyRequest.send(try request()) }

    private func request() throws -> ControlRequest {
        do {
            let source = Allowlist.Source(name: "codetainer allow", text: rule)
            let rules = try Allowlist(parsing: [source]).rules
            guard rules.count == 1 else {
                throw ValidationError("\(rule) is not one rule: give one line of an allowlist")
            }
            if case .exception(let name) = rules[0].subject {
                throw ValidationError("!\(name) closes a name: say `codetainer deny \(name)`")
            }
            return .allow(rule: rules[0].description, seconds: try Self.seconds(time))
        } catch let error as AllowlistErrors {
            Terminal.fail("\(error)", code: ExitCode.usage.rawValue)
        }
    }

    /// A whole number with s, m, h or d; nil is 0, for ever.
    static func seconds(_ text: String?) throws -> UInt32 {
        guard let text else { return 0 }
        let units: [Character: UInt32] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()),
            count > 0, count <= ControlRequest.longestAllowance / unit
        else {
            throw ValidationError("--for \(text): write 30s, 10m, 2h or 1d, at most 365d")
        }
        return count * unit
    }
}

/// `codetainer deny`
struct DenyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny",
        abstract: "Close a name and everything below it, live connections included.",
        discussion: """
            It stays closed until `allow` opens it again, or the container ends. Of addresses it takes \
            back what `allow` opened.
            """)

    @Argument(help: "The name, or addresses as they were allowed: 203.0.113.7:8443.")
    var name: String

    func run() throws {
        let source = Allowlist.Source(name: "codetainer deny", text: name)
        switch (try? Allowlist(parsing: [source]))?.rules.first?.subject {
        case .addresses?: LivePolicyRequest.send(.deny(name: name))
        case .below(let apex)?, .apexAndBelow(let apex)?, .exception(let apex)?:
            Terminal.fail(
                "\(name): deny takes a name and closes everything below it, too: say `codetainer deny \(apex)`",
                code: ExitCode.usage.rawValue)
        case .exact?, nil: break
        }
        do throws(DomainNameError) {
            LivePolicyRequest.send(.deny(name: try DomainName(parsing: name).description))
        } catch {
            Terminal.fail("\(error)", code: ExitCode.usage.rawValue)
        }
    }
}
