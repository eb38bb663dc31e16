/// The repository to clone: an https address without credentials.
struct RepositoryAddress: Equatable, CustomStringConvertible {
    let description: String

    struct Invalid: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    init(parsing text: String) throws(Invalid) {
        let scheme = "https://"
        guard text.hasPrefix(scheme) else {
            throw Invalid(
                description:
                    "REPO_URL must start with https://: the agent's credential goes by https only")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Invalid(
                description:
                    "REPO_URL contains a space or a character outside ASCII: write it percent-encoded"
            )
        }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" }
        guard !host.contains("@") else {
            throw Invalid(
                description: "REPO_URL carries credentials: pass the token as GH_PAT instead")
        }
        guard !host.isEmpty, host.first != "-", rest.count > host.count + 1 else {
            throw Invalid(
                description: "REPO_URL needs a host and a path: https://github.com/OWNER/REPO")
        }
        description = text
    }
}
