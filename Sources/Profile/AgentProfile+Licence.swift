import TOML

extension AgentProfile {
    /// Under what licence the image may run. Without it in a profile, under none.
    public struct Licence: Equatable, Sendable {
        /// The variable, or secret, with the key.
        public var key: String
        /// The variable with the server's https address, and what holds without it.
        public var server: String
        public var defaultServer: String
        /// The variable with the time between two questions, and what holds without it, in seconds.
        public var heartbeat: String
        public var defaultHeartbeat = 300
        /// Seconds that a lost server is tolerated.
        public var grace = 3600
        /// What the container ends with where the licence is the reason.
        public var exitCode = 78
        /// What the server is told that is licensed.
        public var product: String
        /// A file of PEM certificates that the server's must lead to.
        public var authorities = "/etc/ssl/certs/ca-certificates.crt"
    }
}

extension AgentProfile.Licence {
    /// Seconds between two questions that may be asked for.
    public static let heartbeats = 1...86_400
    private static let graces = 0...604_800

    init(reading table: inout TableReader, profile: String) {
        key = table.variableName("key")
        server = table.variableName("server")
        defaultServer = table.requiredString("server-default")
        heartbeat = table.variableName("heartbeat")
        product = table.string("product") ?? profile
        defaultHeartbeat =
            table.seconds("heartbeat-default", Self.heartbeats) ?? defaultHeartbeat
        grace = table.seconds("grace", Self.graces) ?? grace
        exitCode = table.exitCode("exit-code") ?? exitCode
        authorities = table.optionalPath("authorities") ?? authorities
        if Set([key, server, heartbeat]).count < 3, !key.isEmpty {
            table.note("key", "licence: key, server and heartbeat must be three variables")
        }
        let isPlain = product.utf8.allSatisfy {
            (48...57).contains($0) || (97...122).contains($0) || $0 == 45
        }
        if !isPlain || !(1...64).contains(product.utf8.count) {
            table.note(
                "product",
                "licence.product \"\(product)\" must be 1 to 64 lower-case letters, digits and -")
        }
    }

    /// Seconds, as the variable or a profile writes them: a plain number, or a time with its unit;
    /// nil for what is none.
    public static func seconds(_ text: String) -> Int? {
        if !text.isEmpty, text.utf8.count <= 6, text.utf8.allSatisfy({ 48...57 ~= $0 }) {
            return Int(text)
        }
        guard let time = Duration.milliseconds(text), time % 1000 == 0 else { return nil }
        return time / 1000
    }
}

extension TableReader {
    fileprivate mutating func seconds(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = string(key) else { return nil }
        guard let seconds = AgentProfile.Licence.seconds(text), range.contains(seconds) else {
            note(
                key,
                "licence.\(key) \"\(text)\" must be a time from \(range.lowerBound)s to \(range.upperBound)s: write 300s or 5m"
            )
            return nil
        }
        return seconds
    }

    fileprivate mutating func exitCode(_ key: String) -> Int? {
        value(key, "a number from 1 to 125") { $0.int.flatMap { 1...125 ~= $0 ? $0 : nil } }
    }
}

/// Whether a path is another, or below it.
func isBelow(_ path: String, _ other: String) -> Bool {
    let parts = path.split(separator: "/")
    let others = other.split(separator: "/")
    return parts.count >= others.count && parts.prefix(others.count).elementsEqual(others)
}
