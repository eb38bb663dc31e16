public import Linux

/// What `codetainer init [OPTIONS] [--] COMMAND [ARGUMENTS]` is asked for. Without any word, `init`
/// boots a profile and none of this is looked at.
///
/// Every option that tini, dumb-init and catatonit have for the same thing is understood as well, so
/// that an ENTRYPOINT keeps its options when it changes its init.
public struct InitOptions: Equatable, Sendable {
    /// Who gets the signals that arrive.
    public enum Recipient: String, Equatable, Sendable {
        case command = "child"
        case group
    }

    /// Put the command into the sandbox first.
    public var isCage = false
    /// With a cage: the agent's account, as NAME, UID or UID:GID.
    public var user: String?
    /// With a cage: paths that the agent may write, and ports that are open from outside.
    public var writable: [String] = []
    public var published: [String] = []
    /// Say what could be asked for, and end.
    public var wantsHelp = false
    public var wantsVersion = false
    public var recipient = Recipient.command
    public var rewrites = SignalRewrites()
    /// Exit codes of the command that count as success.
    public var expectedCodes: [CInt] = []
    /// What arrives when the process that started init ends; nil for nothing.
    public var parentDeath: Signal?
    /// Being a subreaper instead of PID 1 is intended: no warning.
    public var isSubreaper = false
    /// Say which orphans were reaped.
    public var namesReaped = false
    /// Whether anybody sees which orphans were reaped.
    var showsReaped: Bool { verbosity >= 3 || namesReaped }
    /// 0: errors only; 1: warnings; 2: start and end; 3 and more: every signal and every process.
    public var verbosity = 1
    /// Where in the words the command begins.
    public var commandStart = 0

    /// - Parameters:
    ///   - words: those after `init`; at least one.
    ///   - variable: the environment, which options go before.
    public init(parsing words: [String], variable: (String) -> String?) throws(UsageError) {
        try adopt(variable)
        var cursor = Cursor(words: words)
        while let option = try cursor.nextOption() {
            try take(option, &cursor)
            if wantsHelp || wantsVersion { return }
        }
        guard isCage || user == nil && writable.isEmpty && published.isEmpty else {
            throw UsageError("--user, --writable and --publish are for a cage: add --cage")
        }
        commandStart = cursor.position
        guard commandStart < words.count else {
            throw UsageError("no command given: end with `-- COMMAND [ARGUMENTS]`")
        }
    }

    private mutating func take(_ option: String, _ cursor: inout Cursor) throws(UsageError) {
        switch option {
        case "--cage": isCage = true
        case "--user": user = try cursor.value(of: option, like: "1000:1000")
        case "--writable": writable.append(try cursor.value(of: option, like: "/var/cache"))
        case "--publish": published.append(try cursor.value(of: option, like: "8080/tcp"))
        case "--help", "-h": wantsHelp = true
        case "--version", "-V": wantsVersion = true
        case "--group", "-g": recipient = .group
        case "--single-child", "-c": recipient = .command
        case "--subreaper", "-s": isSubreaper = true
        case "--warn-reaped", "-w": namesReaped = true
        case "--verbose", "-v": verbosity += 1
        case "--rewrite", "-r":
            try rewrites.add(try cursor.value(of: option, like: "15:3"))
        case "--expect-exit", "-e":
            let text = try cursor.value(of: option, like: "143")
            guard let code = CInt(text), (0...255).contains(code) else {
                throw UsageError("\(option) \"\(text)\" is not an exit code: use 0 to 255")
            }
            expectedCodes.append(code)
        case "--parent-death", "-p":
            let text = try cursor.value(of: option, like: "SIGTERM")
            guard let signal = Signal(parsing: text) else {
                throw UsageError(
                    "\(option) \"\(text)\" is not a signal: use a name or a number, as in SIGTERM")
            }
            parentDeath = signal
        default:
            throw UsageError(
                "unknown option \(option): put -- before the command, or see codetainer init --help"
            )
        }
    }

    /// What tini and dumb-init read, then our own variable, which goes before both.
    private mutating func adopt(_ variable: (String) -> String?) throws(UsageError) {
        isSubreaper = variable("TINI_SUBREAPER") != nil
        if let level = variable("TINI_VERBOSITY").flatMap({ Int($0) }) { verbosity = max(0, level) }
        if variable("DUMB_INIT_DEBUG") == "1" { verbosity = 3 }
        if variable("TINI_KILL_PROCESS_GROUP") != nil || variable("DUMB_INIT_SETSID") == "1" {
            recipient = .group
        }
        if let text = variable("CODETAINER_SIGNAL"), !text.isEmpty {
            guard let asked = Recipient(rawValue: text) else {
                throw UsageError("CODETAINER_SIGNAL \"\(text)\" must be child or group")
            }
            recipient = asked
        }
    }
}

/// What is wrong with the words, and what to do about it.
public struct UsageError: Error, Equatable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Options in the words before the command, as getopt_long(3) would give them with `+`: `-gv` is two,
/// `-e143`, `-e 143`, `--expect-exit=143` and `--expect-exit 143` are one with a value.
private struct Cursor {
    let words: [String]
    var position = 0
    /// What is left of a word: further short options, or the value of the last option.
    private var rest: Substring = ""
    private var hasValue = false

    init(words: [String]) { self.words = words }

    /// The next option, or nil where the command begins.
    mutating func nextOption() throws(UsageError) -> String? {
        if hasValue { throw UsageError("\(words[position - 1]): the option takes no value") }
        if let letter = rest.popFirst() { return "-\(letter)" }
        guard position < words.count else { return nil }
        let word = words[position]
        if word == "--" {
            position += 1
            return nil
        }
        guard word.utf8.count > 1, word.hasPrefix("-") else { return nil }
        position += 1
        guard word.hasPrefix("--") else {
            rest = word.dropFirst(2)
            return String(word.prefix(2))
        }
        guard let equals = word.firstIndex(of: "=") else { return word }
        rest = word[word.index(after: equals)...]
        hasValue = true
        return String(word[..<equals])
    }

    mutating func value(of option: String, like example: String) throws(UsageError) -> String {
        if hasValue || !rest.isEmpty {
            defer { (rest, hasValue) = ("", false) }
            return String(rest)
        }
        guard position < words.count else {
            throw UsageError("\(option) needs a value, as in \(option) \(example)")
        }
        defer { position += 1 }
        return words[position]
    }
}
