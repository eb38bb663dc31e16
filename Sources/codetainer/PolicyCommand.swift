import ArgumentParser
import Boot
import Linux
import Policy
import SystemPackage

/// `codetainer policy`
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Work with allowlists.", subcommands: [Check.self])

    /// `codetainer policy check FILE…`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every mistake of an allowlist, or its normalised rules.")

        @Argument(help: "Allowlist files, read in this order.")
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
