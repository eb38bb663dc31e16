/// Reads sources into a list, line by line, and gathers what is wrong with them.
struct AllowlistBuilder {
    private var list = Allowlist()
    private var errors = AllowlistErrors()
    private var serviceNumbers: [Service: UInt32] = [.https: 0]
    private var knownAddressRules: Set<AddressRule> = []

    private struct AddressRule: Hashable {
        let range: AddressRange
        let service: UInt32
    }

    /// Adds the rules of a source, and its errors.
    mutating func read(_ source: Allowlist.Source) {
        list.sourceNames.append(source.name)
        // A wire name is one octet longer than its line with the newline; lines have eight octets
        // and more, mostly.
        list.names.reserveCapacity(list.names.count + source.text.count / 8 * 9)
        let text = source.text.span
        var line = 0
        var start = Self.endOfByteOrderMark(text)
        while start < text.count {
            line += 1
            let end = text.firstPosition(of: ASCII.newline, in: start..<text.count) ?? text.count
            let content = Self.content(of: text, start..<end)
            if !content.isEmpty {
                do throws(Fault) {
                    try readRule(text, content, line: line)
                } catch {
                    report(error, in: source, line: line, lineStart: start)
                }
            }
            start = end + 1
        }
    }

    private mutating func report(
        _ fault: Fault, in source: Allowlist.Source, line: Int, lineStart: Int
    ) {
        // Beyond the limit no message is made, which is most of what an error costs.
        guard !errors.isFull else { return errors.omit() }
        errors.append(
            AllowlistError(
                origin: RuleOrigin(source: source.name, line: line),
                fault: fault.located(in: source.text.span, lineStart: lineStart)))
    }

    /// The list, once all sources are read.
    consuming func finish() throws(AllowlistErrors) -> Allowlist {
        guard errors.errors.isEmpty else { throw errors }
        list.addresses = AddressSet(list.ranges)
        return list
    }

    /// Windows editors put U+FEFF before the first line.
    private static func endOfByteOrderMark(_ text: Span<UInt8>) -> Int {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard text.count >= mark.count else { return 0 }
        for (position, byte) in mark.enumerated() where text[position] != byte { return 0 }
        return mark.count
    }

    /// The line without comment, carriage return, and blanks at either end.
    private static func content(of text: Span<UInt8>, _ line: Range<Int>) -> Range<Int> {
        var start = line.lowerBound
        var end = text.firstPosition(of: ASCII.hash, in: line) ?? line.upperBound
        if end == line.upperBound, start < end, text[end - 1] == ASCII.carriageReturn { end -= 1 }
        while start < end, isBlank(text[end - 1]) { end -= 1 }
        while start < end, isBlank(text[start]) { start += 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }

    private mutating func readRule(
        _ text: Span<UInt8>, _ content: Range<Int>, line: Int
    ) throws(Fault) {
        guard list.stored.count < Allowlist.mostRules else {
            throw Fault(
                .rule, quoting: content, "the list already has \(Allowlist.mostRules) rules")
        }
        if text[content.lowerBound] == ASCII.exclamationMark {
            return try readException(text, content, line: line)
        }
        let line = Line(number: line, content: content)
        guard let rest = PrivateWord.dropping(from: text, content) else {
            return try readOpening(text, content, of: line, opensPrivate: false)
        }
        try readOpening(text, rest, of: line, opensPrivate: true)
    }

    private struct Line {
        let number: Int
        /// All of it, as messages quote it.
        let content: Range<Int>
    }

    /// - Parameter content: the line without the word that says that private addresses are meant.
    private mutating func readOpening(
        _ text: Span<UInt8>, _ content: Range<Int>, of line: Line, opensPrivate: Bool
    ) throws(Fault) {
        let rule = try SubjectGrammar.rule(in: text, content)
        if opensPrivate, let refusal = rule.subject.refusalOfPrivate {
            throw Fault(.rule, quoting: line.content, refusal)
        }
        switch rule.subject {
        case .name(let scope, let name):
            let nameStart = list.names.count
            do throws(Fault) {
                let quoted = content.lowerBound..<name.upperBound
                try NameGrammar.appendWireName(
                    of: text, in: name, quoting: quoted, to: &list.names)
                let service = try service(of: rule, text, mostPorts: Allowlist.mostPortsPerName)
                try addName(
                    from: nameStart, kind: StoredRule.Kind(scope), service: service,
                    line: line.number, quoting: content, opensPrivate: opensPrivate)
            } catch {
                list.names.removeLast(list.names.count - nameStart)
                throw error
            }
        case .addresses(let range):
            if let refusal = range.refusalAsRule {
                let end = rule.service.map { $0.lowerBound - 1 } ?? content.upperBound
                throw Fault(.rule, quoting: content.lowerBound..<end, refusal)
            }
            addRange(
                range, service: try service(of: rule, text, mostPorts: nil), line: line.number)
        }
    }

    /// `!name`: a name alone, without ports, since nothing of it is open.
    private mutating func readException(
        _ text: Span<UInt8>, _ content: Range<Int>, line: Int
    ) throws(Fault) {
        let nameStart = list.names.count
        do throws(Fault) {
            try NameGrammar.appendWireName(
                of: text, in: content.lowerBound + 1..<content.upperBound, quoting: content,
                to: &list.names)
            try addName(
                from: nameStart, kind: .exception, service: 0, line: line, quoting: content)
        } catch {
            list.names.removeLast(list.names.count - nameStart)
            throw error
        }
    }

    /// The number of what a rule opens.
    private mutating func service(
        of rule: ParsedRule, _ text: Span<UInt8>, mostPorts: Int?
    ) throws(Fault) -> UInt32 {
        guard let range = rule.service else { return 0 }
        let service = try ServiceGrammar.service(in: text, range)
        if let mostPorts, service.portCount > mostPorts {
            throw Fault(
                .portList, quoting: range,
                "\(service.portCount) ports are too many for a name: at most \(mostPorts), "
                    + "since each of its addresses opens each port on its own")
        }
        if let number = serviceNumbers[service] { return number }
        let number = UInt32(list.services.count)
        list.services.append(service)
        serviceNumbers[service] = number
        return number
    }

    /// Adds a rule about the name that ends `names`; a name that is there already is not kept twice.
    private mutating func addName(
        from nameStart: Int, kind: StoredRule.Kind, service: UInt32, line: Int,
        quoting content: Range<Int>, opensPrivate: Bool = false
    ) throws(Fault) {
        let hash = NameHash(of: list.names.span, from: nameStart).value
        let earlier = list.firstRule(hash: hash, name: list.names.span, from: nameStart)
        var next = StoredRule.none
        var location = nameStart
        if let earlier {
            guard try !isRepeated(earlier, kind, service, opensPrivate, quoting: content) else {
                list.names.removeLast(list.names.count - nameStart)
                return
            }
            list.names.removeLast(list.names.count - nameStart)
            next = earlier
            location = Int(list.stored[Int(earlier)].location)
        }
        let index = RuleIndex(list.stored.count)
        store(
            kind, at: location, next: next, service: service, line: line,
            opensPrivate: opensPrivate)
        if let earlier {
            list.nameIndex.replace(hash: hash, earlier, with: index)
        } else {
            list.nameIndex.insert(hash: hash, index)
        }
        noteParents(of: location, kind)
    }

    /// Notes every name below which a rule allows one, from the longest up; above one that is noted
    /// already all are.
    private mutating func noteParents(of location: Int, _ kind: StoredRule.Kind) {
        guard kind != .exception else { return }
        let end = list.end(ofNameAt: UInt32(location))
        var start = location
        if kind != .below { start += 1 + Int(list.names[start]) }
        while start < end {
            let range = start...end
            let hash = NameHash(of: list.names.span.extracting(range), from: 0).value
            let isNoted = list.isParent(list.names.span.extracting(range), hash: hash)
            guard !isNoted else { return }
            list.parentIndex.insert(hash: hash, UInt32(start))
            start += 1 + Int(list.names[start])
        }
    }

    /// Whether one of the rules about a name, the last of which is `earlier`, is the same.
    private func isRepeated(
        _ earlier: RuleIndex, _ kind: StoredRule.Kind, _ service: UInt32, _ opensPrivate: Bool,
        quoting content: Range<Int>
    ) throws(Fault) -> Bool {
        var count = 0
        var index = earlier
        // `next` is always a lower number, so this ends.
        while index != StoredRule.none {
            let rule = list.stored[Int(index)]
            if rule.kind == kind, rule.service == service, rule.opensPrivate == opensPrivate {
                return true
            }
            count += 1
            index = rule.next
        }
        guard count < Allowlist.mostRulesPerName else {
            throw Fault(
                .rule, quoting: content,
                "there are \(count) rules about this name already: put its ports in one list")
        }
        return false
    }

    private mutating func addRange(_ range: AddressRange, service: UInt32, line: Int) {
        let rule = AddressRule(range: range, service: service)
        guard knownAddressRules.insert(rule).inserted else { return }
        list.rangeRules.append(RuleIndex(list.stored.count))
        store(
            .addresses, at: list.ranges.count, next: StoredRule.none, service: service, line: line)
        list.ranges.append(range)
    }

    private mutating func store(
        _ kind: StoredRule.Kind, at location: Int, next: RuleIndex, service: UInt32, line: Int,
        opensPrivate: Bool = false
    ) {
        // `mostRules` names of 255 octets are far below 2³²; a later line is shown as the last.
        list.stored.append(
            StoredRule(
                location: UInt32(location), next: next, service: service,
                source: UInt32(list.sourceNames.count - 1), line: UInt32(clamping: line),
                kind: kind, opensPrivate: opensPrivate))
    }
}
