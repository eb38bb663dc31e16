extension AgentProfile {
    /// How the agent's own exporter of telemetry (OTLP) is told where to send. It is on when all three
    /// of `instance`, `token` and `endpoint` are set.
    public struct Telemetry: Equatable, Sendable {
        /// The environment variables, or secrets, with the user and the password of the endpoint.
        public var instance: String
        public var token: String
        /// The environment variable with the endpoint's https address.
        public var endpoint: String
        /// Resource attributes, and the environment variable that each takes its value from.
        public var attributes: [Variable] = []
        /// What the agent sees besides, when it is on; sorted by name.
        public var set: [Variable] = []
    }
}

extension AgentProfile.Telemetry {
    init(reading table: inout TableReader) {
        instance = table.variableName("instance")
        token = table.variableName("token")
        endpoint = table.variableName("endpoint")
        attributes = table.stringTable("attributes").map { .init(name: $0.key, value: $0.value) }
        for attribute in attributes where !isVariableName(attribute.value) {
            table.note(
                "attributes", attribute.name,
                "\"\(attribute.value)\" is not the name of an environment variable: use letters, digits and _"
            )
        }
        set = table.stringTable("set").map { .init(name: $0.key, value: $0.value) }
        for name in set.map(\.name) where !isVariableName(name) {
            table.note(
                "set", name,
                "\"\(name)\" is not the name of an environment variable: use letters, digits and _")
        }
    }
}
