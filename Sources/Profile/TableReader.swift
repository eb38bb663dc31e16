import TOMLKit

/// Collects what is wrong while a document is read, so that all of it is told at once.
final class IssueLog {
    private let file: String
    private let locator: KeyLocator
    private(set) var issues: [ProfileIssue] = []

    init(file: String, locator: KeyLocator) {
        self.file = file
        self.locator = locator
    }

    func note(_ path: [String], _ reason: String) {
        issues.append(ProfileIssue(file: file, line: locator.line(of: path), reason: reason))
    }
}

/// Reads one table: every key is asked for by name and type, and what nobody asked for is an issue.
struct TableReader {
    private let table: TOMLTable
    private let path: [String]
    private let log: IssueLog
    private var known: Set<String> = []

    init(_ table: TOMLTable, at path: [String], log: IssueLog) {
        (self.table, self.path, self.log) = (table, path, log)
    }

    func note(_ key: String, _ reason: String) { log.note(path + [key], reason) }

    /// Notes what is wrong with a key of the table `key`.
    func note(_ key: String, _ inner: String, _ reason: String) {
        log.note(path + [key, inner], reason)
    }

    /// Notes what is wrong with a key of one of the tables `key`.
    func note(_ key: String, _ place: String, _ inner: String, _ reason: String) {
        log.note(path + [key, place, inner], reason)
    }

    func has(_ key: String) -> Bool { table.contains(key: key) }

    mutating func string(_ key: String) -> String? {
        value(key, "a string") { $0.string }
    }

    mutating func requiredString(_ key: String) -> String {
        guard has(key) else {
            known.insert(key)
            note(key, "\(shown(key)) is missing: a string is needed")
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
                log.note(path + [key], "\(shown(key))[\(index)] must be a string")
                continue
            }
            strings.append(string)
        }
        return strings
    }

    /// Every key of a table with its string value, sorted by key.
    mutating func stringTable(_ key: String) -> [(key: String, value: String)] {
        guard let inner = value(key, "a table of strings", { $0.table }) else { return [] }
        return inner.keys.sorted().compactMap { name in
            guard let string = inner[name]?.string else {
                log.note(path + [key, name], "\(shown(key)).\(name) must be a string")
                return nil
            }
            return (name, string)
        }
    }

    mutating func table<Value>(_ key: String, _ read: (inout TableReader) -> Value) -> Value? {
        guard let inner = value(key, "a table", { $0.table }) else { return nil }
        return Self.read(inner, at: path + [key], log: log, read)
    }

    mutating func tables<Value>(_ key: String, _ read: (inout TableReader) -> Value) -> [Value] {
        guard let array = value(key, "an array of tables ([[\(key)]])", { $0.array }) else {
            return []
        }
        return array.enumerated().compactMap { index, element in
            guard let inner = element.table else {
                log.note(path + [key], "\(shown(key))[\(index)] must be a table ([[\(key)]])")
                return nil
            }
            return Self.read(inner, at: path + [key, "\(index)"], log: log, read)
        }
    }

    /// Reads a table and notes the keys that nobody asked for.
    static func read<Value>(
        _ table: TOMLTable, at path: [String], log: IssueLog,
        _ read: (inout TableReader) -> Value
    ) -> Value {
        var reader = TableReader(table, at: path, log: log)
        let value = read(&reader)
        for key in table.keys.sorted() where !reader.known.contains(key) {
            let choices = reader.known.sorted().joined(separator: ", ")
            reader.note(key, "unknown key \(reader.shown(key)): known here are \(choices)")
        }
        return value
    }

    mutating func value<Value>(
        _ key: String, _ wanted: String, _ convert: (any TOMLValueConvertible) -> Value?
    ) -> Value? {
        known.insert(key)
        guard let raw = table[key] else { return nil }
        guard let value = convert(raw) else {
            note(key, "\(shown(key)) must be \(wanted)")
            return nil
        }
        return value
    }

    /// The key with the names of the tables around it, without array positions.
    private func shown(_ key: String) -> String {
        (path.filter { Int($0) == nil } + [key]).joined(separator: ".")
    }
}
