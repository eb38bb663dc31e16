import Linux
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Session

@Suite struct WorkspaceTests {
    @Test(arguments: [
        ("https://github.com/apple/swift", "apple/swift"),
        ("https://github.com/apple/swift.git", "apple/swift"),
        ("https://github.com/a-b/c.d_e", "a-b/c.d_e"),
        ("https://github.com/a/b\nwarning: more", "a/b"),
    ])
    func addressesAtGitHub(url: String, repository: String) {
        #expect(Workspace.gitHubRepository(url) == repository)
    }

    @Test(arguments: [
        "", "https://github.com/", "https://github.com/apple", "https://github.com/apple/",
        "https://github.com/apple/swift/", "https://github.com/apple/swift/pulls",
        "https://github.com//swift", "http://github.com/apple/swift", "git@github.com:a/b.git",
        "https://github.com.evil.example/a/b", "https://evil.example/github.com/a/b",
        "https://user@github.com/a/b", "https://github.com:443/a/b", "https://github.com/a/..",
        "https://github.com/../b", "https://github.com/a/.git", "https://github.com/-a/b",
        "https://github.com/a/--upload-pack=x", "https://github.com/a/b?c",
        "https://github.com/a/b c",
        "https://github.com/a/bé", "https://github.com/a/$(id)", " https://github.com/a/b",
        "HTTPS://github.com/a/b",
    ])
    func anythingElse(url: String) {
        #expect(Workspace.gitHubURL(url) == nil)
        #expect(Workspace.gitHubRepository(url) == nil)
    }

    @Test(arguments: [
        ("", ""),
        (
            "origin\thttps://github.com/a/b (fetch)\norigin\thttps://github.com/a/b (push)\n",
            "origin https://github.com/a/b\n"
        ),
        (
            "origin\thttps://x-access-token:ghp_secret@github.com/a/b (fetch)\n",
            "origin https://github.com/a/b\n"
        ),
        ("origin\thttps://token@h/a@b (push)\n", "origin https://h/a@b\n"),
        ("origin\thttps://a@b@h/p (push)\n", "origin https://h/p\n"),
        ("origin\thttps://h/@scope/p (push)\n", "origin https://h/@scope/p\n"),
        ("o\tgit@github.com:a/b (fetch)\n", "o git@github.com:a/b\n"),
        (
            "origin\thttps://h/a (fetch)\nupstream\thttps://h/b (fetch)\n",
            "origin https://h/a\nupstream https://h/b\n"
        ),
        ("alone\n\n", ""),
    ])
    func snapshotsHaveNoCredentials(remotes: String, snapshot: String) {
        #expect(Workspace.snapshot(remotes: remotes) == snapshot)
    }
}

/// git itself, at a repository on disk.
@Suite struct CloneTests {
    private let scratch: Scratch
    private let environment = [
        "PATH=\(searchPath)", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1",
        "GIT_TERMINAL_PROMPT=0",
    ]

    init() throws {
        scratch = try Scratch()
        #expect(
            try run(["git", "init", "-q", "\(scratch.path)/origin"], environment: environment).code
                == 0)
    }

    private func workspace(_ url: String) -> Workspace {
        Workspace(
            url: url, directory: "\(scratch.path)/clone", tracksUpstream: true,
            environment: environment, path: searchPath, say: said.add)
    }

    private let said = Said()

    /// Lines, in the order in which they were said.
    private final class Said: Sendable {
        private let list = Mutex<[String]>([])
        var lines: [String] { list.withLock { $0 } }
        func add(_ line: String) { list.withLock { $0.append(line) } }
    }

    @Test func gitsLinesAreSaidOneByOne() throws {
        #expect(throws: Workspace.CloneError.self) {
            try workspace("\(scratch.path)/nothing").clone()
        }
        #expect(said.lines.first?.hasPrefix("fatal: repository '\(scratch.path)/nothing'") == true)
    }

    @Test func clonesOnceAndNamesTheRemotes() throws {
        let workspace = workspace("\(scratch.path)/origin")
        #expect(try workspace.clone() == "origin \(scratch.path)/origin\n")
        // A clone that is there, as after a restart, is kept.
        try Directory(scratch.path.appending("clone")).write(
            [], to: "work", ownership: .root(mode: 0o644))
        #expect(try workspace.clone() == "origin \(scratch.path)/origin\n")
        #expect(try FileStatus(of: scratch.path.appending("clone/work")) != nil)
    }

    @Test func saysHowGitEnded() throws {
        let error = #expect(throws: Workspace.CloneError.self) {
            try workspace("\(scratch.path)/absent").clone()
        }
        #expect(error?.description == "git clone exited with code 128")
    }

    /// git(1) would take an address that begins with a dash for an option.
    @Test func anAddressIsNeverAnOption() throws {
        #expect(throws: Workspace.CloneError.self) {
            try workspace("--upload-pack=touch \(scratch.path)/pwned").clone()
        }
        #expect(try FileStatus(of: scratch.path.appending("pwned")) == nil)
    }
}
