import Control
import Foundation
import Testing

@testable import Control

@Suite struct MetricsTests {
    private static let services: [StatusReport.Service] = [
        .init(
            name: "web \"1\"\\\n\u{1b}[2J", state: "ready", pid: 7, restarts: 2, seconds: 9,
            ready: true, required: true)
    ]

    private static func report(
        session: StatusReport.Session? = .example, processes: UInt64? = nil,
        lease: StatusReport.Lease? = nil
    ) -> StatusReport {
        let example = StatusReport.example(session: session)
        return StatusReport(
            version: example.version, boot: example.boot, layers: example.layers,
            resolver: example.resolver, egress: example.egress, session: session,
            credentials: example.credentials, supervisor: example.supervisor, services: services,
            limits: [
                .init(name: "memory", used: 1000, limit: 2000),
                .init(name: "pids", used: 30, limit: processes),
                .init(name: "tmpfs", path: "/tmp", used: 5, limit: 50),
                .init(name: "tmpfs", path: "/workspace", used: 6, limit: 60),
            ], lease: lease)
    }

    @Test(arguments: [
        "# TYPE codetainer_build info",
        #"codetainer_build_info{version="0.1.0",profile="claude-code"} 1"#,
        "# TYPE codetainer_verdict stateset",
        #"codetainer_verdict{codetainer_verdict="LOCKED"} 1"#,
        #"codetainer_verdict{codetainer_verdict="DEGRADED"} 0"#,
        "# UNIT codetainer_boot_stage_duration_seconds seconds",
        #"codetainer_boot_stage_duration_seconds{stage="configure"} 0.0015"#,
        #"codetainer_layer_on{layer="lockdown",required="true"} 1"#,
        #"codetainer_layer_on{layer="hidepid",required="false"} 0"#,
        "# TYPE codetainer_dns_queries counter", "codetainer_dns_queries_total 9",
        "codetainer_dns_denials_total 2", "codetainer_egress_grants 1",
        "codetainer_egress_refused_packets_total 4",
        #"codetainer_credentials_served_total{host="github.com"} 5"#,
        #"codetainer_service_restarts_total{service="web \"1\"\\\n\\u{1b}[2J"} 2"#,
        #"codetainer_session{codetainer_session="running"} 1"#,
        "codetainer_supervisor_stalls_total 3", "codetainer_memory_used_bytes 1000",
        "codetainer_memory_limit_bytes 2000", "codetainer_processes_used 30",
        #"codetainer_tmpfs_limit_bytes{path="/workspace"} 60"#,
    ])
    func says(line: String) {
        let lines = Self.report().metrics.split(separator: "\n")
        #expect(lines.contains { $0 == line })
    }

    @Test func whatIsNotKnownIsNotThere() {
        let running = Self.report().metrics
        #expect(!running.contains("codetainer_session_exit_code"))
        #expect(!running.contains("codetainer_processes_limit"))
        #expect(!Self.report(session: nil).metrics.contains("codetainer_session"))
        let ended = Self.report(session: .with(.ended, exitCode: 3)).metrics
        #expect(ended.contains("\ncodetainer_session_exit_code 3\n"))
    }

    @Test func endsAsItMust() { #expect(Self.report().metrics.hasSuffix("\n# EOF\n")) }

    /// No name that the agent or the network chose is in it.
    @Test func deniedNamesAreNoLabels() {
        let text = Self.report().metrics
        #expect(!text.contains("example.org"))
        #expect(!text.contains("198.51.100.7"))
        #expect(!text.contains("api.anthropic.com"))
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\"b", "a\\\"b"), ("a\\b", "a\\\\b"), ("a\nb", "a\\nb"),
        ("\u{202e}x", "\\\\u{202e}x"), ("ä", "ä"),
        (String(repeating: "x", count: 200), String(repeating: "x", count: 128) + "…"),
    ])
    func valuesAreEscaped(value: String, text: String) {
        #expect(MetricsText.escaped(value) == text)
    }

    /// A family as its declaration has it.
    struct Family {
        var name: String
        var kind: String
        var unit = ""
        var help = ""

        /// The name of its samples.
        var sample: String {
            name + (["counter": "_total", "info": "_info"][kind] ?? "")
        }

        static func all(in text: String) -> [Family] {
            var families: [Family] = []
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                switch words.prefix(2).last {
                case "TYPE": families.append(Family(name: words[2], kind: words[3]))
                case "UNIT": families[families.count - 1].unit = words[3]
                case "HELP": families[families.count - 1].help = words[3]
                default: continue
                }
            }
            return families
        }
    }

    private static let families = Family.all(
        in: report(session: .with(.ended, exitCode: 3), processes: 99, lease: LeaseReportTests.lost)
            .metrics)

    /// The forms that the specification wants of names.
    @Test func names() {
        #expect(Self.families.count > 20)
        #expect(Set(Self.families.map(\.name)).count == Self.families.count)
        for family in Self.families {
            let name = family.name
            #expect(name.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "_") })
            #expect(!name.hasSuffix("_total") && !name.hasSuffix("_info"))
            #expect(family.unit.isEmpty || name.hasSuffix("_" + family.unit))
            #expect(
                family.unit.isEmpty == !["seconds", "bytes"].contains { name.hasSuffix("_\($0)") })
            #expect(family.help.hasSuffix("."))
        }
    }

    /// docs/observing.md has every metric, in this order, with its kind and its words.
    @Test func areDocumented() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/observing.md")
        let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| `codetainer_") }
        let expected = Self.families.map { family in
            "| `\(family.sample)` | \(family.kind) | \(family.unit) | \(family.help) |"
        }
        #expect(
            rows.map(String.init) == expected,
            "the table should be:\n\(expected.joined(separator: "\n"))")
    }
}
