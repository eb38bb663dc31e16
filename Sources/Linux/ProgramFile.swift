import CLinux
import Glibc
public import SystemPackage

/// An executable file, held by a descriptor that cannot be read: it stays the same whatever comes to
/// its path (open(2), `O_PATH`).
public struct ProgramFile: ~Copyable {
    public let file: OwnedDescriptor
    /// Why a process of root's must not become it; nil when it may.
    public let defect: String?

    /// Opens `path` without waiting for it, whatever it is, and without following a link.
    ///
    /// - SeeAlso: openat2(2), `RESOLVE_NO_SYMLINKS`
    public static func open(_ path: FilePath) throws(SystemCallError) -> ProgramFile {
        let raw = unsafe codetainer_open_without_links(
            AT_FDCWD, path.string, CODETAINER_O_PATH)
        let file = OwnedDescriptor(adopting: try checked(raw, "openat2", path.string))
        var status = stat()
        try checked(unsafe fstat(file.raw, &status), "fstat", path.string)
        return ProgramFile(file: file, status)
    }

    private init(file: consuming OwnedDescriptor, _ status: stat) {
        self.file = file
        defect = Self.defect(mode: status.st_mode, owner: status.st_uid)
    }

    /// - Parameters:
    ///   - mode: kind and permissions, as stat(2) has them.
    ///   - owner: the user id.
    static func defect(mode: UInt32, owner: UInt32) -> String? {
        if mode & S_IFMT != S_IFREG { return "is not a file: give the path of a program" }
        if owner != 0 { return "belongs to uid \(owner): it must be root's" }
        if mode & 0o022 != 0 { return "may be written by others than root: chmod go-w" }
        if mode & 0o111 != 0o111 { return "is not executable for all: chmod 755" }
        return nil
    }

    /// Gives the descriptor up without closing it.
    public consuming func release() -> CInt { file.release() }
}
