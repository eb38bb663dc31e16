import ArgumentParser
import Boot
import Linux
import Profile
import SystemPackage

/// `codetainer profile`
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Work with profiles.", subcommands: [Check.self])

    /// `codetainer profile check FILE`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every mistake of a profile, or all that it says.",
            discussion: """
                What it inherits by `extends` is in the listing, which is a profile of its own. The \
                accounts and the files that it names belong to the image, and are looked at when it \
                boots.
                """)

        @Flag(help: "Say of each value which file and line it is from.")
        var origins = false

        @Argument(
            help: "The profile: a path, or a name below /etc/codetainer/profiles.",
            completion: .file())
        var file: String

        func run() throws {
            do throws(ResolvedProfile.Unreadable) {
                let profile = try ResolvedProfile.read(path)
                let files = profile.files.joined(separator: ", which extends ")
                Terminal.finish(saying: "# \(files)\n\n" + profile.text(origins: origins))
            } catch {
                switch error {
                case .file(let reason): Terminal.fail(reason, code: 66)
                case .mistakes(let issues):
                    Terminal.fail("\(issues)", code: ExitCode.configuration.rawValue)
                }
            }
        }

        /// A name is one where there is no such file.
        private var path: String {
            let isThere = (try? FileStatus(of: FilePath(file))) != nil
            return isThere || file.hasSuffix(".toml") ? file : ProfileFiles.path(of: file)
        }
    }
}
