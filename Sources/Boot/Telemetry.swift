import Profile

/// What becomes of a profile's `[telemetry]`: a rule for its host, and the variables by which the
/// agent's own exporter knows where to send what. Off, there is neither.
struct Telemetry {
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
        let instance = secrets[settings.instance]
        let token = secrets[settings.token]
        // `docker run -e NAME` without a value on the host passes an empty one.
        let address = container[settings.endpoint] == "" ? nil : container[settings.endpoint]
        guard let instance, let token, let address else {
            var missing: [String] = []
            if instance == nil { missing.append(settings.instance) }
            if token == nil { missing.append(settings.token) }
            if address == nil { missing.append(settings.endpoint) }
            throw missing.count == 3 ? .notWanted : .incomplete(missing)
        }

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
        var exported: [String: String] = [:]
        for variable in settings.set { exported[variable.name] = variable.value }
        exported["OTEL_EXPORTER_OTLP_ENDPOINT"] = address
        exported[Self.headers] =
            "Authorization=Basic \(Base64.encode(Array("\(instance):\(token)".utf8)))"
        let prompts = container["OTEL_LOG_USER_PROMPTS"]
        let details = try Self.flag("OTEL_LOG_TOOL_DETAILS", container["OTEL_LOG_TOOL_DETAILS"])
        exported["OTEL_LOG_USER_PROMPTS"] = try Self.flag("OTEL_LOG_USER_PROMPTS", prompts)
        exported["OTEL_LOG_TOOL_DETAILS"] = details
        exported["OTEL_LOG_TOOL_CONTENT"] = details
        var attributes: [String] = []
        for attribute in settings.attributes {
            if let value = container[attribute.value], value != "" {
                attributes.append("\(attribute.name)=\(Self.encoded(value))")
            }
        }
        if let own = container["OTEL_RESOURCE_ATTRIBUTES"], own != "" {
            guard own.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw .invalid(
                    "OTEL_RESOURCE_ATTRIBUTES contains a space or a character outside ASCII: write key=value,key=value with %20 for a space"
                )
            }
            attributes.append(own)
        }
        exported["OTEL_RESOURCE_ATTRIBUTES"] =
            attributes.isEmpty ? nil : attributes.joined(separator: ",")
        variables = exported
    }

    private static let example = "write it like https://otlp-gateway.example.net/otlp"

    /// A switch that says what leaves the container must not be misread: 1 unless it is turned off.
    private static func flag(_ name: String, _ value: String?) throws(Absence) -> String {
        switch value {
        case nil, "", "1", "true": return "1"
        case "0", "false": return "0"
        default: throw .invalid("\(name) must be 0 or 1: set it to one of them, or leave it out")
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
                text += "%"
                for digit in [octet >> 4, octet & 15] {
                    text.unicodeScalars.append(
                        Unicode.Scalar(digit < 10 ? 0x30 + digit : 0x37 + digit))
                }
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
