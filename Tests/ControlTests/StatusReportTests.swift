import Control
import Foundation
import Testing

extension StatusReport {
    /// A container at work, with one of everything; `changes` make another of it.
    static func example(
        boot: Boot? = nil, layers: [Layer]? = nil, resolver: Int32 = 12,
        session: Session? = .example, egress: Egress? = nil, limits: [Limit]? = nil
    ) -> StatusReport {
        StatusReport(
            version: "0.1.0",
            boot: boot
                ?? Boot(
                    profile: "claude-code", started: 1_700_000_000,
                    stages: [
                        .init(name: "configure", milliseconds: 1.5),
                        .init(name: "secrets", milliseconds: 0.004),
                        .init(name: "workspace", milliseconds: 1234.567),
                    ], current: nil, warnings: ["the clone failed"]),
            layers: layers
                ?? [
                    Layer(name: "lockdown", state: .on, reason: "4 chains, 30 rules, policy drop"),
                    Layer(
                        name: "hidepid", state: .off, reason: "no CAP_SYS_ADMIN", required: false),
                ],
            resolver: .init(
                pid: resolver, restarts: 1, upstreams: ["192.0.2.1"], queries: 9, answered: 7,
                denied: 2),
            egress: egress
                ?? .init(
                    rules: 3, refusedPackets: 4, refusedGrants: 0, evictedGrants: 0,
                    grants: [
                        .init(
                            name: "api.anthropic.com", address: "203.0.113.1", protocol: "tcp",
                            port: 443, seconds: 299)
                    ],
                    refused: [
                        .init(
                            address: "198.51.100.7", protocol: "tcp", port: 22, user: 1000,
                            count: 2,
                            time: 1_700_000_001)
                    ],
                    denied: [.init(name: "example.org", count: 3, time: 1_700_000_002)]),
            session: session,
            credentials: .init(hosts: [.init(name: "github.com", served: 5)], refused: 1),
            supervisor: .init(
                traps: 1, lastTrap: "SIGILL (code 2, address 0x1)", upgrades: 2, stalls: 3),
            services: [
                .init(
                    name: "resolver", state: "ready", pid: resolver, restarts: 1, seconds: 42,
                    ready: resolver > 0, required: true)
            ],
            limits: limits ?? [
                .init(name: "memory", used: 2 << 30, limit: 4 << 30),
                .init(name: "pids", used: 12, limit: nil),
                .init(name: "tmpfs", path: "/tmp", used: 0, limit: 512 << 20),
            ])
    }
}

extension StatusReport.Session {
    static let example = Self.with(.running, exitCode: nil)

    static func with(
        _ state: State, exitCode: Int32?, command: [String] = ["claude", "--verbose"]
    ) -> Self {
        Self(
            name: "claude", state: state, command: command, pid: 20, exitCode: exitCode, user: 1000,
            group: 1000, seconds: 200)
    }
}

@Suite struct StatusReportTests {
    private static let off = StatusReport.Layer(name: "seccomp", state: .off, reason: "no filter")
    private static let optional = StatusReport.Layer(
        name: "hidepid", state: .off, reason: "shows all", required: false)
    private static let booting = StatusReport.Boot(
        profile: "shell", started: 0, stages: [], current: "harden", warnings: [])

    @Test(arguments: [
        (StatusReport.example(), StatusReport.Verdict.locked, [String]()),
        (.example(layers: []), .locked, []),
        (.example(layers: [optional]), .locked, []),
        (.example(session: nil), .locked, []),
        (.example(session: .with(.ended, exitCode: 1)), .locked, []),
        (.example(layers: [off, optional]), .degraded, ["seccomp is off: no filter"]),
        (.example(resolver: 0), .degraded, ["the resolver is not running"]),
        (
            .example(session: .with(.gone, exitCode: nil)), .degraded,
            ["the session's tmux server is gone"]
        ),
        (
            .example(layers: [off], resolver: 0, session: .with(.gone, exitCode: nil)), .degraded,
            [
                "seccomp is off: no filter", "the resolver is not running",
                "the session's tmux server is gone",
            ]
        ),
        (.example(boot: booting), .booting, ["stage harden is running"]),
        (
            .example(boot: booting, layers: [off], resolver: 0), .booting,
            ["stage harden is running"]
        ),
    ])
    func verdict(report: StatusReport, verdict: StatusReport.Verdict, reasons: [String]) {
        #expect(report.verdict == verdict)
        #expect(report.reasons == reasons)
        #expect(report.verdict.exitCode == (verdict == .locked ? 0 : 1))
    }

    @Test func jsonComesBackAsItWas() throws {
        let headless = StatusReport.Session(
            name: "cage", state: .running, command: ["nginx"], pid: 20, exitCode: nil, user: 1,
            group: 1, isHeadless: true)
        for report in [
            StatusReport.example(), .example(session: nil), .example(session: headless),
        ] {
            let json = try report.json()
            #expect(json.last == 0x0a && json.filter { $0 == 0x0a }.count == 1)
            #expect(try StatusReport(json: json) == report)
        }
        #expect(throws: (any Error).self) { try StatusReport(json: Array("{}\n".utf8)) }
    }

    /// The names that the issue and monitoring rely on.
    @Test func jsonHasItsNames() throws {
        let json = try StatusReport.example().json()
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        #expect(report["verdict"] as? String == "LOCKED")
        let boot = try #require(report["boot"] as? [String: Any])
        let stages = try #require(boot["stages"] as? [[String: Any]])
        #expect(stages[0]["name"] as? String == "configure")
        #expect(stages[0]["milliseconds"] as? Double == 1.5)
        let layers = try #require(report["layers"] as? [[String: Any]])
        #expect(layers[1]["name"] as? String == "hidepid")
        #expect(layers[1]["state"] as? String == "off")
        #expect(layers[1]["reason"] as? String == "no CAP_SYS_ADMIN")
        #expect((report["resolver"] as? [String: Any])?["pid"] as? Int == 12)
        let egress = try #require(report["egress"] as? [String: Any])
        #expect((egress["grants"] as? [Any])?.count == 1)
        #expect((egress["refused"] as? [Any])?.count == 1)
        #expect((report["session"] as? [String: Any])?["state"] as? String == "running")
        let limits = try #require(report["limits"] as? [[String: Any]])
        #expect(limits.map { $0["name"] as? String } == ["memory", "pids", "tmpfs"])
        #expect(limits[2]["path"] as? String == "/tmp")
        #expect(limits[0]["used"] as? Int == 2 << 30 && limits[0]["limit"] as? Int == 4 << 30)
        #expect(limits[1]["limit"] == nil)
    }
}
