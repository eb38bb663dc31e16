import ArgumentParser
import Linux

/// `codetainer version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show which version this is, and what it was built of.",
        discussion: """
            The commit and whether the tree held more than it, the toolchain, the target, and each \
            library that is linked in, with its version.
            """)

    @Flag(help: "Print it as JSON (docs/releasing.md).")
    var json = false

    func run() throws {
        let information = BuildInformation.current
        Terminal.finish(saying: json ? try information.json : information.text)
    }
}
