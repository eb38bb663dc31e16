extension Allowlist {
    /// The rules that allow a name, the most specific name first and, for one name, in the order
    /// of the list.
    ///
    /// The cost depends on the length of the name, not on the number of rules. Bytes that are not
    /// a well-formed host name match nothing.
    ///
    /// - Parameter wireName: labels preceded by their length, up to and including the root label,
    ///   without compression, in any case.
    public func matches(wireName: Span<UInt8>) -> Matches {
        var found = Matches.Collector()
        var labels = WireLabels()
        guard labels.read(wireName) else { return found.matches }
        var hash = NameHash()
        var end = wireName.count - 1
        var label = labels.count
        while label > 0 {
            label -= 1
            let start = labels[label]
            hash.prepend(wireName, start..<end)
            end = start
            guard var index = firstRule(hash: hash.value, name: wireName, from: start) else {
                continue
            }
            // `next` is always a lower number, so this ends.
            while index != StoredRule.none {
                let rule = stored[Int(index)]
                // An exception outdoes whatever allows the name.
                if rule.kind == .exception { return Matches.Collector().matches }
                if rule.kind.matches(isWholeName: label == 0) { found.append(index) }
                index = rule.next
            }
        }
        return found.matches
    }

    /// The rules that allow a name, ordered as by `matches(wireName:)`.
    public func matches(_ name: DomainName) -> Matches {
        matches(wireName: name.wireBytes.span)
    }

    /// The exception that a name is under, the widest of them: no rule allows the name, nor any below
    /// it.
    public func exception(over name: DomainName) -> Rule? {
        let wireName = name.wireBytes.span
        var labels = WireLabels()
        guard labels.read(wireName) else { return nil }
        var hash = NameHash()
        var end = wireName.count - 1
        for label in (0..<labels.count).reversed() {
            let start = labels[label]
            hash.prepend(wireName, start..<end)
            end = start
            var index = firstRule(hash: hash.value, name: wireName, from: start) ?? StoredRule.none
            // `next` is always a lower number, so this ends.
            while index != StoredRule.none {
                let rule = stored[Int(index)]
                if rule.kind == .exception { return rules[Int(index)] }
                index = rule.next
            }
        }
        return nil
    }

    /// The last rule about the name that begins at `start` and ends where `name` ends.
    func firstRule(hash: UInt32, name: Span<UInt8>, from start: Int) -> RuleIndex? {
        var probe = 0
        while probe <= nameIndex.longestProbe {
            let slot = nameIndex.slot(hash, probe: probe)
            guard slot.value != NameIndex.none else { return nil }
            if slot.hash == hash {
                let location = Int(stored[Int(slot.value)].location)
                if isName(at: location, equalTo: name, from: start) { return slot.value }
            }
            probe += 1
        }
        return nil
    }

    /// Whether a rule allows names below this one, the root left out. An exception that forbids them
    /// all the same is not looked for.
    ///
    /// - Parameter wireName: as for `matches(wireName:)`.
    public func allowsBelow(wireName: Span<UInt8>) -> Bool {
        guard wireName.count > 1 else { return false }
        return isParent(wireName, hash: NameHash(of: wireName, from: 0).value)
    }

    func isParent(_ name: Span<UInt8>, hash: UInt32) -> Bool {
        var probe = 0
        while probe <= parentIndex.longestProbe {
            let slot = parentIndex.slot(hash, probe: probe)
            guard slot.value != NameIndex.none else { return false }
            if slot.hash == hash, isName(at: Int(slot.value), equalTo: name, from: 0) {
                return true
            }
            probe += 1
        }
        return false
    }

    private func isName(
        at location: Int, equalTo name: Span<UInt8>, from start: Int
    ) -> Bool {
        let length = name.count - start
        guard location + length <= names.count else { return false }
        // Both are well-formed, so where all bytes agree, the root labels at the end do too.
        var offset = 0
        while offset < length {
            guard names[location + offset] == name[start + offset].foldedASCII else {
                return false
            }
            offset += 1
        }
        return true
    }
}

extension StoredRule.Kind {
    /// Whether a rule of this kind about a name allows the name itself, or one below it.
    fileprivate func matches(isWholeName: Bool) -> Bool {
        switch self {
        case .exact: isWholeName
        case .below: !isWholeName
        case .apexAndBelow: true
        case .addresses, .exception: false
        }
    }
}
