import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

/// Root's files in directories that an agent may have filled with links.
@Suite struct DirectoryTests {
    private let scratch: Scratch
    private let path: FilePath
    private let own = Ownership(user: 1000, group: 1001, mode: 0o640)

    init() throws {
        scratch = try Scratch()
        path = scratch.path
    }

    @Test func filesAreMadeWithTheirOwnership() throws {
        try Directory(path).write(Array("one".utf8), to: "file", ownership: own)
        let file = path.appending("file")
        let status = try #require(try FileStatus(of: file))
        #expect(status.user == 1000 && status.group == 1001 && status.mode == 0o640)
        #expect(try Files.text(file) == "one")
        try Directory(path).write([], to: "file", ownership: .root(mode: 0o600))
        #expect(try FileStatus(of: file)?.user == 0 && Files.text(file) == "")
        #expect(try Files.names(in: path) == ["file"])
    }

    /// The agent's own it may rename and remove in a shared directory, root's it may not.
    @Test func whatIsSharedKeepsRootsFiles() throws {
        let home = path.appending("home")
        try Directory(path).makeDirectory(
            "home", ownership: Ownership(user: 1000, group: 1001, mode: 0o700))
        try Directory(home).write([], to: "root", ownership: .root(mode: 0o444))
        let asAgent = ["setpriv", "--reuid=1000", "--regid=1001", "--clear-groups"]
        // Before, it may: the directory is its own.
        #expect(try run(asAgent + ["mv", "\(home)/root", "\(home)/moved"]).code == 0)
        for _ in 1...2 {
            try Directory(home).share(fromUser: 1000, group: 1001)
            let status = try #require(try FileStatus(of: home))
            #expect(status.user == 0 && status.group == 1001 && status.mode == 0o1770)
        }
        for words in [["mv", "\(home)/moved", "\(home)/x"], ["rm", "-f", "\(home)/moved"]] {
            let ran = try run(asAgent + words)
            #expect(ran.code == 1 && ran.errors.contains("Operation not permitted"))
        }
        for words in [
            ["touch", "\(home)/own"], ["mv", "\(home)/own", "\(home)/x"], ["rm", "\(home)/x"],
        ] {
            #expect(try run(asAgent + words).code == 0)
        }
    }

    /// What root keeps from the agent stays so; where everybody writes, the bit is added.
    @Test(arguments: [(UInt32(0o755), UInt32(0o755)), (0o777, 0o1777), (0o1777, 0o1777)])
    func whatIsRootsIsNotGivenAway(mode: UInt32, shared: UInt32) throws {
        try Directory(path).makeDirectory("below", ownership: .root(mode: mode))
        let below = path.appending("below")
        try Directory(below).share(fromUser: 1000, group: 1001)
        let status = try #require(try FileStatus(of: below))
        #expect(status.user == 0 && status.group == 0 && status.mode == shared)
    }

    /// The link is replaced; where it leads stays as it is.
    @Test func aLinkInTheWayOfAFileIsReplaced() throws {
        let target = try scratch.write("untouched", to: "target", mode: 0o600)
        let directory = try Directory(path)
        try directory.link("file", to: target, ownership: own)
        try directory.link(".file.new", to: target, ownership: own)
        try directory.write(Array("new".utf8), to: "file", ownership: own)
        #expect(try Files.text(target) == "untouched")
        #expect(try FileStatus(of: target)?.mode == 0o600)
        #expect(try FileStatus(of: path.appending("file"))?.kind == .regular)
        #expect(try Files.names(in: path) == ["file", "target"])
    }

    @Test func aDirectoryIsMadeOrTakenOver() throws {
        let directory = try Directory(path)
        for ownership in [Ownership.root(mode: 0o700), own] {
            try directory.makeDirectory("below", ownership: ownership)
            let status = try #require(try FileStatus(of: path.appending("below")))
            #expect(status.kind == .directory && status.user == ownership.user)
            #expect(status.mode == ownership.mode)
        }
    }

    @Test func aLinkInTheWayOfADirectoryIsAnError() throws {
        let target = try Scratch.below(scratch, "target")
        let directory = try Directory(path)
        try directory.link("below", to: target, ownership: own)
        let subject = path.appending("below").string
        #expect(throws: SystemCallError("openat2", subject, .tooManySymbolicLinkLevels)) {
            try directory.makeDirectory("below", ownership: own)
        }
        #expect(try FileStatus(of: target)?.user == 0)
        try directory.makeDirectory("target", ownership: own)
        #expect(try FileStatus(of: target)?.user == 1000)
    }

    /// Each part of the path, replaced by a link to what it was.
    @Test(arguments: [0, 1, 2])
    func noLinkIsFollowedAnywhere(place: Int) throws {
        let names = ["a", "b", "c"]
        let deep = path.appending("a").appending("b").appending("c")
        _ = try Directory.making(deep, ownership: .root(mode: 0o755))
        _ = try Directory(deep)

        let parent = names.prefix(place).reduce(path) { $0.appending($1) }
        let moved = try run([
            "sh", "-c", "mv \"$1/$2\" \"$1/moved\" && ln -s \"$1/moved\" \"$1/$2\"", "sh",
            parent.string, names[place],
        ])
        #expect(moved.code == 0)
        // The path leads where it did, for whoever follows links.
        #expect(try FileStatus(of: deep.appending("."))?.kind == .directory)
        #expect(
            throws: SystemCallError("openat2", deep.string, .tooManySymbolicLinkLevels)
        ) { _ = try Directory(deep) }
        #expect(throws: SystemCallError.self) {
            _ = try Directory.making(deep.appending("d"), ownership: .root(mode: 0o755))
        }
        #expect(try Files.names(in: deep) == [])
    }

    @Test func whatIsMissingOnTheWayIsMade() throws {
        try Scratch.below(scratch, "there")
        let deep = path.appending("there").appending("new").appending("newer")
        _ = try Directory.making(deep, ownership: own)
        #expect(try FileStatus(of: path.appending("there"))?.user == 0)
        #expect(try FileStatus(of: deep)?.user == 1000)
        #expect(try FileStatus(of: deep.removingLastComponent())?.mode == 0o640)
    }

    @Test func linksBelongToTheirOwner() throws {
        let directory = try Directory(path)
        try directory.link("link", to: "/nonexistent", ownership: own)
        try directory.link("link", to: "/etc/passwd", ownership: own)
        let status = try #require(try FileStatus(of: path.appending("link")))
        #expect(status.kind == .link && status.user == 1000 && status.group == 1001)
        #expect(try FileStatus(of: "/etc/passwd")?.user == 0)
        #expect(try run(["readlink", "\(path)/link"]).output == "/etc/passwd\n")
    }

    @Test func anythingButADirectoryIsRefused() throws {
        let file = try scratch.write("", to: "file")
        #expect(throws: SystemCallError("openat2", file.string, .notDirectory)) {
            _ = try Directory(file)
        }
        #expect(throws: SystemCallError("openat2", "/nonexistent", .noSuchFileOrDirectory)) {
            _ = try Directory("/nonexistent")
        }
    }
}
