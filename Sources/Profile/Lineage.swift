import TOML

/// A profile and those that it extends, read and made one.
struct Lineage {
    /// Profiles that may follow one another.
    static let longest = 8

    let files: ProfileFiles
    /// The profile itself comes first.
    private(set) var paths: [String] = []
    private var tables: [Table] = []
    private var identities: Set<String> = []

    init(_ files: ProfileFiles) { self.files = files }

    /// Reads the profile at `path` and what it extends; mistakes go to the log.
    ///
    /// - Parameter identity: of the file, where it has one.
    mutating func read(_ utf8: [UInt8], at path: String, identity: String?, log: IssueLog) {
        if let identity { identities.insert(identity) }
        var (utf8, path) = (utf8, path)
        // Each turn makes the lineage longer, and its length has a limit.
        while true {
            log.add(file: path)
            let table: Table
            do throws(Mistakes) {
                table = try Document.parse(utf8, file: path)
            } catch {
                for mistake in error.mistakes {
                    log.note(
                        Place(file: path, line: mistake.line),
                        "not TOML: \(mistake.reason): see toml.io")
                }
                return
            }
            paths.append(path)
            tables.append(table)
            guard let node = table["extends"] else { return }
            guard let name = TableReader.string("extends", of: table, log: log),
                let parent = find(name, from: path, at: node.place, log)
            else { return }
            (utf8, path) = parent
        }
    }

    private mutating func find(_ name: String, from file: String, at place: Place, _ log: IssueLog)
        -> (utf8: [UInt8], path: String)?
    {
        guard Self.isName(name) || Self.isPath(name) else {
            log.note(
                place,
                "extends \"\(name)\" must be the name of a profile or an absolute path without . and .."
            )
            return nil
        }
        let candidates = ProfileFiles.candidates(name, from: file)
        var circle: String?
        for candidate in candidates {
            switch files.read(candidate) {
            case .absent: break
            // What shadows a profile may extend the one that it shadows.
            case .found(_, let identity) where identities.contains(identity):
                circle = circle ?? candidate
            case .found(let utf8, let identity):
                guard tables.count < Self.longest else {
                    log.note(
                        place,
                        "extends \"\(name)\": more than \(Self.longest) profiles extend one another: leave some out"
                    )
                    return nil
                }
                identities.insert(identity)
                return (utf8, candidate)
            case .unreadable(let reason):
                log.note(
                    place,
                    "extends \"\(name)\" cannot be read: \(reason): give the path of a profile")
                return nil
            }
        }
        if let circle {
            log.note(
                place, "extends \"\(name)\" leads back to \(circle): leave one `extends` out")
        } else {
            let tried = candidates.joined(separator: ", ")
            log.note(
                place,
                "extends \"\(name)\" is no profile: there is no \(tried): see `ls \(ProfileFiles.directory)`"
            )
        }
        return nil
    }

    /// Letters, digits, `_`, `-` and periods, of which none leads.
    private static func isName(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.isEmpty
            && name.utf8.allSatisfy {
                isVariableName("a\(Unicode.Scalar($0))") || $0 == 45 || $0 == 46
            }
    }

    private static func isPath(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        return path.hasPrefix("/") && !path.utf8.contains(0) && !parts.contains("..")
            && !parts.contains(".") && !parts.isEmpty
    }

    /// All of them as one document, and what is wrong with how they go together.
    func merged(log: IssueLog) -> Table {
        var merged: Table?
        for table in tables.reversed() {
            merged = ProfileMerge.merge(table, over: merged, log: log)
        }
        return merged ?? Table(at: Place(file: "", line: 0))
    }
}
