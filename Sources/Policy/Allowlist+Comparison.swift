/// What becomes of rules when one list takes another's place.
extension Allowlist {
    /// The rules that allow every name that a rule of another list allows, the most specific first:
    /// none for a rule about addresses or an exception, and where there is no such rule.
    public func rules(covering index: RuleIndex, of other: Allowlist) -> [RuleIndex] {
        guard Int(index) < other.stored.count else { return [] }
        let rule = other.stored[Int(index)]
        guard rule.kind != .addresses, rule.kind != .exception else { return [] }
        var found: [RuleIndex] = []
        _ = chain(of: rule, in: other) { index, isWholeName in
            if stored[Int(index)].kind.covers(rule.kind, isWholeName: isWholeName) {
                found.append(index)
            }
            return false
        }
        return found
    }

    /// Whether a rule of this list opens a port, and where it has to be private addresses too.
    public func opens(
        _ port: UInt16, _ transport: Transport, isPrivate: Bool, by index: RuleIndex
    ) -> Bool {
        guard let service = service(of: index) else { return false }
        return service.transport == transport && service.contains(port)
            && (!isPrivate || opensPrivate(index))
    }

    /// Whether this list allows all that the rules of another do, exceptions left out.
    public func hasAll(of other: Allowlist) -> Bool {
        for rule in other.stored where rule.kind != .exception && rule.kind != .addresses {
            let service = other.services[Int(rule.service)]
            let isThere = chain(of: rule, in: other) { index, isWholeName in
                let own = stored[Int(index)]
                return own.kind.covers(rule.kind, isWholeName: isWholeName)
                    && (own.opensPrivate || !rule.opensPrivate)
                    && services[Int(own.service)].covers(service)
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
            let isThere = other.chain(of: rule, in: self) {
                $1 && other.stored[Int($0)].kind == .exception
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

    /// Goes through this list's rules about the name of a rule of another list and about the names
    /// above it, the name's own first, until `isEnough`; whether it was.
    private func chain(
        of rule: StoredRule, in other: Allowlist,
        until isEnough: (_ index: RuleIndex, _ isWholeName: Bool) -> Bool
    ) -> Bool {
        let start = Int(rule.location)
        var end = start
        while other.names[end] > 0 { end += 1 + Int(other.names[end]) }
        let names = other.names
        let name = names.span.extracting(start...end)
        var label = 0
        while name[label] > 0 {
            let hash = NameHash(of: name, from: label).value
            var index = firstRule(hash: hash, name: name, from: label) ?? StoredRule.none
            // `next` is always a lower number, so this ends.
            while index != StoredRule.none {
                if isEnough(index, label == 0) { return true }
                index = stored[Int(index)].next
            }
            label += 1 + Int(name[label])
        }
        return false
    }
}

extension StoredRule.Kind {
    /// Whether a rule allows all the names that another does: one about the same name, or about one
    /// below it.
    fileprivate func covers(_ other: Self, isWholeName: Bool) -> Bool {
        switch self {
        case .exact: isWholeName && other == .exact
        case .below: !isWholeName || other == .below
        case .apexAndBelow: true
        case .addresses, .exception: false
        }
    }
}
