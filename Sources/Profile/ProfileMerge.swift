import TOML

/// What a profile makes of the one that it extends: plain rules, the same for every key.
///
/// - Tables are merged key by key, at any depth.
/// - Entries of `[[secret]]` and its like are told apart by their name or path: one with an inherited
///   one's replaces it where it stands, the others follow. An array without any takes all away.
/// - Rules of `egress.allow` are added to those inherited; an array without any takes all away.
/// - Any other value, arrays too, replaces the inherited one.
/// - `[remove]` takes out of what is inherited, before all that.
enum ProfileMerge {
    /// The key that tells the entries of each `[[NAME]]` apart.
    static let identities = [
        "secret": "name", "tmpfs": "path", "link": "path", "file": "path", "step": "name",
        "service": "name", "setting": "name",
    ]
    /// Kinds whose entries may not be called as one of another kind is.
    private static let others = ["setting": "secret", "service": "step"]
    private static let additions = ["egress", "allow"]

    /// - Parameter inherited: nil for a profile that extends none.
    static func merge(_ own: Table, over inherited: Table?, log: IssueLog) -> Table {
        var own = own
        let isAlone = own["extends"] == nil
        own["extends"] = nil
        var merged = inherited
        if let node = own["remove"] {
            own["remove"] = nil
            if let removal = Removal(node, of: own, log: log) {
                if isAlone {
                    log.note(
                        node.place, "[remove] takes nothing away: add `extends`, or leave it out")
                } else if let base = merged {
                    merged = removal.applied(to: base, log: log)
                }
            }
        }
        return merged.map { merge(own, over: $0, at: []) } ?? own
    }

    private static func merge(_ own: Table, over inherited: Table, at path: [String]) -> Table {
        var merged = inherited
        merged.place = own.place
        for key in own.keys {
            guard let node = own[key] else { continue }
            merged[key] = merged[key].map { merge(node, over: $0, at: path + [key]) } ?? node
        }
        return merged
    }

    private static func merge(_ own: Node, over inherited: Node, at path: [String]) -> Node {
        switch (own.value, inherited.value) {
        case (.table(let own), .table(let inherited)):
            let table = merge(own, over: inherited, at: path)
            return Node(.table(table), at: table.place)
        case (.array(let entries), .array(let others)) where path == additions && !entries.isEmpty:
            return Node(.array(others + entries), at: own.place)
        case (.array(let entries), .array(let others)) where path.count == 1 && !entries.isEmpty:
            guard let identity = identities[path[0]] else { return own }
            return Node(.array(merge(entries, over: others, by: identity)), at: own.place)
        default: return own
        }
    }

    private static func merge(_ own: [Node], over inherited: [Node], by identity: String) -> [Node]
    {
        var merged = inherited
        var replaced: Set<Int> = []
        for entry in own {
            let name = name(entry, identity)
            // A second entry of that name is a mistake, which noteTaken tells.
            if name != nil,
                let index = inherited.firstIndex(where: { Self.name($0, identity) == name }),
                replaced.insert(index).inserted
            {
                merged[index] = entry
            } else {
                merged.append(entry)
            }
        }
        return merged
    }

    /// Notes each entry whose name or path another one has: what either says would be lost.
    static func noteTaken(in document: Table, log: IssueLog) {
        for (kind, identity) in identities.sorted(by: { $0.key < $1.key }) {
            var owners: [String: String] = [:]
            if let other = others[kind] {
                for entry in document[other]?.array ?? [] {
                    if let name = name(entry, identity) { owners[name] = other }
                }
            }
            for entry in document[kind]?.array ?? [] {
                guard let node = entry.table?[identity], let text = node.string, !text.isEmpty,
                    let name = name(entry, identity),
                    let owner = owners.updateValue(kind, forKey: name)
                else { continue }
                log.note(
                    node.place,
                    "\(kind).\(identity) \"\(text)\" is taken by a [[\(owner)]]: choose another, or leave one out"
                )
            }
        }
    }

    /// A path is the same with a stroke more.
    static func name(_ entry: Node, _ identity: String) -> String? {
        guard let name = entry.table?[identity]?.string else { return nil }
        return identity == "path" ? normal(name) : name
    }

    static func normal(_ path: String) -> String {
        "/" + path.split(separator: "/").joined(separator: "/")
    }
}
