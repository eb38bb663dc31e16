/// What a person may set, described: the text of `codetainer help profile` and of docs/profile.md.
///
/// Tests hold the keys, types, defaults and examples to the parser, and the variables to the sources.
/// The descriptions are text that is read when somebody asks: as values they take three times as much
/// of the program.
public enum Reference {
    /// A table of the profile.
    struct Table {
        /// As a document writes it, `[[secret]]`; `[]` for the document itself.
        let header: String
        let meaning: String
        var keys: [Entry]

        /// Names of the tables around it and its own, with periods; empty for the document itself.
        var path: String { header.filter { $0 != "[" && $0 != "]" } }
    }

    /// A key of a table, or a variable of the environment.
    struct Entry {
        let name: String
        /// What the parser wants, in its own words, and what else is asked of the value.
        let type: String
        /// What holds without it, as the document would write it or in words; nil where it is needed.
        let fallback: String?
        /// A value, as a document or an environment writes it.
        let example: String
        let meaning: String
    }

    /// The tables of a profile with their keys, in the order in which a person meets them.
    static var tables: [Table] {
        var tables: [Table] = []
        for record in records(tableRecords) {
            if let entry = entry(record) {
                tables[tables.count - 1].keys.append(entry)
            } else {
                tables.append(Table(header: record[0], meaning: record[1], keys: []))
            }
        }
        return tables
    }

    static var variables: [Entry] { records(variableRecords).compactMap(entry) }

    /// The variables that begin with `CODETAINER_`.
    public static var ownVariables: [String] {
        variables.map(\.name).filter { $0.hasPrefix("CODETAINER_") }
    }

    private static func records(_ text: String) -> [[String]] {
        var records: [[String]] = [[]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                records.append([])
            } else {
                records[records.count - 1].append(String(line))
            }
        }
        return records
    }

    private static func entry(_ record: [String]) -> Entry? {
        guard record.count == 5 else { return nil }
        return Entry(
            name: record[0], type: record[1], fallback: record[2] == "needed" ? nil : record[2],
            example: record[3], meaning: record[4])
    }
}
