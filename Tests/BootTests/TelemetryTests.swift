import Testing

@testable import Boot
@testable import Profile

@Suite struct TelemetryTests {
    private static let settings = AgentProfile.Telemetry(
        instance: "ID", token: "TOKEN", endpoint: "URL",
        attributes: [.init(name: "fly.app_name", value: "FLY_APP_NAME")],
        set: [.init(name: "OTEL_LOGS_EXPORTER", value: "otlp")])
    private static let all = ["ID": "123456", "TOKEN": "glc_x"]
    private static let url = ["URL": "https://otlp.example.net/otlp"]

    private static func telemetry(
        _ secrets: [String: String] = all, _ container: [String: String] = [:]
    ) throws(Telemetry.Absence) -> Telemetry {
        try Telemetry(
            settings, secrets: secrets, container: url.merging(container) { $1 })
    }

    @Test func theAgentGetsWhatIsDocumented() throws {
        let telemetry = try Self.telemetry()
        #expect(telemetry.endpoint.rule == "otlp.example.net:443")
        #expect(
            telemetry.variables == [
                "OTEL_LOGS_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp.example.net/otlp",
                "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Basic MTIzNDU2OmdsY194",
                "OTEL_LOG_USER_PROMPTS": "1", "OTEL_LOG_TOOL_DETAILS": "1",
                "OTEL_LOG_TOOL_CONTENT": "1",
            ])
    }

    @Test(arguments: [
        ([:], [:], Telemetry.Absence.notWanted),
        ([:], ["URL": ""], .notWanted),
        (["ID": "1"], ["URL": ""], .incomplete(["TOKEN", "URL"])),
        (["TOKEN": "1"], url, .incomplete(["ID"])),
        ([:], url, .incomplete(["ID", "TOKEN"])),
        (all, ["URL": ""], .incomplete(["URL"])),
        (
            ["ID": "1:2", "TOKEN": "x"], url,
            .invalid("ID contains a colon: give the instance's number alone")
        ),
    ])
    func itIsOff(
        secrets: [String: String], container: [String: String], because: Telemetry.Absence
    ) {
        #expect(throws: because) {
            try Telemetry(Self.settings, secrets: secrets, container: container)
        }
    }

    /// Prompts, details: what each switch becomes, and the contents of tools with the details.
    @Test(arguments: [
        ([:], "111"), (["OTEL_LOG_USER_PROMPTS": "0"], "011"),
        (["OTEL_LOG_TOOL_DETAILS": "0"], "100"), (["OTEL_LOG_TOOL_DETAILS": "false"], "100"),
        (["OTEL_LOG_TOOL_CONTENT": "0"], "111"),
        (["OTEL_LOG_TOOL_DETAILS": "0", "OTEL_LOG_TOOL_CONTENT": "1"], "100"),
        (["OTEL_LOG_USER_PROMPTS": "", "OTEL_LOG_TOOL_DETAILS": "1"], "111"),
    ])
    func switches(container: [String: String], values: String) throws {
        let variables = try Self.telemetry(Self.all, container).variables
        let names = ["OTEL_LOG_USER_PROMPTS", "OTEL_LOG_TOOL_DETAILS", "OTEL_LOG_TOOL_CONTENT"]
        #expect(names.compactMap { variables[$0] }.joined() == values)
    }

    @Test(arguments: ["off", "no", "2", "FALSE ", "00"])
    func aSwitchIsNotGuessedAt(value: String) {
        #expect(
            throws: Telemetry.Absence.invalid(
                "OTEL_LOG_TOOL_DETAILS must be 0 or 1: set it to one of them, or leave it out")
        ) {
            try Self.telemetry(Self.all, ["OTEL_LOG_TOOL_DETAILS": value])
        }
    }

    @Test(
        arguments: [
            ([:], nil), (["FLY_APP_NAME": "app"], "fly.app_name=app"),
            (["FLY_APP_NAME": "a,b=c d\n\u{e9}"], "fly.app_name=a%2Cb%3Dc%20d%0A%C3%A9"),
            (["OTEL_RESOURCE_ATTRIBUTES": "team=a%20b"], "team=a%20b"),
            (
                ["FLY_APP_NAME": "app", "OTEL_RESOURCE_ATTRIBUTES": "a=b,fly.app_name=mine"],
                "fly.app_name=app,a=b,fly.app_name=mine"
            ),
        ] as [([String: String], String?)])
    func attributes(container: [String: String], text: String?) throws {
        let variables = try Self.telemetry(Self.all, container).variables
        #expect(variables["OTEL_RESOURCE_ATTRIBUTES"] == text)
    }

    @Test(arguments: ["a b", "a=b\nC=d", "a=\u{e9}"])
    func attributesAreOneWord(value: String) {
        #expect(throws: Telemetry.Absence.self) {
            try Self.telemetry(Self.all, ["OTEL_RESOURCE_ATTRIBUTES": value])
        }
    }
}

@Suite struct TelemetryEndpointTests {
    @Test(arguments: [
        (
            "https://otlp-gateway-prod-us-west-2.grafana.net/otlp",
            "otlp-gateway-prod-us-west-2.grafana.net:443"
        ),
        ("https://a.example", "a.example:443"), ("https://a.example/", "a.example:443"),
        ("https://A.Example:4318/v1/x_y~z.1-2/", "a.example:4318"),
        ("https://a.example:65535", "a.example:65535"), ("https://collector:1", "collector:1"),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example:443"),
    ])
    func isARule(url: String, rule: String) throws {
        let endpoint = try TelemetryEndpoint(parsing: url)
        #expect(endpoint.rule == rule && endpoint.url == url)
    }

    @Test(arguments: [
        "", "a.example", "http://a.example", "HTTPS://a.example", "https:/a.example", "https://",
        "https:///otlp", "https://:4318", "https://a.example:", "https://a.example:0",
        "https://a.example:04318", "https://a.example:65536", "https://a.example:+1",
        "https://a.example:53", "https://a.example:1:2", "https://user@a.example",
        "https://user:password@a.example", "https://a.example/@b.example",
        "https://a.example?x", "https://a.example/?x", "https://a.example#x",
        "https://a.example/#x", "https://a.example\\b.example", "https://a.example/%2e%2e",
        "https://a.example/../b", "https://a.example/\\", "https://*.example", "https://.example",
        "https://a..example", "https://a.example.", "https://-a.example", "https://10.0.0.1",
        "https://[::1]", "https://0x7f000001", "https://2130706433", "https://a.example b.example",
        "https://a.example\nb.example", "https://a.example\u{0}", "https://b\u{fc}cher.example",
        " https://a.example", "https://a.example:443/udp,x",
    ])
    func isNone(url: String) {
        #expect(throws: TelemetryEndpoint.Invalid.self) { try TelemetryEndpoint(parsing: url) }
    }

    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("\u{ff}\u{3fe}", "w7/Pvg=="),
    ])
    func base64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }
}
