import Policy

/// Names that the runtime knows by itself (hosts(5)): what programs ask no DNS server for.
struct HostsFile {
    private var lines: [(address: Address, names: [String])] = []

    /// A line that is no entry says nothing.
    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, let address = try? Address(parsing: String(first)) else {
                continue
            }
            lines.append((address, words.dropFirst().map { $0.lowercased() }))
        }
    }

    /// In the order of the file.
    func addresses(of name: String) -> [Address] {
        lines.filter { $0.names.contains(name.lowercased()) }.map(\.address)
    }
}
