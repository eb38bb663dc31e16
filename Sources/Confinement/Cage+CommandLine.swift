import Linux

extension Cage {
    /// A command line of `codetainer confine` that cannot be used.
    public struct UsageError: Error, CustomStringConvertible {
        public let description: String
    }

    /// The words of `codetainer confine` that make this cage, up to and with `--`.
    public var options: [String] {
        var words: [String] = []
        if let identity { words += ["--uid", "\(identity.user)", "--gid", "\(identity.group)"] }
        words += ["--seccomp", filter.rawValue]
        for word in reach?.words ?? [] { words += ["--landlock", word] }
        for limit in limits { words += ["--limit", "\(limit.resource.name)=\(limit.value)"] }
        if let outOfMemoryScore { words += ["--oom-score", "\(outOfMemoryScore)"] }
        switch environment {
        case .callers: words += ["--keep-env", "*"]
        case .usualAnd(let names): for name in names { words += ["--keep-env", name] }
        }
        if keptDescriptors != 3 { words += ["--keep-descriptors", "\(keptDescriptors)"] }
        if newSession { words.append("--new-session") }
        if takesTerminal { words.append("--terminal") }
        if let directory { words += ["--directory", directory] }
        for layer in Layer.allCases where required.contains(layer) {
            words += ["--require", layer.rawValue]
        }
        if isQuiet { words.append("--quiet") }
        if saysJSON { words.append("--json") }
        return words + ["--"]
    }

    /// Reads the options before `--`, or before the first word that is not an option.
    ///
    /// - Returns: the cage, and the command with its arguments.
    public static func parse(_ words: [String]) throws(UsageError) -> (
        cage: Cage, command: [String]
    ) {
        var cage = Cage()
        var rest = ArraySlice(words)
        var user: UInt32?
        var group: UInt32?
        while let word = rest.first, word.hasPrefix("-") {
            rest = rest.dropFirst()
            if word == "--" { break }
            switch word {
            case "--uid": user = try number(&rest, after: word)
            case "--gid": group = try number(&rest, after: word)
            default: try cage.read(word, &rest)
            }
        }
        switch (user, group) {
        case (nil, nil): break
        case (let user?, let group?): cage.identity = Identity(user: user, group: group)
        default: throw UsageError(description: "--uid and --gid go together: give both")
        }
        guard !rest.isEmpty else {
            throw UsageError(description: "no command: put it after `--`")
        }
        return (cage, Array(rest))
    }

    private mutating func read(_ option: String, _ rest: inout ArraySlice<String>)
        throws(UsageError)
    {
        switch option {
        case "--keep-descriptors": keptDescriptors = try Self.number(&rest, after: option)
        case "--seccomp":
            filter = try Self.choice(SystemCallFilter.allCases, &rest, after: option)
        case "--landlock":
            var reach = self.reach ?? Reach()
            try reach.read(try Self.value(&rest, after: option))
            self.reach = reach
        case "--limit": limits.append(try Self.limit(&rest))
        case "--oom-score":
            let score = try Self.number(&rest, after: option)
            guard score <= 1000 else {
                throw UsageError(
                    description: "--oom-score \(score): a number from 0 to 1000 is needed")
            }
            outOfMemoryScore = score
        case "--keep-env": try keep(variable: try Self.value(&rest, after: option))
        case "--new-session": newSession = true
        case "--terminal": (newSession, takesTerminal) = (true, true)
        case "--directory": directory = try Self.value(&rest, after: option)
        case "--require":
            required.insert(
                try Self.choice(Layer.allCases.filter(\.isOptional), &rest, after: option))
        case "--quiet": isQuiet = true
        case "--json": saysJSON = true
        default:
            throw UsageError(
                description: "unknown option \(option): see `codetainer confine --help`")
        }
    }

    private mutating func keep(variable name: String) throws(UsageError) {
        guard name != "*" else {
            environment = .callers
            return
        }
        guard !name.isEmpty, !name.contains("=") else {
            throw UsageError(
                description: "--keep-env \(name): use the name of a variable, or * for all")
        }
        if case .usualAnd(let names) = environment { environment = .usualAnd(names + [name]) }
    }

    private static func value(_ rest: inout ArraySlice<String>, after option: String)
        throws(UsageError) -> String
    {
        guard let value = rest.popFirst() else {
            throw UsageError(description: "\(option) needs a value")
        }
        return value
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ choices: [Choice], _ rest: inout ArraySlice<String>, after option: String
    ) throws(UsageError) -> Choice {
        let name = try value(&rest, after: option)
        guard let choice = choices.first(where: { $0.rawValue == name }) else {
            let known = choices.map(\.rawValue).joined(separator: ", ")
            throw UsageError(description: "\(option) \(name): use one of \(known)")
        }
        return choice
    }

    private static func number(_ rest: inout ArraySlice<String>, after option: String)
        throws(UsageError) -> UInt32
    {
        let text = try value(&rest, after: option)
        guard let number = UInt32(text), number < .max else {
            throw UsageError(
                description: "\(option) \(text): a number from 0 to 4294967294 is needed")
        }
        return number
    }

    private static func limit(_ rest: inout ArraySlice<String>) throws(UsageError) -> Limit {
        let text = try value(&rest, after: "--limit")
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt64(parts[1]),
            let resource = ResourceLimit.allCases.first(where: { $0.name == parts[0] })
        else {
            let known = ResourceLimit.allCases.map(\.name).joined(separator: ", ")
            throw UsageError(description: "--limit \(text): use NAME=NUMBER with one of \(known)")
        }
        return Limit(resource, number)
    }
}

extension Reach {
    /// Each value of `--landlock`; one without a value, `write=`, allows nothing of its kind.
    var words: [String] {
        func each(_ name: String, _ values: [String]?) -> [String] {
            guard let values else { return [] }
            return values.isEmpty ? ["\(name)="] : values.map { "\(name)=\($0)" }
        }
        return each("write", writable) + usable.map { "use=\($0)" } + each("read", readable)
            + each("execute", executable)
            + each("connect", connectable.map { $0.map { "\($0)" } })
            + each("bind", bindable.map { $0.map { "\($0)" } }) + (isScoped ? ["scope"] : [])
    }

    mutating func read(_ word: String) throws(Cage.UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1]) : nil
        let paths = value.map { $0.isEmpty ? [] : [$0] }
        switch (parts[0], value) {
        case ("write", _?): writable = (writable ?? []) + (paths ?? [])
        case ("use", let path?) where !path.isEmpty:
            writable = writable ?? []
            usable.append(path)
        case ("read", _?): readable = (readable ?? []) + (paths ?? [])
        case ("execute", _?): executable = (executable ?? []) + (paths ?? [])
        case ("connect", let port?): connectable = (connectable ?? []) + (try ports(port, word))
        case ("bind", let port?): bindable = (bindable ?? []) + (try ports(port, word))
        case ("scope", nil): isScoped = true
        default:
            throw Cage.UsageError(
                description:
                    "--landlock \(word): use write=PATH, use=PATH, read=PATH, execute=PATH, connect=PORT, bind=PORT or scope"
            )
        }
    }

    private func ports(_ text: String, _ word: String) throws(Cage.UsageError) -> [UInt16] {
        if text.isEmpty { return [] }
        guard let port = UInt16(text) else {
            throw Cage.UsageError(
                description: "--landlock \(word): use a port from 0 to 65535")
        }
        return [port]
    }
}
