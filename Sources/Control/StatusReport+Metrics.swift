extension StatusReport {
    /// The report as OpenMetrics text, which Prometheus reads.
    ///
    /// How many series there are is decided by the profile: no name that the agent or the network
    /// chose is a label.
    public var metrics: String {
        var text = ""
        for family in MetricFamily.all { family.write(self, to: &text) }
        return text + "# EOF\n"
    }

    /// The media type of `metrics`.
    public static let metricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"
}

extension MetricFamily {
    /// Every family, in the order in which they are written.
    public static let all = container + egress + processes

    private static let container = [
        MetricFamily("build", .info, "The program and the profile.") {
            [.init(1, ("version", $0.version), ("profile", $0.boot.profile))]
        },
        MetricFamily("verdict", .stateset, "Whether everything holds that must.") { report in
            let all: [StatusReport.Verdict] = [.locked, .degraded, .booting]
            return all.map { .init(report.verdict == $0, ("codetainer_verdict", $0.rawValue)) }
        },
        MetricFamily(
            "start_time_seconds", .gauge, unit: "seconds",
            "When the container started, since 1970."
        ) { [.init(text: "\($0.boot.started)", [])] },
        MetricFamily("layer_on", .gauge, "Whether a layer of the cage is on.") {
            $0.layers.map {
                .init($0.state == .on, ("layer", $0.name), ("required", "\($0.required)"))
            }
        },
        MetricFamily(
            "boot_stage_duration_seconds", .gauge, unit: "seconds", "What a stage of boot took."
        ) {
            $0.boot.stages.map {
                .init(text: "\($0.milliseconds / 1000)", [("stage", $0.name)])
            }
        },
        MetricFamily("boot_warnings", .gauge, "Warnings of boot.") {
            [.init(UInt64($0.boot.warnings.count))]
        },
    ]

    private static let egress = [
        MetricFamily("dns_queries", .counter, "Questions the resolver got.") {
            [.init($0.resolver.queries)]
        },
        MetricFamily("dns_answers", .counter, "Answers it gave, denials too.") {
            [.init($0.resolver.answered)]
        },
        MetricFamily("dns_denials", .counter, "Names that no rule allows.") {
            [.init($0.resolver.denied)]
        },
        MetricFamily("audit", .gauge, "Whether everything passes and is only recorded.") {
            [.init($0.isAudit)]
        },
        MetricFamily("policy_rules", .gauge, "Rules in force.") {
            [.init(UInt64($0.egress.rules))]
        },
        MetricFamily("egress_grants", .gauge, "Addresses and ports open now.") {
            [.init(UInt64($0.egress.grants.count))]
        },
        MetricFamily("egress_refused_grants", .counter, "Grants PID 1 refused.") {
            [.init($0.egress.refusedGrants)]
        },
        MetricFamily(
            "egress_evicted_grants", .counter, "Grants closed to make room."
        ) { [.init($0.egress.evictedGrants)] },
        MetricFamily(
            "egress_refused_packets", .counter,
            "Packets the kernel refused since the policy was last put in force."
        ) { [.init($0.egress.refusedPackets)] },
        MetricFamily(
            "credentials_served", .counter, "Credentials handed out, by host."
        ) { $0.credentials.hosts.map { .init($0.served, ("host", $0.name)) } },
        MetricFamily(
            "credentials_refused", .counter, "Questions for any other host."
        ) { [.init($0.credentials.refused)] },
    ]

    private static let processes = [
        MetricFamily("service_ready", .gauge, "Whether a service is up and ready, or done.") {
            $0.services.map {
                .init($0.ready, ("service", $0.name), ("required", "\($0.required)"))
            }
        },
        MetricFamily("service_restarts", .counter, "Restarts of a service.") {
            $0.services.map { .init(UInt64($0.restarts), ("service", $0.name)) }
        },
        MetricFamily(
            "service_state_age_seconds", .gauge, unit: "seconds",
            "How long ago a service was started, or has ended."
        ) { $0.services.map { .init(text: "\($0.seconds)", [("service", $0.name)]) } },
        MetricFamily("session", .stateset, "What the agent's session does.") { report in
            guard let session = report.session else { return [] }
            let all: [StatusReport.Session.State] = [.running, .ended, .gone]
            return all.map { .init(session.state == $0, ("codetainer_session", $0.rawValue)) }
        },
        MetricFamily("session_exit_code", .gauge, "The code that the agent ended with.") {
            $0.session?.exitCode.map { [.init(text: "\($0)", [])] } ?? []
        },
        MetricFamily("supervisor_traps", .counter, "Traps PID 1 came back from.") {
            [.init(UInt64($0.supervisor.traps))]
        },
        MetricFamily("supervisor_upgrades", .counter, "Swaps of its program.") {
            [.init(UInt64($0.supervisor.upgrades))]
        },
        MetricFamily(
            "supervisor_stalls", .counter,
            "Times its loop stood still for more than 250 ms."
        ) { [.init(UInt64($0.supervisor.stalls))] },
    ]
}
