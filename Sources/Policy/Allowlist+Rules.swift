extension Allowlist {
    /// The rules in order, each made when it is asked for; a rule's position is its `RuleIndex`.
    public struct Rules: RandomAccessCollection, Sendable {
        fileprivate let list: Allowlist

        public var startIndex: Int { 0 }
        public var endIndex: Int { list.stored.count }

        /// - Precondition: `position` is below `count`; see `rule(at:)` for numbers of others.
        public subscript(position: Int) -> Rule {
            let rule = list.stored[position]
            return Rule(
                subject: list.subject(of: rule), service: list.services[Int(rule.service)],
                opensPrivate: rule.opensPrivate,
                origin: RuleOrigin(
                    source: list.sourceNames[Int(rule.source)], line: Int(rule.line)))
        }
    }

    /// The rules, by `RuleIndex`. The view shares the list's storage.
    public var rules: Rules { Rules(list: self) }

    /// The rule with a number that another process sent: `nil` when there is none.
    public func rule(at index: RuleIndex) -> Rule? {
        Int(index) < stored.count ? rules[Int(index)] : nil
    }

    /// Which names the rule with a number allows, as `Rule.Subject` describes them, and what it opens
    /// there: `nil` for a rule about addresses or an exception, and when there is none.
    public func opening(of index: RuleIndex) -> (names: String, service: Service)? {
        guard Int(index) < stored.count else { return nil }
        let rule = stored[Int(index)]
        let service = services[Int(rule.service)]
        return switch rule.kind {
        case .exact: (text(at: rule.location, behind: ""), service)
        case .below: (text(at: rule.location, behind: "*."), service)
        case .apexAndBelow: (text(at: rule.location, behind: "."), service)
        case .addresses, .exception: nil
        }
    }

    /// What the rule with a number opens, without making the rule: `nil` when there is none.
    public func service(of index: RuleIndex) -> Service? {
        Int(index) < stored.count ? services[Int(stored[Int(index)].service)] : nil
    }

    /// Whether the rule with a number is about names, and names below the one it is written with
    /// are among them.
    public func isWildcard(_ index: RuleIndex) -> Bool {
        guard Int(index) < stored.count else { return false }
        return switch stored[Int(index)].kind {
        case .below, .apexAndBelow: true
        case .exact, .addresses, .exception: false
        }
    }

    /// A rule about addresses, as the firewall takes it.
    public struct AddressRule: Hashable, Sendable {
        /// Its number among all rules of the list.
        public let index: RuleIndex
        /// Public, or named on purpose.
        public let range: AddressRange
        /// What to open there; any number of ports.
        public let service: Service
    }

    /// The rules about addresses, in order.
    public var addressRules: [AddressRule] {
        zip(rangeRules, ranges).map { index, range in
            let service = services[Int(stored[Int(index)].service)]
            return AddressRule(index: index, range: range, service: service)
        }
    }

    private func subject(of rule: StoredRule) -> Rule.Subject {
        switch rule.kind {
        case .exact: .exact(name(at: rule.location))
        case .below: .below(name(at: rule.location))
        case .apexAndBelow: .apexAndBelow(name(at: rule.location))
        case .addresses: .addresses(ranges[Int(rule.location)])
        case .exception: .exception(name(at: rule.location))
        }
    }

    private func name(at location: UInt32) -> DomainName {
        DomainName(canonicalWireBytes: Array(names[Int(location)...end(ofNameAt: location)]))
    }

    /// A stored name ends with the root label, whose length is zero.
    func end(ofNameAt location: UInt32) -> Int {
        var end = Int(location)
        while names[end] > 0 { end += 1 + Int(names[end]) }
        return end
    }

    /// A name as a person writes it, without making it first: a grant carries it, and somebody waits.
    private func text(at location: UInt32, behind prefix: StaticString) -> String {
        let labels = Int(location)..<end(ofNameAt: location)
        var text: [UInt8] = []
        text.reserveCapacity(prefix.utf8CodeUnitCount + labels.count)
        prefix.withUTF8Buffer { unsafe text.append(contentsOf: $0) }
        var label = labels.lowerBound
        while label < labels.upperBound {
            if label > labels.lowerBound { text.append(ASCII.dot) }
            let next = label + 1 + Int(names[label])
            text.append(contentsOf: names[label + 1..<next])
            label = next
        }
        return String(decoding: text, as: UTF8.self)
    }
}
