import Linux
public import Profile
import SystemPackage

extension ProfileFiles {
    /// Profiles are files.
    public static var system: ProfileFiles {
        ProfileFiles { path in
            do throws(SystemCallError) {
                let (contents, identity) = try Files.readIdentified(
                    FilePath(path), limit: longest)
                return .found(contents, identity: identity)
            } catch {
                let isAbsent = [.noSuchFileOrDirectory, .notDirectory].contains(error.cause)
                return isAbsent ? .absent : .unreadable("\(error)")
            }
        }
    }

    /// Where the profile that somebody calls `choice` is: a path, or the first that is there of the
    /// operator's and the image's own.
    public static func path(of choice: String) -> String {
        guard !choice.contains("/") else { return choice }
        let paths = [directory, shippedDirectory].map { "\($0)/\(choice).toml" }
        return paths.first { (try? FileStatus(of: FilePath($0))) != nil } ?? paths[0]
    }
}

extension ResolvedProfile {
    /// Reads the profile at `path`, with what it extends.
    public static func read(_ path: String) throws(Unreadable) -> ResolvedProfile {
        let file: (contents: [UInt8], identity: String)
        do throws(SystemCallError) {
            file = try Files.readIdentified(FilePath(path), limit: ProfileFiles.longest)
        } catch {
            throw .file("\(error)")
        }
        do throws(ProfileIssues) {
            return try ResolvedProfile(
                parsing: file.contents, file: path, identity: file.identity, files: .system)
        } catch {
            throw .mistakes(error)
        }
    }

    public enum Unreadable: Error {
        /// The system call that failed, on what, and why.
        case file(String)
        case mistakes(ProfileIssues)
    }
}
