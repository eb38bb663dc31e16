import TOML

/// Collects what is wrong while a document is read, so that all of it is told at once.
final class IssueLog {
    /// The files that are read, in the order in which their mistakes are told.
    private var files: [String] = []
    private var issues: [ProfileIssue] = []

    /// Whether something of the document could not be read, so that nobody knows what is missing.
    var isPartial = false

    var isEmpty: Bool { issues.isEmpty }

    func add(file: String) { files.append(file) }

    func note(_ place: Place, _ reason: String) {
        issues.append(ProfileIssue(file: place.file, line: place.line, reason: reason))
    }

    /// Everything so far, by file and line.
    var sorted: [ProfileIssue] {
        let ranks = Dictionary(files.enumerated().map { ($1, $0) }, uniquingKeysWith: min)
        let all = issues.enumerated().sorted { first, second in
            let (one, other) = (first.element, second.element)
            let ranks = (ranks[one.file] ?? files.count, ranks[other.file] ?? files.count)
            return (ranks.0, one.line, first.offset) < (ranks.1, other.line, second.offset)
        }
        return all.map(\.element)
    }
}

/// Reads one table: every key is asked for by name and type, and what nobody asked for is an issue.
struct TableReader {
    private let table: Table
    private let path: [String]
    private let log: IssueLog
    /// Whether nothing of it is inherited, as of an entry of `[[name]]`.
    private let isWhole: Bool
    private var known: Set<String> = []

    init(_ table: Table, at path: [String], log: IssueLog, isWhole: Bool = false) {
        (self.table, self.path, self.log, self.isWhole) = (table, path, log, isWhole)
    }

    func note(_ key: String, _ reason: String) { log.note(place(of: key), reason) }

    /// Notes each string with a NUL, at which every program would take it to end.
    func noteStringsWithNUL() { noteStringsWithNUL(in: table, "") }

    private func noteStringsWithNUL(in table: Table, _ path: String) {
        for key in table.keys.sorted() { noteStringsWithNUL(in: table[key], path + key) }
    }

    private func noteStringsWithNUL(in node: Node?, _ path: String) {
        guard let node else { return }
        if let string = node.string, string.utf8.contains(0) {
            log.note(node.place, "\(path) contains a NUL: take it out")
        }
        for element in node.array ?? [] { noteStringsWithNUL(in: element, path) }
        if let table = node.table { noteStringsWithNUL(in: table, path + ".") }
    }

    /// Notes that something is not there, where all of the document is.
    func note(missing key: String, _ reason: String) {
        if isWhole || !log.isPartial { note(key, reason) }
    }

    var isPartial: Bool { log.isPartial }

    /// Notes what is wrong with a key of the table `key`.
    func note(_ key: String, _ inner: String, _ reason: String) {
        log.note(table[key]?.table?[inner]?.place ?? place(of: key), reason)
    }

    /// Notes what is wrong with an element of the array `key`.
    func note(_ key: String, _ index: Int, _ reason: String) {
        log.note(element(key, index)?.place ?? place(of: key), reason)
    }

    /// Notes what is wrong with a key of one of the tables `key`.
    func note(_ key: String, _ index: Int, _ inner: String, _ reason: String) {
        let element = element(key, index)
        log.note(element?.table?[inner]?.place ?? element?.place ?? place(of: key), reason)
    }

    private func element(_ key: String, _ index: Int) -> Node? {
        table[key]?.array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    }

    private func place(of key: String) -> Place { table[key]?.place ?? table.place }

    /// Whether one file says both.
    func isSaidTogether(_ key: String, _ other: String) -> Bool {
        table[key]?.place.file == table[other]?.place.file
    }

    /// A key of a table that is not read as a whole.
    static func string(_ key: String, of table: Table, log: IssueLog) -> String? {
        var reader = TableReader(table, at: [], log: log)
        return reader.string(key)
    }

    /// Notes what is wrong with a key below this table: names, and numbers for elements of arrays.
    func note(at inner: [String], _ reason: String) {
        var place = table.place
        var node: Node?
        for (depth, part) in inner.enumerated() {
            let next: Node? =
                if depth == 0 {
                    table[part]
                } else if let index = Int(part), let array = node?.array {
                    array.indices.contains(index) ? array[index] : nil
                } else {
                    node?.table?[part]
                }
            guard let next else { break }
            (node, place) = (next, next.place)
        }
        log.note(place, reason)
    }

    /// The name of a setting in the place of a value of another type; nil when there is none.
    mutating func settingName(_ key: String) -> String? {
        guard let name = table[key]?.string else { return nil }
        known.insert(key)
        return name
    }

    func has(_ key: String) -> Bool { table[key] != nil }

    mutating func string(_ key: String) -> String? {
        value(key, "a string") { $0.string }
    }

    mutating func requiredString(_ key: String) -> String {
        guard has(key) else {
            known.insert(key)
            note(missing: key, "\(shown(key)) is missing: a string is needed")
            return ""
        }
        return string(key) ?? ""
    }

    mutating func bool(_ key: String) -> Bool? { value(key, "true or false") { $0.bool } }

    mutating func integer(_ key: String) -> Int? { value(key, "a whole number") { $0.int } }

    mutating func strings(_ key: String) -> [String]? {
        guard let array = value(key, "an array of strings", { $0.array }) else { return nil }
        var strings: [String] = []
        for (index, element) in array.enumerated() {
            guard let string = element.string else {
                note(key, index, "\(shown(key))[\(index)] must be a string")
                continue
            }
            strings.append(string)
        }
        return strings
    }

    /// A program and its arguments, which are needed.
    mutating func command() -> [String] {
        let command = strings("command")
        let reason = "\(shown("command")) is empty: name a program and its arguments"
        if command == nil {
            if !has("command") { note(missing: "command", reason) }
        } else if command?.first?.isEmpty ?? true {
            note("command", reason)
        }
        return command ?? []
    }

    /// Every key of a table with its string value, sorted by key.
    mutating func stringTable(_ key: String) -> [(key: String, value: String)] {
        guard let inner = value(key, "a table of strings", { $0.table }) else { return [] }
        return inner.keys.sorted().compactMap { name in
            guard let string = inner[name]?.string else {
                note(key, name, "\(shown(key)).\(name) must be a string")
                return nil
            }
            return (name, string)
        }
    }

    mutating func table<Value>(_ key: String, _ read: (inout TableReader) -> Value) -> Value? {
        guard let inner = value(key, "a table", { $0.table }) else { return nil }
        return Self.read(inner, at: path + [key], log: log, isWhole: isWhole, read)
    }

    mutating func tables<Value>(_ key: String, _ read: (inout TableReader) -> Value) -> [Value] {
        guard let array = value(key, "an array of tables ([[\(key)]])", { $0.array }) else {
            return []
        }
        return array.enumerated().compactMap { index, element in
            guard let inner = element.table else {
                note(key, index, "\(shown(key))[\(index)] must be a table ([[\(key)]])")
                return nil
            }
            return Self.read(inner, at: path + [key], log: log, isWhole: true, read)
        }
    }

    /// Reads a table and notes the keys that nobody asked for.
    static func read<Value>(
        _ table: Table, at path: [String], log: IssueLog, isWhole: Bool = false,
        _ read: (inout TableReader) -> Value
    ) -> Value {
        var reader = TableReader(table, at: path, log: log, isWhole: isWhole)
        let value = read(&reader)
        for key in table.keys.sorted() where !reader.known.contains(key) {
            let choices = reader.known.sorted().joined(separator: ", ")
            reader.note(key, "unknown key \(reader.shown(key)): known here are \(choices)")
        }
        return value
    }

    mutating func value<Value>(
        _ key: String, _ wanted: String, _ convert: (Node) -> Value?
    ) -> Value? {
        known.insert(key)
        guard let raw = table[key] else { return nil }
        guard let value = convert(raw) else {
            note(key, "\(shown(key)) must be \(wanted)")
            return nil
        }
        return value
    }

    /// The key with the names of the tables around it.
    private func shown(_ key: String) -> String {
        (path + [key]).joined(separator: ".")
    }
}
