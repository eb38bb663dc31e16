internal import Policy

extension AgentProfile {
    /// A variable of the container that the agent's program understands, checked before anything
    /// runs: what is wrong is said at boot, all of it at once, and not by a program later.
    public struct Setting: Equatable, Sendable {
        public enum Kind: String, CaseIterable, Sendable {
            /// One line without control characters.
            case text
            /// A whole number.
            case number
            /// `true` or `false`, in any case.
            case `switch`
            /// A TCP port.
            case port
            /// An IP address.
            case address
            /// `host:port`.
            case target
            /// An absolute path of a file. Boot reads it as root and gives the agent a copy of its
            /// own in memory, whose path the variable then has.
            case file
        }

        public var name: String
        public var kind = Kind.text
        /// What holds where the variable is missing or empty; nil leaves it out.
        public var fallback: String?
        /// The values of a text, compared without regard to case; empty allows any.
        public var choices: [String] = []
        /// Of a number.
        public var least: Int?
        public var most: Int?
        /// The switch that must be on for a file to be looked at; nil always is.
        public var condition: String?
    }
}

extension AgentProfile.Setting {
    init(reading table: inout TableReader) {
        name = table.variableName("name")
        kind = table.choice("type") ?? .text
        fallback = table.string("default")
        choices = table.strings("choices") ?? []
        least = table.integer("minimum")
        most = table.integer("maximum")
        condition = table.string("when")
        if kind != .text, !choices.isEmpty {
            table.note("choices", "setting.choices is for type \"text\": leave it out")
        }
        if kind != .number, least != nil || most != nil {
            table.note(
                least != nil ? "minimum" : "maximum",
                "setting.minimum and setting.maximum are for type \"number\": leave them out")
        }
        if kind != .file, condition != nil {
            table.note("when", "setting.when is for type \"file\": leave it out")
        }
    }

    /// What of `settings`, and of what refers to them, is wrong: the key and the reason.
    static func mistakes(in profile: AgentProfile) -> [(path: [String], reason: String)] {
        var mistakes: [(path: [String], reason: String)] = []
        func check(_ path: [String], _ key: String, _ name: String, _ kind: Kind) {
            guard profile.settings.first(where: { $0.name == name })?.kind != kind else { return }
            mistakes.append(
                (
                    path,
                    "\(key) \"\(name)\" must be the name of a [[setting]] with type \"\(kind.rawValue)\""
                ))
        }
        for (index, setting) in profile.settings.enumerated() {
            if let least = setting.least, let most = setting.most, least > most {
                mistakes.append(
                    (
                        ["setting", "\(index)", "minimum"],
                        "setting.minimum \(least) is more than setting.maximum \(most): use one that is not"
                    ))
            } else if let fallback = setting.fallback, !fallback.isEmpty {
                do throws(Invalid) {
                    _ = try setting.value(fallback)
                } catch {
                    mistakes.append(
                        (
                            ["setting", "\(index)", "default"],
                            "setting.default: \(error.sentence): correct it, or leave it out"
                        ))
                }
            }
            if let condition = setting.condition {
                check(["setting", "\(index)", "when"], "setting.when", condition, .switch)
            }
        }
        for target in profile.egress.targets {
            check(["egress", "targets"], "egress.targets", target, .target)
        }
        for name in profile.egress.published
        where profile.settings.contains(where: { $0.name == name }) {
            check(["egress", "publish"], "egress.publish", name, .port)
        }
        for (index, text) in profile.egress.published.enumerated()
        where PortRange.published(text) == nil
            && !profile.settings.contains(where: { $0.name == text })
        {
            mistakes.append(
                (
                    ["egress", "publish", "\(index)"],
                    "egress.publish \"\(text)\" is not a port: write 8080/tcp or 8000-8100/udp"
                ))
        }
        if let name = profile.health.portSetting {
            check(["health", "port"], "health.port", name, .port)
        }
        return mistakes
    }
}
