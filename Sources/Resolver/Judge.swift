import DNSWire
import Policy

/// What becomes of a question, decided by the question and the policy alone.
enum Judgement {
    case localhost(Reply)
    case denied
    /// An allowed name, asked for something that is not relayed: it has none of that.
    case notRelayed(Explanation?)
    case resolve(Matches)
    /// A name that no rule allows, resolved all the same because the policy is only audited.
    case audited(Matches)
}

/// Decides over questions and addresses by the allowlist. A class, so that handing it on counts one
/// reference and not those of all the allowlist's arrays.
final class Judge: Sendable {
    let allowlist: Allowlist
    let relaysAAAA: Bool
    /// Whether what is denied is recorded only.
    let audits: Bool

    init(allowlist: Allowlist, relaysAAAA: Bool, audits: Bool = false) {
        self.allowlist = allowlist
        self.relaysAAAA = relaysAAAA
        self.audits = audits
    }

    func judge(_ question: borrowing Question) -> Judgement {
        if isLocalhost(question.name.octets) { return .localhost(localhost(question.type)) }
        let matches = allowlist.matches(wireName: question.name.octets)
        guard audits || !matches.isEmpty else { return .denied }
        switch question.type {
        case .a, .cname: return matches.isEmpty ? .audited(matches) : .resolve(matches)
        case .aaaa where !relaysAAAA: return .notRelayed(nil)
        case .aaaa: return matches.isEmpty ? .audited(matches) : .resolve(matches)
        default: return .notRelayed(.typeNotRelayed)
        }
    }

    /// The wildcard rule whose budget a name is charged to; nil when a rule names it exactly.
    func chargedRule(of matches: Matches) -> RuleIndex? {
        matches.allSatisfy { allowlist.isWildcard($0) } ? matches.first : nil
    }

    /// Whether an answer may carry an address.
    func permits(_ address: Address) -> Bool {
        audits || address.isPubliclyRoutable || allowlist.permits(address)
    }

    /// The line of the allowlist that would allow a name.
    func allowingLine(for name: Name) -> String? {
        DomainName(wireName: name.octets).map { allowlist.openingLine(for: $0) }
    }

    /// `localhost` and everything below it is this machine (RFC 6761 §6.3).
    private func isLocalhost(_ octets: Span<UInt8>) -> Bool {
        let start = octets.count - Self.localhostName.count
        guard start >= 0 else { return false }
        for index in Self.localhostName.indices
        where octets[start + index] != Self.localhostName[index] {
            return false
        }
        // Ten octets that end a name begin with a length, or else with a label's last letter.
        return start == 0 || Self.isLabelStart(start, octets)
    }

    private static func isLabelStart(_ offset: Int, _ octets: Span<UInt8>) -> Bool {
        var position = 0
        while position < offset { position += 1 + Int(octets[position]) }
        return position == offset
    }

    private static let localhostName: [UInt8] = [9] + Array("localhost".utf8) + [0]

    private func localhost(_ type: RecordType) -> Reply {
        switch type {
        case .a: .local(.v4(0x7f00_0001))
        case .aaaa: .local(.v6(0, 1))
        default: .negative(.noError, timeToLive: TimeToLive.denial, nil)
        }
    }
}
