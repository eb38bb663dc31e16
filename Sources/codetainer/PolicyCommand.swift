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
                allowed. Read it before you use it: the agent chose these names. Ends with 0, 1 when \
                there was more than is remembered (1,024 names, 1,024 addresses and ports, 200 \
                packets a second), 2 when nothing runs here.
                """)

        func run() throws {
            do throws(SystemCallError) {
                let reply = try ControlClient.ask(.fullStatus)
                guard let report = try? StatusReport(json: reply) else {
                    Terminal.fail("PID 1 did not answer with a report: see `status`", code: 1)
                }
                Output.write(Array(report.suggestedRules.map { $0 + "\n" }.joined().utf8), to: 1)
                let (names, places) = (report.egress.lostDenied, report.egress.lostRefused)
                guard names == 0, places == 0 else {
                    Terminal.fail(
                        "this is not all: \(names) names and \(places) addresses were forgotten for others: run the audit again with a part of the work",
                        code: 1)
                }
                let packets = report.egress.uncopiedPackets
                guard packets == 0 else {
                    Terminal.fail(
                        "this is not all: \(packets) packets came too fast to be looked at: run the audit again with a part of the work",
                        code: 1)
                }
                System.exit(0)
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
