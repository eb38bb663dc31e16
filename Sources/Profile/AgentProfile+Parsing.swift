internal import Policy

extension AgentProfile {
    /// Reads a profile that extends no other.
    ///
    /// - Parameters:
    ///   - text: a TOML 1.0 document.
    ///   - file: its name, as errors show it.
    /// - Throws: `ProfileIssues` with everything that is wrong.
    public init(parsing text: String, file: String) throws(ProfileIssues) {
        self = try ResolvedProfile(parsing: Array(text.utf8), file: file, files: .none).profile
    }

    init(reading root: inout TableReader) {
        // Both are known, and gone: see Lineage and ProfileMerge.
        _ = root.string("extends")
        _ = root.table("remove") { _ in }
        root.noteStringsWithNUL()
        let name = root.requiredString("name")
        self.name = name
        if !isName(name), !name.isEmpty {
            root.note(
                "name",
                "name \"\(shown(name))\" must be letters, digits, '-' and '_', at most \(longestName)"
            )
        }
        if !root.has("user") {
            root.note(missing: "user", "the table [user] with `name` is missing: add it")
        }
        user = root.table("user") { $0.requiredString("name") } ?? ""
        if !root.has("agent") {
            root.note(missing: "agent", "the table [agent] with `command` is missing: add it")
        }
        agent =
            root.table("agent") { Agent(reading: &$0, profile: name) }
            ?? Agent(command: [], session: name)
        secrets = root.tables("secret") { SecretRequirement(reading: &$0) }
        settings = root.tables("setting") { Setting(reading: &$0) }
        environment = root.table("environment") { Environment(reading: &$0) } ?? environment
        tmpfs = root.tables("tmpfs") { Tmpfs(reading: &$0) }
        writable = root.absolutePaths("writable")
        sealed = root.absolutePaths("sealed")
        links = root.tables("link") {
            Link(path: $0.pathBelowRoot("path"), target: $0.absolutePath("target"))
        }
        files = root.tables("file") { File(reading: &$0) }
        egress = root.table("egress") { Egress(reading: &$0) } ?? egress
        workspace = root.table("workspace") { Workspace(reading: &$0) } ?? workspace
        health = root.table("health") { Health(reading: &$0) } ?? health
        metrics = root.table("metrics") { Metrics(reading: &$0) } ?? metrics
        telemetry = root.table("telemetry") { Telemetry(reading: &$0) }
        expectations = root.table("expect") { Expectations(reading: &$0) } ?? expectations
        var secretNames = Set(secrets.map(\.name))
        if let telemetry { secretNames.formUnion([telemetry.instance, telemetry.token]) }
        licence = root.table("licence") { Licence(reading: &$0, profile: name) }
        if let licence {
            // It is the lease service's, and nobody else's.
            if secretNames.contains(licence.key) {
                root.note(
                    "licence", "key",
                    "licence.key \"\(licence.key)\" is a [[secret]] as well: name it here only")
            }
            secretNames.insert(licence.key)
        }
        if let key = licence?.key, environment.passed.contains(key) {
            root.note(
                "environment", "pass",
                "\"\(key)\" is the licence's key, which the agent must not have: leave it out")
        }
        let unexposed = secretNames.subtracting(
            secrets.filter { $0.exposedAs.contains($0.name) }.map(\.name))
        for name in environment.passed where unexposed.contains(name) && name != licence?.key {
            root.note(
                "environment", "pass",
                "environment.pass \"\(name)\" is a secret: leave it out, or say \"\(name)\" in the `expose` of its [[secret]]"
            )
        }
        for path in sealed {
            let open = writable + tmpfs.map(\.path)
            if open.contains(where: { isBelow(path, $0) || isBelow($0, path) }) {
                root.note(
                    "sealed",
                    "sealed \"\(path)\" has to do with what is writable: name another path")
            }
        }
        let steps = root.tables("step") { Service(readingStep: &$0, secrets: secretNames) }
        let others = root.tables("service") { Service(reading: &$0, secrets: secretNames) }
        services = Service.inOrder(steps, user: user, workspace: workspace.path) + others
        for mistake in ServiceOrder(services: services).mistakes where !root.isPartial {
            let isStep = mistake.service < steps.count
            root.note(
                isStep ? "step" : "service",
                isStep ? mistake.service : mistake.service - steps.count, mistake.key,
                mistake.reason)
        }
        shutdown = root.table("shutdown") { Shutdown(reading: &$0) } ?? shutdown
        for mistake in Setting.mistakes(in: self) { root.note(at: mistake.path, mistake.reason) }
    }
}

extension AgentProfile.Agent {
    fileprivate init(reading table: inout TableReader, profile: String) {
        let command = table.command()
        let isHeadless = table.bool("headless") ?? false
        // An inherited one is what the agent would have had with tmux.
        if isHeadless, table.has("session"), table.isSaidTogether("session", "headless") {
            table.note("session", "agent.session: a headless agent has none: leave it out")
        }
        let isService = table.bool("service") ?? false
        if isService, !isHeadless, !table.isPartial {
            table.note(
                "service",
                "agent.service: an agent with a session is none: add `headless = true`, or leave it out"
            )
        }
        let session = table.string("session").flatMap { isHeadless ? nil : $0 } ?? profile
        // tmux(1): others mean something in an address or a format. Without either name it is the
        // name that is missing.
        if session.isEmpty && !table.isPartial
            || table.has("session") && !session.isEmpty && !isName(session)
        {
            table.note(
                "session",
                "agent.session \"\(shown(session))\" must be letters, digits, '-' and '_', at most \(longestName)"
            )
        }
        self.init(
            command: command, takesPrompt: table.bool("prompt") ?? false, session: session,
            isHeadless: isHeadless, isService: isService,
            // A container around one program ends with it, unless told otherwise.
            onExit: table.choice("on-exit") ?? (isHeadless ? .end : .keep),
            allowsUserNamespaces: table.bool("allow-user-namespaces") ?? false)
    }
}

/// Of a profile and of a session, in octets.
private let longestName = 64

private func isName(_ text: String) -> Bool {
    text.utf8.count <= longestName && !text.isEmpty
        && text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
                || $0 == 0x2d || $0 == 0x5f
        }
}

/// What a terminal may be shown of a name that is none.
private func shown(_ name: String) -> String {
    String(name.prefix(longestName).map { $0.isASCII && ("!"..."~" ~= $0 || $0 == " ") ? $0 : "?" })
}

extension AgentProfile.SecretRequirement {
    fileprivate init(reading table: inout TableReader) {
        name = table.variableName("name")
        isRequired = table.bool("required") ?? true
        exposedAs = table.strings("expose") ?? []
        for name in exposedAs where !isVariableName(name) {
            table.note(
                "expose",
                "\"\(name)\" is not the name of an environment variable: use letters, digits and _")
        }
        credential = table.table("credential") {
            let read = (host: $0.requiredString("host"), username: $0.requiredString("username"))
            // They are lines of git's protocol (gitcredentials(7)).
            for (key, text) in [("host", read.host), ("username", read.username)]
            where !text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) {
                $0.note(key, "credential.\(key) must be printable ASCII without a space")
            }
            return .init(host: read.host, username: read.username)
        }
    }
}

extension AgentProfile.Environment {
    fileprivate init(reading table: inout TableReader) {
        passed = table.strings("pass") ?? []
        passesOthers = passed.contains("*")
        passed.removeAll { $0 == "*" }
        takesSecrets = table.bool("secrets") ?? false
        set = table.stringTable("set").map { .init(name: $0.key, value: $0.value) }
        for name in passed where !isVariableName(name) {
            table.note(
                "pass",
                "\"\(name)\" is not the name of an environment variable: use letters, digits and _")
        }
        for name in set.map(\.name) where !isVariableName(name) {
            table.note(
                "set", name,
                "\"\(name)\" is not the name of an environment variable: use letters, digits and _")
        }
    }
}

extension AgentProfile.Tmpfs {
    fileprivate init(reading table: inout TableReader) {
        path = table.absolutePath("path")
        table.checkIsBelowRoot(path, "path")
        // /dev/shm and its like hold files; what is below the others is the kernel's alone.
        if isBelow(path, "/proc") || isBelow(path, "/sys") || ProfileMerge.normal(path) == "/dev" {
            table.note("path", "path \"\(path)\" is the kernel's: name another")
        }
        let text = table.requiredString("size")
        if let octets = Self.octets(text) {
            size = octets
        } else {
            size = 0
            if table.has("size") {
                table.note("size", "tmpfs.size \"\(text)\" is not a size: write 512M or 1G")
            }
        }
        owner = table.choice("owner") ?? .agent
        mode = table.mode("mode") ?? 0o755
    }

    /// The largest size, in octets: 1 PiB.
    private static let most = 1 << 50

    /// A whole number with K, M or G (powers of 1024).
    static func octets(_ text: String) -> Int? {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        guard let unit = text.last.flatMap({ units[$0] }), text.dropLast().allSatisfy(isDigit),
            let count = Int(text.dropLast()), count > 0, count <= most / unit
        else { return nil }
        return count * unit
    }
}

extension AgentProfile.File {
    fileprivate init(reading table: inout TableReader) {
        path = table.pathBelowRoot("path")
        let text = table.string("content")
        let source = table.optionalPath("source")
        switch (text, source) {
        case (let text?, nil): contents = .text(text)
        case (nil, let source?): contents = .source(source)
        default:
            contents = .text("")
            table.note("path", "[[file]] \(path): give either `content` or `source`")
        }
        owner = table.choice("owner") ?? .agent
        mode = table.mode("mode") ?? 0o644
        isRequired = table.bool("required") ?? true
    }
}

extension AgentProfile.Egress {
    fileprivate init(reading table: inout TableReader) {
        self.init()
        if let paths = table.strings("allowlist") { allowlists = paths }
        allowed = table.strings("allow") ?? []
        for (index, rule) in allowed.enumerated() {
            guard Self.isOneWord(rule) else {
                table.note(
                    "allow", index,
                    "egress.allow \"\(rule)\" is not one rule: write it as in \"api.example.com:443\""
                )
                continue
            }
            do throws(AllowlistErrors) {
                _ = try Allowlist(parsing: [.init(name: "", text: rule)])
            } catch {
                for error in error.errors {
                    table.note(
                        "allow", index,
                        "egress.allow \(error.fault): see `codetainer help allowlist`")
                }
            }
        }
        upstreams = table.strings("upstreams") ?? []
        for (index, text) in upstreams.enumerated()
        where (try? Address(parsing: text))?.canBeAsked != true {
            table.note(
                "upstreams", index,
                "egress.upstreams \"\(text)\" is not the address of a DNS server: name one by its IP address"
            )
        }
        published = table.strings("publish") ?? []
        targets = table.strings("targets") ?? []
    }

    /// Rules are read with spaces between, and a comment would hide what follows.
    private static func isOneWord(_ rule: String) -> Bool {
        !rule.isEmpty && rule.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "#" }
    }
}

extension AgentProfile.Health {
    fileprivate init(reading table: inout TableReader) {
        if let name = table.settingName("port") {
            portSetting = name
        } else {
            port = table.port("health.port")
        }
    }
}

extension AgentProfile.Metrics {
    fileprivate init(reading table: inout TableReader) {
        port = table.port("metrics.port")
        if port == AgentProfile.Metrics.namePort {
            table.note("port", "metrics.port 53 is the resolver's: choose another")
        }
    }

    /// Where the resolver answers, on the loopback and for whatever is sent elsewhere.
    private static let namePort: UInt16 = 53
}

extension AgentProfile.Workspace {
    fileprivate init(reading table: inout TableReader) {
        self.init()
        path = table.optionalPath("path") ?? path
        repository = table.optionalPath("repository") ?? repository
        tracksUpstream = table.bool("tracks-upstream") ?? false
        usesSSH = table.bool("ssh") ?? false
    }
}
