import Egress
import Linux
import Policy
import Profile
import Supervision
import SystemPackage

/// Everything that a boot knows before it changes anything: validated, typed, complete.
struct BootConfiguration {
    var profile: AgentProfile
    var agent: Account
    /// The agent as the image has it, where the environment gives it other numbers.
    var imageAgent: Account?
    var resolver: Account
    var sources: PolicySources
    var allowlist: Allowlist
    var upstreams: [Address]
    /// The runtime's /etc/resolv.conf, with what replaces it.
    var resolverFile: ResolverConfigurationFile
    var published: [PublishedPort]
    var gitName: String
    var gitEmail: String
    var repository: RepositoryAddress?
    var prompt: String?
    /// Whether the policy is only audited.
    var audits: Bool
    /// Whether `init --cage` brought the profile along: what an image's environment and mounts
    /// mean is not known then, and all of it is the agent's.
    var isOwnProfile: Bool
    /// Traps in PID 1's own code that end the container when they come in one minute.
    var trapLimit: UInt32
    var services: [ServiceSpecification] = []
    var grace = Shutdown.Grace()
    /// Nil where it is off.
    var telemetry: Telemetry?
    /// Whether the files that secrets came in are deleted.
    var removesSecrets = false
    /// Nil where the image needs no licence.
    var licence: LicenceRequest?
    /// What the allowlist is made of, where that is more than the operator's rules.
    var policy: LivePolicy?
    /// What the person who runs it may not expect.
    var remarks: [String] = []

    /// The uid of the resolver in an image without an account for it.
    static let resolverUser: UInt32 = 64053
    static let resolverAccount = "codetainer-resolver"
    /// Uids that are nobody's but codetainer's, whatever the image has.
    static let reservedUsers = [
        resolverUser, Supervisor.relayUser, MetricsServer.user, LeaseService.user,
    ]
}

/// Reads profile, environment and files into a `BootConfiguration`, collecting every mistake.
struct ConfigurationReader {
    let environment: [String: String]
    /// What `init --cage` is asked for; nil where a profile is booted.
    let cage: CageRequest?
    let image: ImageFacts
    var mistakes: [String] = []
    var remarks: [String] = []
    /// The agent before and after `CODETAINER_UID`.
    var renumbered: (before: Account, after: Account)?
    let isOwnProfile: Bool

    /// - Parameter cage: what `init --cage` is asked for; nil where a profile is booted.
    /// - Throws: `BootFailure` with all mistakes of all sources at once.
    static func read(
        _ environment: [String: String], cage: CageRequest? = nil, image: ImageFacts = ImageFacts()
    ) throws(BootFailure) -> BootConfiguration {
        var reader = ConfigurationReader(environment: environment, cage: cage, image: image)
        let configuration = reader.read()
        guard let configuration, reader.mistakes.isEmpty else {
            throw BootFailure(.configuration, reader.mistakes)
        }
        return configuration
    }

    private init(environment: [String: String], cage: CageRequest?, image: ImageFacts) {
        self.environment = environment
        self.cage = cage?.adding(environment)
        self.image = image
        isOwnProfile =
            cage != nil && image.profile == nil
            && (environment["CODETAINER_PROFILE"] ?? "").isEmpty
    }

    private mutating func read() -> BootConfiguration? {
        checkVariables()
        checkWritable()
        let resolverFile = readResolverFile()
        let gitName = text("GIT_USER_NAME", default: "codetainer")
        let gitEmail = text("GIT_USER_EMAIL", default: "codetainer@noreply.github.com")
        let repository = readRepository()
        guard var profile = readProfile() else { return nil }
        override(&profile)
        let agent = renumber(readAgent(profile), workspace: profile.workspace.path)
        let targets = readSettings(&profile, agent: agent)
        let resolver = readResolver(agent)
        let extra = profile.egress.allowed + [environment["CODETAINER_ALLOW"] ?? "", targets]
        let sources = PolicySources(
            files: profile.egress.allowlists,
            extra: extra.filter { !$0.isEmpty }.joined(separator: " "))
        let allowlist = readAllowlist(sources)
        let upstreams = readUpstreams(profile, resolverFile)
        let published = profile.egress.published.compactMap { port($0) }
        let prompt = own("CLAUDE_PROMPT").flatMap { $0.isEmpty ? nil : $0 }
        let audits = readAudit()
        let trapLimit = readTrapLimit()
        let removesSecrets = readRemoval()
        let services = readServices(profile, agent: agent, resolver: resolver)
        let grace = Self.grace(profile.shutdown)
        let licence = readLicence(profile)
        guard let agent, let resolver, let allowlist else { return nil }
        var configuration = BootConfiguration(
            profile: profile, agent: agent, imageAgent: renumbered?.before, resolver: resolver,
            sources: sources, allowlist: allowlist,
            upstreams: upstreams, resolverFile: resolverFile, published: published,
            gitName: gitName, gitEmail: gitEmail, repository: repository, prompt: prompt,
            audits: audits, isOwnProfile: isOwnProfile, trapLimit: trapLimit, services: services,
            grace: grace, removesSecrets: removesSecrets, remarks: remarks)
        configuration.licence = licence
        return configuration
    }

    private mutating func readTrapLimit() -> UInt32 {
        guard let text = environment["CODETAINER_TRAPS"], !text.isEmpty else { return 3 }
        guard let limit = UInt32(text), (1...60).contains(limit) else {
            mistakes.append("CODETAINER_TRAPS \"\(text)\" must be a number from 1 to 60")
            return 3
        }
        return limit
    }

    private mutating func checkVariables() {
        // Any other is most likely misspelt.
        let known = Reference.ownVariables.sorted()
        for name in environment.keys.sorted()
        where name.hasPrefix("CODETAINER_") && !known.contains(name) {
            mistakes.append(
                "environment: \(name) is not known: use one of \(known.joined(separator: ", "))")
        }
    }

    // MARK: Profile

    mutating func readProfile(_ choice: String?) -> AgentProfile? {
        guard let choice, !choice.isEmpty else {
            mistakes.append(
                "no profile is chosen: set CODETAINER_PROFILE to \(Self.profileChoices)")
            return nil
        }
        do throws(ResolvedProfile.Unreadable) {
            return try ResolvedProfile.read(ProfileFiles.path(of: choice)).profile
        } catch {
            switch error {
            case .file(let reason):
                mistakes.append(
                    "cannot read profile \(choice): \(reason): set CODETAINER_PROFILE to \(Self.profileChoices)"
                )
            case .mistakes(let all): mistakes += all.issues.map(\.description)
            }
            return nil
        }
    }

    private static var profileChoices: String {
        let names = (try? Files.names(in: FilePath(ProfileFiles.directory))) ?? []
        let profiles = names.filter { $0.hasSuffix(".toml") }.map { $0.dropLast(5) }
        return profiles.isEmpty
            ? "the path of a profile" : profiles.joined(separator: ", ") + ", or a path"
    }

    /// What the environment decides over the profile.
    private mutating func override(_ profile: inout AgentProfile) {
        if let paths = environment["CODETAINER_ALLOWLIST"], !paths.isEmpty {
            profile.egress.allowlists = paths.split(separator: ":").map(String.init)
        }
        if let servers = environment["CODETAINER_UPSTREAMS"], !servers.isEmpty {
            profile.egress.upstreams = Self.words(servers)
        }
        if let ports = environment["CODETAINER_PUBLISH"], !ports.isEmpty {
            profile.egress.published = Self.words(ports) + (cage?.published ?? [])
        }
        if let policy = environment["CODETAINER_ON_EXIT"], !policy.isEmpty {
            guard let policy = AgentProfile.ExitPolicy(rawValue: policy) else {
                mistakes.append("CODETAINER_ON_EXIT \"\(policy)\" must be keep, end or restart")
                return
            }
            profile.agent.onExit = policy
        }
        if let text = environment["CODETAINER_METRICS"], !text.isEmpty {
            profile.metrics.port = UInt16(text).flatMap { $0 > 0 && $0 != 53 ? $0 : nil }
            if profile.metrics.port == nil {
                mistakes.append("CODETAINER_METRICS \"\(text)\" must be a TCP port: 9464, not 53")
            }
        }
        overrideShutdown(&profile)
    }

    private static func words(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "," }.map(String.init)
    }

    // MARK: Accounts

    private mutating func readAgent(_ profile: AgentProfile) -> Account? {
        if let cage, isOwnProfile || cage.user != nil { return chosenAgent(cage.user) }
        guard let account = account(profile.user) else {
            mistakes.append(
                "user \(profile.user) is not in /etc/passwd: add it to the image, or name another in [user]"
            )
            return nil
        }
        if account.user == 0 || account.group == 0 {
            mistakes.append(
                "user \(profile.user) has uid \(account.user) and gid \(account.group): the agent must have neither 0: name another in [user]"
            )
            return nil
        }
        return account
    }

    /// The resolver's account; an image without one gets a number that nobody has.
    private mutating func readResolver(_ agent: Account?) -> Account? {
        let number = BootConfiguration.resolverUser
        let resolver =
            account(BootConfiguration.resolverAccount)
            ?? Account(
                name: BootConfiguration.resolverAccount, user: number, group: number,
                home: "/nonexistent", shell: "/usr/sbin/nologin")
        if resolver.user == 0 || resolver.group == 0 || resolver.user == agent?.user
            || resolver.group == agent?.group
        {
            mistakes.append(
                "user \(resolver.name) shares uid or gid with root or the agent: give it its own")
            return nil
        }
        for (user, whose) in [
            (Supervisor.relayUser, "the relays'"), (MetricsServer.user, "the metrics server's"),
            (LeaseService.user, "the lease service's"),
        ]
        where agent?.user == user {
            mistakes.append(
                "user \(agent?.name ?? "") has uid \(user), which is \(whose): give it its own")
            return nil
        }
        return resolver
    }

    mutating func account(_ name: String) -> Account? {
        if let renumbered, renumbered.before.name == name { return renumbered.after }
        do throws(SystemCallError) {
            return try ImageFacts.accounts().first { $0.name == name }
        } catch {
            mistakes.append("\(error)")
            return nil
        }
    }

    // MARK: Egress

    private mutating func readAllowlist(_ sources: PolicySources) -> Allowlist? {
        do throws(PolicySources.Unusable) {
            return try sources.read()
        } catch {
            mistakes += error.messages
            return nil
        }
    }

    /// `CODETAINER_EGRESS`: enforce (the default) or audit.
    private mutating func readAudit() -> Bool {
        switch environment["CODETAINER_EGRESS"] ?? "" {
        case "", "enforce": return false
        case "audit": return true
        case let mode:
            mistakes.append("CODETAINER_EGRESS \"\(mode)\" must be enforce or audit")
            return false
        }
    }

    /// `CODETAINER_SECRETS`: keep (the default) or remove.
    private mutating func readRemoval() -> Bool {
        switch environment["CODETAINER_SECRETS"] ?? "" {
        case "", "keep": return false
        case "remove": return true
        case let choice:
            mistakes.append("CODETAINER_SECRETS \"\(choice)\" must be keep or remove")
            return false
        }
    }

    private func readResolverFile() -> ResolverConfigurationFile {
        ResolverConfigurationFile(
            parsing: (try? Files.text("/etc/resolv.conf", limit: 1 << 16)) ?? "")
    }

    private mutating func readUpstreams(
        _ profile: AgentProfile, _ file: ResolverConfigurationFile
    ) -> [Address] {
        var addresses: [Address] = []
        for text in profile.egress.upstreams {
            if let address = try? Address(parsing: text), address.canBeAsked {
                addresses.append(address)
            } else {
                mistakes.append(
                    "upstream \"\(text)\" is not the address of a DNS server: name one by its IP address"
                )
            }
        }
        if profile.egress.upstreams.isEmpty { addresses = file.upstreams.filter(\.canBeAsked) }
        if addresses.isEmpty {
            mistakes.append(
                "no DNS server is known: /etc/resolv.conf names none: set CODETAINER_UPSTREAMS")
        }
        return addresses
    }

    /// `8080`, `8080/tcp`, `8000-8100/udp`.
    private mutating func port(_ text: String) -> PublishedPort? {
        guard let (transport, range) = PortRange.published(text) else {
            mistakes.append("port \"\(text)\" cannot be published: write 8080/tcp or 8000-8100/udp")
            return nil
        }
        return PublishedPort(transport, range)
    }

    // MARK: The rest of the environment

    private mutating func readRepository() -> RepositoryAddress? {
        guard let text = own("REPO_URL"), !text.isEmpty else { return nil }
        do throws(RepositoryAddress.Invalid) {
            return try RepositoryAddress(parsing: text)
        } catch {
            mistakes.append("\(error)")
            return nil
        }
    }

    /// A line of text that becomes part of git's configuration.
    private mutating func text(_ name: String, default value: String) -> String {
        guard let text = own(name), !text.isEmpty else { return value }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            mistakes.append("\(name) contains a control character: give it as one line of text")
            return value
        }
        return text
    }
}
