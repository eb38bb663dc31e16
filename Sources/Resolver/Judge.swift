import DNSWire
import Policy

/// What becomes of a question, decided by the question and the policy alone.
enum Judgement {
    case localhost(Reply)
    /// With the code that says so: a name that has others below it exists.
    case denied(ResponseCode)
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
    /// The licence server, in wire form: it may be on the operator's own network, since what is
    /// opened of it is open to one uid that proves whom it speaks to.
    private let leasedName: [UInt8]

    init(
        allowlist: Allowlist, relaysAAAA: Bool, audits: Bool = false, leasedName: [UInt8] = []
    ) {
        self.allowlist = allowlist
        self.relaysAAAA = relaysAAAA
        self.audits = audits
        self.leasedName = leasedName
    }

    func judge(_ question: borrowing Question) -> Judgement {
        if isLocalhost(question.name.octets) { return .localhost(localhost(question.type)) }
        let matches = allowlist.matches(wireName: question.name.octets)
        guard audits || !matches.isEmpty else {
            // Who hears that a name does not exist need not ask for those below it (RFC 8020 §2).
            let name = question.name
            let exists = name.isRoot || allowlist.allowsBelow(wireName: name.octets)
            return .denied(exists ? .noError : .nameError)
        }
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

    /// Whether an answer to a question about `name`, which `rules` allow, may carry an address.
    func permits(
        _ address: Address, under rules: [RuleIndex] = [], for name: Name = Name()
    ) -> Bool {
        audits || address.isPubliclyRoutable || allowlist.permits(address)
            || rules.contains { allowlist.permits(address, under: $0) }
            || address.isOnOwnNetwork && isLeased(name)
    }

    /// What opens an answer's addresses: each is opened by those of `rules` that PID 1 takes for it,
    /// a private one only by those that say so. What no rule opens is asked for all the same: PID 1
    /// says so, and not this process.
    func openings(_ rules: [RuleIndex], of addresses: [Address]) -> [Opening] {
        var openings: [Opening] = []
        for address in addresses {
            let able = rules.filter { allowlist.permits(address, under: $0) }
            for rule in able.isEmpty ? rules : able {
                openings.append(Opening(rule: rule, address: address))
            }
        }
        return openings
    }

    /// Elements of the kernel's sets that they take: one for each port.
    func elements(of openings: [Opening]) -> Int {
        openings.reduce(0) { $0 + (allowlist.service(of: $1.rule)?.portCount ?? 1) }
    }

    private func isLeased(_ name: Name) -> Bool {
        guard leasedName.count == name.octets.count, !leasedName.isEmpty else { return false }
        for index in leasedName.indices where leasedName[index] != name.octets[index] {
            return false
        }
        return true
    }

    /// The line of the allowlist that would allow a denied name, or what forbids it.
    func advice(on name: Name) -> String {
        guard let name = DomainName(wireName: name.octets) else {
            return "not a host name: no line can allow it"
        }
        if let exception = allowlist.exception(over: name) { return "\(exception) forbids it" }
        return allowlist.openingLine(for: name)
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
