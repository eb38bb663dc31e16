import Boot
import Control
import Linux
import Policy
import Supervision

/// `codetainer read-policy EXTRA FILE…`: reads the allowlist for PID 1.
///
/// Descriptor 3 is the operator's connection, which gets what is wrong; without one the container's
/// log does. 4 is the file that gets the canonical rules.
enum ReadPolicyCommand {
    static func run(_ words: [String]) -> Never {
        let sources = PolicySources(files: Array(words.dropFirst()), extra: words.first ?? "")
        do throws(PolicySources.Unusable) {
            let text = try sources.read().canonicalText { "\($0.origin)" }
            Output.write(Array(text.utf8), to: 4)
            System.exit(0)
        } catch {
            let message = error.messages.joined(separator: "\n")
            guard Descriptors.isOpen(3) else {
                Terminal.fail(
                    Secrecy.shared.applied(to: message), code: ExitCode.configuration.rawValue)
            }
            Output.write(Array(ControlReply.error(message).utf8), to: 3)
            System.exit(ExitCode.configuration.rawValue)
        }
    }
}
