import Linux
import Profile
import SystemPackage

/// A vendor's directory that nobody may change: root's, directories 555, files 444.
struct SealedTree {
    let top: FilePath

    /// Files and directories that are looked at; a tree with more is no framework but a disk.
    static let mostEntries = 200_000

    /// The first path that is not as it must be, and why.
    struct Defect: Error, Equatable, CustomStringConvertible {
        let path: String
        let reason: String

        var description: String { "\(path) \(reason)" }
    }

    /// Looks at all of it, directories before what is in them.
    ///
    /// - Throws: `Defect` for the first path, in the order of names.
    func check() throws {
        guard let status = try FileStatus(of: top) else {
            throw Defect(path: top.string, reason: "is not there: put it into the image")
        }
        guard status.kind == .directory else {
            throw Defect(path: top.string, reason: "is no directory: name the tree itself")
        }
        try Self.check(status, top)
        var waiting = [top]
        var count = 1
        while let directory = waiting.popLast() {
            for name in try Files.names(in: directory) {
                let path = directory.appending(name)
                count += 1
                guard count <= Self.mostEntries else {
                    throw Defect(
                        path: top.string,
                        reason: "holds more than \(Self.mostEntries) entries: name a smaller tree")
                }
                guard let status = try FileStatus(of: path) else { continue }
                try Self.check(status, path)
                if status.kind == .directory { waiting.append(path) }
            }
        }
    }

    private static func check(_ status: FileStatus, _ path: FilePath) throws(Defect) {
        let wanted: UInt32
        switch status.kind {
        case .directory: wanted = 0o555
        case .regular: wanted = 0o444
        case .link: wanted = status.mode
        case .other:
            throw Defect(
                path: path.string, reason: "is neither file, directory nor link: remove it")
        }
        guard status.user == 0, status.group == 0 else {
            throw Defect(
                path: path.string,
                reason: "is uid \(status.user)'s and gid \(status.group)'s: make it root's")
        }
        guard status.mode == wanted else {
            throw Defect(
                path: path.string,
                reason:
                    "has mode \(String(status.mode, radix: 8)): chmod it \(String(wanted, radix: 8))"
            )
        }
    }
}

extension BootSequence {
    /// Looks at the trees that the profile has sealed, once everything is read-only.
    func verifySealed(_ configuration: BootConfiguration) throws(BootFailure) {
        for path in configuration.profile.sealed {
            do {
                try SealedTree(top: FilePath(path)).check()
            } catch let defect as SealedTree.Defect {
                throw BootFailure(.software, "sealed \(path): \(defect)")
            } catch {
                throw BootFailure(.software, "sealed \(path): cannot \(error): make it root's")
            }
        }
    }
}
