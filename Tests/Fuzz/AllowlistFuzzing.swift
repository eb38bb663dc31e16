import Policy

/// What is accepted means the same when its listing is read again, and what is not is explained in
/// printable text.
enum AllowlistFuzzing {
    static func run(_ octets: Span<UInt8>) {
        let list: Allowlist
        do throws(AllowlistErrors) {
            list = try read(octets.indices.map { octets[$0] })
        } catch {
            precondition(!error.errors.isEmpty)
            precondition(error.description.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0a })
            return
        }
        let text = list.canonicalText
        guard let again = try? read(Array(text.utf8)) else { fatalError("cannot be read: \(text)") }
        precondition(again.canonicalText == text, "read as another list: \(text)")
        // An exception may deny what another rule allows.
        let excepts = list.rules.contains {
            if case .exception = $0.subject { true } else { false }
        }
        for (index, rule) in list.rules.enumerated() {
            switch rule.subject {
            case .exception(let name):
                precondition(list.matches(name).isEmpty, "\(rule)")
            case .exact(let name), .apexAndBelow(let name):
                precondition(
                    excepts || list.matches(name).contains(RuleIndex(index)), "\(rule)")
            case .below(let name):
                precondition(!list.matches(name).contains(RuleIndex(index)), "\(rule)")
            case .addresses(let range):
                precondition(list.permits(range.first) && list.permits(range.last), "\(rule)")
            }
        }
        // The same octets as a name on the wire.
        let named = DomainName(wireName: octets).map { Array(list.matches($0)) } ?? []
        precondition(Array(list.matches(wireName: octets)) == named)
    }

    private static func read(_ text: [UInt8]) throws(AllowlistErrors) -> Allowlist {
        try Allowlist(parsing: [Allowlist.Source(name: "list", utf8: text)])
    }
}
