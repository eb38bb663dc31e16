/// A table while its document is read: later lines may still add to it.
final class OpenTable {
    /// How it came about decides who may add to it (TOML 1.0, "Table" and "Keys").
    enum Origin {
        /// By the header of a table inside it, which does not define it.
        case implicit
        case header
        /// By a dotted key.
        case dotted
        case inline
    }

    private enum Item {
        case node(Node)
        case table(OpenTable)
        case tables(Row)
    }

    /// The tables of `[[name]]`; there is one at least.
    private final class Row {
        var tables: [OpenTable]

        init(_ first: OpenTable) { tables = [first] }
    }

    private var origin: Origin
    private var place: Place
    private var keys: [String] = []
    private var items: [String: Item] = [:]

    init(_ origin: Origin, at place: Place) { (self.origin, self.place) = (origin, place) }

    private func insert(_ name: String, _ item: Item) {
        keys.append(name)
        items[name] = item
    }

    private func added(_ name: String, _ origin: Origin, at place: Place) -> OpenTable {
        let table = OpenTable(origin, at: place)
        insert(name, .table(table))
        return table
    }

    /// The table on the way to a header's last name.
    func inner(_ name: String, at place: Place) throws(Mistake) -> OpenTable {
        switch items[name] {
        case nil: return added(name, .implicit, at: place)
        case .table(let table): return table
        case .tables(let row): return row.tables[row.tables.count - 1]
        default: throw isTaken(name, place)
        }
    }

    /// `[name]`
    func defined(_ name: String, at place: Place) throws(Mistake) -> OpenTable {
        switch items[name] {
        case nil: return added(name, .header, at: place)
        case .table(let table) where table.origin == .implicit:
            (table.origin, table.place) = (.header, place)
            return table
        default: throw isTaken(name, place)
        }
    }

    /// `[[name]]`
    func appended(_ name: String, at place: Place) throws(Mistake) -> OpenTable {
        let table = OpenTable(.header, at: place)
        switch items[name] {
        case nil: insert(name, .tables(Row(table)))
        case .tables(let row): row.tables.append(table)
        default: throw isTaken(name, place)
        }
        return table
    }

    /// The table on the way to a dotted key's last name.
    func dotted(_ name: String, at place: Place) throws(Mistake) -> OpenTable {
        switch items[name] {
        case nil: return added(name, .dotted, at: place)
        case .table(let table) where table.origin == .dotted: return table
        default: throw isTaken(name, place)
        }
    }

    func add(_ name: String, _ value: Value, at place: Place) throws(Mistake) {
        guard items[name] == nil else { throw isTaken(name, place) }
        insert(name, .node(Node(value, at: place)))
    }

    private func isTaken(_ name: String, _ place: Place) -> Mistake {
        Mistake(
            line: place.line, reason: "\(Document.quoted(name)) is there already: leave one out")
    }

    /// It and all in it, as they are now.
    var frozen: Table {
        var table = Table(at: place)
        for key in keys {
            switch items[key] {
            case .node(let node): table[key] = node
            case .table(let inner): table[key] = Node(.table(inner.frozen), at: inner.place)
            case .tables(let row):
                let nodes = row.tables.map { Node(.table($0.frozen), at: $0.place) }
                table[key] = Node(.array(nodes), at: nodes[0].place)
            case nil: break
            }
        }
        return table
    }
}
