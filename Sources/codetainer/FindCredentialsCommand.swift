import Boot
import Linux
import SystemPackage

/// `codetainer find-credentials [NAME]`: what an image holds that should not be in it, one find a line,
/// and never a value. With NAME, lines of standard input are looked at instead, which NAME is for.
///
/// scripts/build asks it of the image that it has built. Exits 1 when there is any.
enum FindCredentialsCommand {
    private static let longestInput = 4 << 20

    static func run(_ words: [String]) -> Never {
        do throws(SystemCallError) {
            let findings: [BakedCredentials.Finding]
            if let name = words.first {
                let input = try Files.read("/dev/stdin", limit: longestInput)
                findings = BakedCredentials.findings(in: input, of: name, all: true)
            } else {
                findings = try BakedCredentials.find()
            }
            Terminal.finish(
                saying: findings.map { "\($0)\n" }.joined(), code: findings.isEmpty ? 0 : 1)
        } catch {
            Terminal.fail(
                "find-credentials: cannot \(error): run it in a container of the image",
                code: ExitCode.system.rawValue)
        }
    }
}
