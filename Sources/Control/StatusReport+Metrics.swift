extension StatusReport {
    /// The media type of `metrics`.
    public static let metricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    /// The report as OpenMetrics text, which Prometheus reads; docs/observing.md has the table.
    ///
    /// How many series there are is decided by the profile: no name that the agent or the network
    /// chose is a label. What is not known is not there, rather than 0.
    public var metrics: String {
        var metrics = MetricsText()
        writeContainer(to: &metrics)
        writeEgress(to: &metrics)
        writeProcesses(to: &metrics)
        metrics.end()
        return metrics.text
    }

    private func writeContainer(to metrics: inout MetricsText) {
        metrics.info("build", "The program and the profile.")
        metrics.value(1, "version", version, "profile", boot.profile)
        metrics.states(
            "verdict", "Whether everything holds that must.", ["LOCKED", "DEGRADED", "BOOTING"],
            is: verdict.rawValue)
        metrics.gauge(
            "start_time_seconds", unit: "seconds", "When the container started, since 1970.")
        metrics.value(text: "\(boot.started)")
        metrics.gauge("layer_on", "Whether a layer of the cage is on.")
        for layer in layers {
            metrics.value(
                layer.state == .on ? 1 : 0, "layer", layer.name, "required",
                layer.required ? "true" : "false")
        }
        metrics.gauge(
            "boot_stage_duration_seconds", unit: "seconds", "What a stage of boot took.")
        for stage in boot.stages {
            metrics.value(text: "\(stage.milliseconds / 1000)", "stage", stage.name)
        }
        metrics.gauge("boot_warnings", "Warnings of boot.")
        metrics.value(UInt64(boot.warnings.count))
        write(Limit.memory, "memory", unit: "bytes", "Memory in use, tmpfs included", to: &metrics)
        write(Limit.processes, "processes", unit: "", "Processes and threads", to: &metrics)
        write(Limit.tmpfs, "tmpfs", unit: "bytes", "What a tmpfs holds", to: &metrics)
    }

    /// What is used of one thing that may be limited, and where it is, the limit.
    private func write(
        _ name: String, _ family: String, unit: String, _ help: String,
        to metrics: inout MetricsText
    ) {
        let found = limits.filter { $0.name == name }
        guard !found.isEmpty else { return }
        let suffix = unit.isEmpty ? "" : "_" + unit
        metrics.gauge(family + "_used" + suffix, unit: unit, help + ".")
        for limit in found {
            metrics.value(limit.used, limit.path == nil ? "" : "path", limit.path ?? "")
        }
        guard found.contains(where: { $0.limit != nil }) else { return }
        metrics.gauge(family + "_limit" + suffix, unit: unit, help + ", at most.")
        for limit in found {
            guard let most = limit.limit else { continue }
            metrics.value(most, limit.path == nil ? "" : "path", limit.path ?? "")
        }
    }

    private func writeEgress(to metrics: inout MetricsText) {
        metrics.counter("dns_queries", "Questions the resolver got.")
        metrics.value(resolver.queries)
        metrics.counter("dns_answers", "Answers it gave, denials too.")
        metrics.value(resolver.answered)
        metrics.counter("dns_denials", "Questions for names that no rule allows.")
        metrics.value(resolver.denied)
        metrics.gauge("audit", "Whether everything passes and is only recorded.")
        metrics.value(isAudit ? 1 : 0)
        metrics.gauge("policy_rules", "Rules in force.")
        metrics.value(UInt64(egress.rules))
        metrics.gauge("egress_grants", "Addresses and ports open now.")
        metrics.value(UInt64(egress.grants.count))
        metrics.counter("egress_refused_grants", "Grants PID 1 refused.")
        metrics.value(egress.refusedGrants)
        metrics.counter("egress_evicted_grants", "Grants closed to make room.")
        metrics.value(egress.evictedGrants)
        metrics.counter(
            "egress_refused_packets",
            "Packets the kernel refused since the policy was last put in force.")
        metrics.value(egress.refusedPackets)
        metrics.counter("credentials_served", "Credentials handed out, by host.")
        for host in credentials.hosts { metrics.value(host.served, "host", host.name) }
        metrics.counter("credentials_refused", "Questions for any other host.")
        metrics.value(credentials.refused)
    }

    private func write(_ lease: Lease?, to metrics: inout MetricsText) {
        guard let lease else { return }
        metrics.states(
            "lease", "What becomes of the lease.", ["asked", "held", "lost", "over"],
            is: lease.state.rawValue)
        if let sessions = lease.sessions {
            metrics.gauge("lease_sessions", "Sessions of the licence, as the server counted last.")
            metrics.value(UInt64(sessions))
        }
        if let limit = lease.sessionLimit {
            metrics.gauge("lease_sessions_limit", "Sessions of the licence, at most.")
            metrics.value(UInt64(limit))
        }
        for (name, help, seconds) in [
            ("lease_grace_seconds", "Until the session ends for want of an answer.", lease.grace),
            ("lease_expires_seconds", "Until the licence ends.", lease.expires),
        ] {
            guard let seconds else { continue }
            metrics.gauge(name, unit: "seconds", help)
            metrics.value(text: "\(seconds)")
        }
    }

    private func writeProcesses(to metrics: inout MetricsText) {
        metrics.gauge("service_ready", "Whether a service is up and ready, or done.")
        for service in services {
            metrics.value(
                service.ready ? 1 : 0, "service", service.name, "required",
                service.required ? "true" : "false")
        }
        metrics.counter("service_restarts", "Restarts of a service.")
        for service in services {
            metrics.value(UInt64(service.restarts), "service", service.name)
        }
        metrics.gauge(
            "service_state_age_seconds", unit: "seconds",
            "How long ago a service was started, or has ended.")
        for service in services {
            metrics.value(text: "\(service.seconds)", "service", service.name)
        }
        write(lease, to: &metrics)
        if let session {
            metrics.states(
                "session", "What the agent's session does.", ["running", "ended", "gone"],
                is: session.state.rawValue)
            if let code = session.exitCode {
                metrics.gauge("session_exit_code", "The code that the agent ended with.")
                metrics.value(text: "\(code)")
            }
        }
        metrics.counter("supervisor_traps", "Traps PID 1 came back from.")
        metrics.value(UInt64(supervisor.traps))
        metrics.counter("supervisor_upgrades", "Swaps of its program.")
        metrics.value(UInt64(supervisor.upgrades))
        metrics.counter("supervisor_stalls", "Times its loop stood still for more than 250 ms.")
        metrics.value(UInt64(supervisor.stalls))
    }
}
