import Linux
import SystemPackage
import TestSupport
import Testing

@Suite struct FilesTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func readsUpToTheLimit() throws {
        let path = try scratch.write("12345", to: "file")
        #expect(try Files.text(path, limit: 5) == "12345")
        #expect(throws: SystemCallError("read", path.string, .fileTooLarge)) {
            try Files.text(path, limit: 4)
        }
    }

    @Test func overwritesInPlaceAndFollowsNoLink() throws {
        let path = try scratch.write("old and long", to: "file")
        try Files.overwrite(Array("new".utf8), at: path)
        #expect(try Files.text(path) == "new")
        try Directory(scratch.path).link("link", to: path, ownership: .root(mode: 0o777))
        let link = scratch.path.appending("link")
        #expect(throws: SystemCallError("open", link.string, .tooManySymbolicLinkLevels)) {
            try Files.overwrite([], at: link)
        }
        #expect(try Files.text(path) == "new")
    }

    @Test func statusTellsWhatIsThere() throws {
        let path = try scratch.write("abc", to: "file", mode: 0o640)
        let status = try #require(try FileStatus(of: path))
        #expect(status.kind == .regular && status.mode == 0o640 && status.byteCount == 3)
        #expect(try FileStatus(of: scratch.path)?.kind == .directory)
        #expect(try FileStatus(of: "/dev/null")?.kind == .other)
        #expect(try FileStatus(of: scratch.path.appending("absent")) == nil)
        #expect(try FileStatus(of: path.appending("below")) == nil)
    }

    @Test func namesAreSorted() throws {
        for name in ["b", ".hidden", "a"] { try scratch.write("", to: name) }
        #expect(try Files.names(in: scratch.path) == [".hidden", "a", "b"])
        #expect(throws: SystemCallError("opendir", "/nonexistent", .noSuchFileOrDirectory)) {
            try Files.names(in: "/nonexistent")
        }
    }
}

@Suite struct OutputTests {
    @Test func losesWhatNobodyTakes() throws {
        let pipe = try DescriptorPair.pipe()
        Output.writeWithoutWaiting([1, 2], to: pipe.second.raw)
        var octets = [UInt8](repeating: 0, count: 8192)
        #expect(try pipe.first.read(into: &octets) == 2)
        // A line is cut at PIPE_BUF, so that it is written whole or not at all.
        let line = [UInt8](repeating: 0x61, count: 5000)
        for _ in 0..<100 { Output.writeWithoutWaiting(line, to: pipe.second.raw) }
        #expect(try pipe.first.read(into: &octets) == 8192)
        #expect(octets.allSatisfy { $0 == 0x61 })
    }

    @Test func boundedWritesGiveUp() throws {
        let pair = try UnixSocket.messagePair()
        try Output.writeBounded([1], to: pair.first.raw, patience: .seconds(60))
        let description = "descriptor \(pair.first.raw)"
        #expect(throws: SystemCallError("write", description, .timedOut)) {
            try Output.writeBounded([1], to: pair.first.raw, patience: 0)
        }
    }
}

@Suite struct FileSystemSpaceTests {
    @Test func knowsASizeAndWhatIsTaken() throws {
        let space = try FileSystemSpace(of: "/")
        #expect(space.total > 0 && space.used > 0 && space.used <= space.total)
        // The kernel's own counters take no room at all.
        #expect(try FileSystemSpace(of: "/proc") == FileSystemSpace(of: "/proc/self"))
        #expect(try FileSystemSpace(of: "/proc").total == 0)
    }

    @Test func ofWhatIsNotThereIsAnError() {
        #expect(throws: SystemCallError.self) { try FileSystemSpace(of: "/nowhere") }
    }
}
