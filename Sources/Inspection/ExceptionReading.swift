import Linux
import Policy

/// The exceptions of the policy in force, by the names that they forbid; none where it cannot be read.
struct ExceptionReading {
    private var list = Allowlist()
    /// Where each was written.
    private var places: [String] = []

    /// - Parameter file: as PID 1 hands it to the resolver: a rule a line, an exception with its place.
    init(policy file: CInt?) {
        self.init(text: file.flatMap { try? MemoryFile.contents(of: $0) } ?? [])
    }

    init(text octets: [UInt8]) {
        let lines = octets.split(separator: 0x0a).filter { $0.first == UInt8(ascii: "!") }
            .map { String(decoding: $0, as: UTF8.self) }
        let text = lines.joined(separator: "\n")
        guard let list = try? Allowlist(parsing: [.init(name: "", text: text)]) else { return }
        self.list = list
        places = lines.map { Allowlist.place(in: $0) ?? "" }
    }

    /// The exception that a name is under, and its place: `!example.net, domains.conf:12`.
    func forbidding(_ name: String) -> String? {
        guard !places.isEmpty, let name = try? DomainName(parsing: name),
            let rule = list.exception(over: name)
        else { return nil }
        return "\(rule), \(places[rule.origin.line - 1])"
    }
}
