import ArgumentParser
import Boot
import Control
import Linux
import Policy
import SystemPackage

/// `codetainer policy`
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Work with allowlists.",
        subcommands: [Check.self, Suggest.self])

    /// `codetainer policy suggest`
    struct Suggest: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the rules that would have allowed what was denied.",
            discussion: """
                Meant for a run with CODETAINER_EGRESS=audit: what the agent needed and no rule \
                allowed. Read it before you use it: the agent chose these names.
                """)

        func run() throws {
            do throws(SystemCallError) {
                let reply = try ControlClient.ask(.status)
                guard let report = try? StatusReport(json: reply) else {
                    Terminal.fail("PID 1 did not answer with a report: see `status`", code: 1)
                }
                Terminal.finish(saying: report.suggestedRules.map { $0 + "\n" }.joined())
            } catch {
                Terminal.fail(
                    "codetainer is not running here: \(error): run this inside the container",
                    code: 2)
            }
        }
    }

    /// `codetainer policy check FILE…`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every mistake of an allowlist, or its normalised rules.")

        @Argument(help: "Allowlist files, read in this order.", completion: .file())
        var files: [String]

        func run() throws {
            do {
                let sources = try files.map { file in
                    Allowlist.Source(
                        name: file, utf8: try Files.read(FilePath(file), limit: 64 << 20))
                }
                Terminal.finish(saying: try Allowlist(parsing: sources).canonicalText)
            } catch let error as SystemCallError {
                Terminal.fail("\(error)", code: 66)
            } catch {
                Terminal.fail("\(error)", code: ExitCode.configuration.rawValue)
            }
        }
    }
}
