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
        for limit in limits { words += ["--limit", "\(limit.resource.name)=\(limit.value)"] }
        if keptDescriptors != 3 { words += ["--keep-descriptors", "\(keptDescriptors)"] }
        if newSession { words.append("--new-session") }
        if let directory { words += ["--directory", directory] }
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
            case "--keep-descriptors": cage.keptDescriptors = try number(&rest, after: word)
            case "--seccomp":
                let name = try value(&rest, after: word)
                guard let filter = SystemCallFilter(rawValue: name) else {
                    let known = SystemCallFilter.allCases.map(\.rawValue).joined(separator: ", ")
                    throw UsageError(description: "--seccomp \(name): use one of \(known)")
                }
                cage.filter = filter
            case "--limit": cage.limits.append(try limit(&rest))
            case "--new-session": cage.newSession = true
            case "--directory": cage.directory = try value(&rest, after: word)
            default:
                throw UsageError(
                    description: "unknown option \(word): see `codetainer confine --help`")
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

    private static func value(_ rest: inout ArraySlice<String>, after option: String)
        throws(UsageError) -> String
    {
        guard let value = rest.popFirst() else {
            throw UsageError(description: "\(option) needs a value")
        }
        return value
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
