import Linux
public import SystemPackage

/// A directory below /tmp that goes with its owner; anybody may enter and read it.
public final class Scratch: Sendable {
    public let path: FilePath

    public init() throws {
        let name = Linux.System.randomBytes(8).map { String($0, radix: 16) }.joined()
        path = FilePath("/tmp/codetainer-test-\(name)")
        try Directory("/tmp").makeDirectory(
            "codetainer-test-\(name)", ownership: .root(mode: 0o755))
    }

    /// Not into what is mounted below: that is somebody else's.
    deinit { _ = try? run(["rm", "--recursive", "--force", "--one-file-system", path.string]) }

    /// Makes a file here.
    @discardableResult
    public func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws -> FilePath {
        try Directory(path).write(Array(text.utf8), to: name, ownership: .root(mode: mode))
        return path.appending(name)
    }
}

extension Scratch {
    /// Makes a directory in `scratch`.
    @discardableResult
    public static func below(_ scratch: Scratch, _ name: String) throws -> FilePath {
        try Directory(scratch.path).makeDirectory(name, ownership: .root(mode: 0o755))
        return scratch.path.appending(name)
    }
}
