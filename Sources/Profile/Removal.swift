import TOML

/// `[remove]`: what a profile takes out of the one that it extends.
struct Removal {
    private let table: Table
    /// Names or paths of entries, by the name of their `[[NAME]]`.
    private var entries: [(kind: String, names: [String])] = []
    /// Dotted keys.
    private var keys: [String] = []

    /// Nil where it is no table.
    init?(_ node: Node, of document: Table, log: IssueLog) {
        guard let table = node.table else {
            log.note(node.place, "remove must be a table")
            return nil
        }
        self.table = table
        let (entries, keys) = TableReader.read(table, at: ["remove"], log: log) { reader in
            (
                ProfileMerge.identities.keys.sorted().map {
                    (kind: $0, names: reader.strings($0) ?? [])
                },
                reader.strings("keys") ?? []
            )
        }
        (self.entries, self.keys) = (entries, keys)
    }

    func applied(to inherited: Table, log: IssueLog) -> Table {
        var rest = inherited
        // What was not read may have had it.
        guard !log.isPartial else { return rest }
        for (kind, names) in entries {
            for (index, name) in names.enumerated() where !remove(name, of: kind, from: &rest) {
                log.note(
                    place(kind, index),
                    "remove.\(kind) \"\(name)\" is not inherited: check the spelling, or leave it out"
                )
            }
        }
        for (index, key) in keys.enumerated() {
            guard let path = Document.key(key), Self.remove(path[...], from: &rest) else {
                log.note(
                    place("keys", index),
                    "remove.keys \"\(key)\" is not inherited: write it as in \"environment.set.TZ\""
                )
                continue
            }
        }
        return rest
    }

    private func place(_ key: String, _ index: Int) -> Place {
        let array = table[key]?.array ?? []
        return array.indices.contains(index) ? array[index].place : table.place
    }

    private func remove(_ name: String, of kind: String, from document: inout Table) -> Bool {
        guard let identity = ProfileMerge.identities[kind], let node = document[kind],
            let entries = node.array
        else { return false }
        let wanted = identity == "path" ? ProfileMerge.normal(name) : name
        let rest = entries.filter { ProfileMerge.name($0, identity) != wanted }
        document[kind] = rest.isEmpty ? nil : Node(.array(rest), at: node.place)
        return rest.count < entries.count
    }

    /// The depth of a key is bounded, so this ends.
    private static func remove(_ path: ArraySlice<String>, from table: inout Table) -> Bool {
        guard let key = path.first, let node = table[key] else { return false }
        guard path.count > 1 else {
            table[key] = nil
            return true
        }
        guard var inner = node.table, remove(path.dropFirst(), from: &inner) else { return false }
        table[key] = Node(.table(inner), at: node.place)
        return true
    }
}
