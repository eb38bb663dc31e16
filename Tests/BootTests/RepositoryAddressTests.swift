import Testing

@testable import Boot

@Suite struct RepositoryAddressTests {
    @Test(arguments: [
        "https://github.com/apple/swift", "https://github.com/apple/swift.git",
        "https://git.example.com:8443/x", "https://h/~user/repo?x=1", "https://h/@scope/p",
        "https://[2001:db8::1]/repo",
    ])
    func accepts(text: String) throws {
        #expect(try RepositoryAddress(parsing: text).description == text)
    }

    private static let scheme =
        "REPO_URL must start with https://: the agent's credential goes by https only"
    private static let characters = "REPO_URL contains a space or a character outside ASCII: write it percent-encoded"
    private static let credentials =
        "REPO_URL carries credentials: pass the token as GH_PAT instead"
    private static let parts = "REPO_URL needs a host and a path: https://github.com/OWNER/REPO"

    @Test(arguments: [
        ("http://github.com/a/b", scheme), ("git@github.com:a/b", scheme), ("file:///etc", scheme),
        ("ssh://git@github.com/a/b", scheme), ("--upload-pack=x", scheme), (" https://h/p", scheme),
        ("HTTPS://h/p", scheme), ("ext::sh -c id", scheme),
        ("https://h/a b", characters), ("https://h/a\nb", characters), ("https://h/é", characters),
        ("https://h/p\u{1b}[31m", characters), ("https://h/p\0", characters),
        ("https://token@github.com/a/b", credentials), ("https://u:p@github.com/a/b", credentials),
        ("https://", parts), ("https:///a/b", parts), ("https://github.com", parts),
        ("https://github.com/", parts), ("https://-h/p", parts),
    ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: RepositoryAddress.Invalid.self) {
            try RepositoryAddress(parsing: text)
        }
        #expect(error?.description == message)
        // Never a part of it: it may be a credential.
        #expect(!(error?.description.utf8.elementsEqual(text.utf8) ?? true))
    }
}
