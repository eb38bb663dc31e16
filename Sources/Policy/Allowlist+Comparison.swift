/// What becomes of rules when one list takes another's place.
extension Allowlist {
    /// The rules about the same names as a rule of another list, in no order: none for a rule about
    /// addresses or an exception, and where there is no such rule.
    public func rules(about index: RuleIndex, of other: Allowlist) -> [RuleIndex] {
        guard Int(index) < other.stored.count else { return [] }
        let rule = other.stored[Int(index)]
        guard rule.kind != .addresses, rule.kind != .exception else { return [] }
        return chain(of: rule, in: other).filter { stored[Int($0)].kind == rule.kind }
    }

    /// Whether a rule of this list opens a port, and where it has to be private addresses too.
    public func opens(
        _ port: UInt16, _ transport: Transport, isPrivate: Bool, by index: RuleIndex
    ) -> Bool {
        guard let service = service(of: index) else { return false }
        return service.transport == transport && service.contains(port)
            && (!isPrivate || opensPrivate(index))
    }

    /// Whether this list has every rule of another that allows something.
    public func hasAll(of other: Allowlist) -> Bool {
        for rule in other.stored where rule.kind != .exception && rule.kind != .addresses {
            let service = other.services[Int(rule.service)]
            let isThere = chain(of: rule, in: other).contains { index in
                let own = stored[Int(index)]
                return own.kind == rule.kind && own.opensPrivate == rule.opensPrivate
                    && services[Int(own.service)] == service
            }
            guard isThere else { return false }
        }
        return Set(other.addressOpenings).isSubset(of: Set(addressOpenings))
    }

    /// The names that exceptions of this list deny, and those of another do not.
    public func exceptions(besides other: Allowlist) -> [DomainName] {
        stored.indices.compactMap { index in
            let rule = stored[index]
            guard rule.kind == .exception else { return nil }
            let isThere = other.chain(of: rule, in: self).contains {
                other.stored[Int($0)].kind == .exception
            }
            guard !isThere, case .exception(let name) = rules[index].subject else { return nil }
            return name
        }
    }

    private struct AddressOpening: Hashable {
        let range: AddressRange
        let service: Service
    }

    private var addressOpenings: [AddressOpening] {
        addressRules.map { AddressOpening(range: $0.range, service: $0.service) }
    }

    /// This list's rules about the name of a rule of another list, the last one first.
    private func chain(of rule: StoredRule, in other: Allowlist) -> [RuleIndex] {
        let start = Int(rule.location)
        var end = start
        while other.names[end] > 0 { end += 1 + Int(other.names[end]) }
        let names = other.names
        let name = names.span.extracting(start...end)
        let hash = NameHash(of: name, from: 0).value
        guard var index = firstRule(hash: hash, name: name, from: 0) else { return [] }
        var chain: [RuleIndex] = []
        // `next` is always a lower number, so this ends.
        while index != StoredRule.none {
            chain.append(index)
            index = stored[Int(index)].next
        }
        return chain
    }
}
