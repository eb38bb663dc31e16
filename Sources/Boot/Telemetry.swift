import Profile

/// What becomes of a profile's `[telemetry]`: a rule for its host, and the variables by which the
/// agent's own exporter knows where to send what. Off, there is neither.
struct Telemetry: Equatable {
    /// Why it is off or cannot be on.
    enum Absence: Error, Equatable {
        /// None of the three is set: nobody asked for it.
        case notWanted
        /// Some are set: those that are not.
        case incomplete([String])
        /// One of them or of its options is wrong: the line that says so.
        case invalid(String)
    }

    let endpoint: TelemetryEndpoint
    /// What the agent gets, with the token in one of them.
    let variables: [String: String]

    /// The variable that carries the token.
    static let headers = "OTEL_EXPORTER_OTLP_HEADERS"

    /// - Parameters:
    ///   - secrets: the values of `instance` and `token`, where they are set.
    ///   - container: the container's environment.
    init(
        _ settings: AgentProfile.Telemetry, secrets: [String: String],
        container: [String: String]
    ) throws(Absence) {
        func set(_ name: String) -> String? {
            container[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let given = [
            (settings.instance, secrets[settings.instance]),
            (settings.token, secrets[settings.token]),
            (settings.endpoint, set(settings.endpoint)),
        ]
        let missing = given.filter { $0.1 == nil }.map(\.0)
        guard missing.count < given.count else { throw .notWanted }
        guard missing.isEmpty, let instance = given[0].1, let token = given[1].1,
            let address = given[2].1
        else { throw .incomplete(missing) }

        do throws(TelemetryEndpoint.Invalid) {
            endpoint = try TelemetryEndpoint(parsing: address)
        } catch {
            throw .invalid("\(settings.endpoint) \(error.reason): \(Self.example)")
        }
        // It would end where the token begins (RFC 7617 §2).
        guard !instance.contains(":") else {
            throw .invalid(
                "\(settings.instance) contains a colon: give the instance's number alone")
        }
        var variables: [String: String] = [:]
        for variable in settings.set { variables[variable.name] = variable.value }
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = address
        variables[Self.headers] =
            "Authorization=Basic \(Base64.encode(Array("\(instance):\(token)".utf8)))"
        let details = try Self.flag("OTEL_LOG_TOOL_DETAILS", set("OTEL_LOG_TOOL_DETAILS"))
        variables["OTEL_LOG_USER_PROMPTS"] = try Self.flag(
            "OTEL_LOG_USER_PROMPTS", set("OTEL_LOG_USER_PROMPTS"))
        variables["OTEL_LOG_TOOL_DETAILS"] = details
        variables["OTEL_LOG_TOOL_CONTENT"] = details
        var attributes: [String] = []
        for attribute in settings.attributes {
            if let value = set(attribute.value) {
                attributes.append("\(attribute.name)=\(Self.encoded(value))")
            }
        }
        if let own = set("OTEL_RESOURCE_ATTRIBUTES") {
            guard own.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw .invalid(
                    "OTEL_RESOURCE_ATTRIBUTES contains a space or a character outside ASCII: write key=value,key=value with %20 for a space"
                )
            }
            attributes.append(own)
        }
        variables["OTEL_RESOURCE_ATTRIBUTES"] =
            attributes.isEmpty ? nil : attributes.joined(separator: ",")
        self.variables = variables
    }

    private static let example = "write it like https://otlp-gateway.example.net/otlp"

    /// A switch that says what leaves the container must not be misread: 1 unless it is turned off.
    private static func flag(_ name: String, _ value: String?) throws(Absence) -> String {
        switch value {
        case nil, "1", "true": return "1"
        case "0", "false": return "0"
        default: throw .invalid("\(name) must be 0 or 1")
        }
    }

    /// A value without what separates pairs (W3C Baggage §3.3.1, "value").
    private static func encoded(_ value: String) -> String {
        var text = ""
        for octet in value.utf8 {
            switch octet {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                text.unicodeScalars.append(Unicode.Scalar(octet))
            default:
                let digits = String(octet, radix: 16, uppercase: true)
                text += octet < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}

extension AgentProfile.Telemetry {
    /// What of it must not be seen, and where it may come from.
    var secrets: [AgentProfile.SecretRequirement] {
        [instance, token].map { AgentProfile.SecretRequirement(optional: $0) }
    }
}
