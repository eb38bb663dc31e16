import Egress
import Linux
import Policy
import Profile
import Supervision
import SystemPackage

extension BootSequence {
    /// Puts the default-deny table in, before anything else runs.
    ///
    /// - Returns: the log of refused packets, where the kernel has one.
    func lockDown(_ configuration: BootConfiguration) throws(BootFailure) -> CInt? {
        try requireCapabilities()
        try requireOwnNetwork()
        var plan = EgressPlan(
            resolver: configuration.resolver.user, upstreams: configuration.upstreams,
            published: configuration.published,
            statics: configuration.allowlist.destinationRanges,
            mode: configuration.audits ? .audit : .enforce)
        plan.metricsPort = configuration.profile.metrics.port
        plan.lease = supervisor.leasePlan
        do throws(NetlinkError) {
            var netfilter = try NetfilterSocket()
            try netfilter.replace(with: plan.ruleset)
            supervisor.keepGrants(
                of: configuration.allowlist, configuration.policy, with: netfilter)
        } catch {
            throw Self.failure(error)
        }
        do throws(NetlinkError) {
            return try PacketLog.open(group: plan.logGroup).release()
        } catch {
            report(missing: "refusal-log", "\(error)")
            return nil
        }
    }

    private func requireCapabilities() throws(BootFailure) {
        let missing: Capabilities
        do throws(SystemCallError) {
            // Directories below /run are made for the agent.
            let needed = Self.keptCapabilities.union(.changeOwner)
            missing = needed.subtracting(try Privileges.capabilities().effective)
        } catch {
            throw BootFailure(.system, "cannot \(error): \(Self.refusalAdvice)")
        }
        guard missing.isEmpty else {
            let names = missing.description.split(separator: " ")
            let options = names.map { "`--cap-add \($0.dropFirst(4))`" }.joined(separator: " ")
            throw BootFailure(
                .noPermission,
                "cannot lock the container down: it lacks \(names.joined(separator: ", ")): add \(options)"
            )
        }
    }

    /// In the host's own network the table would lock the host down.
    ///
    /// A PID namespace of its own tells a container from a machine whose PID 1 this is, and the
    /// kernel shows settings of all networks, as netdev_max_backlog, in the first one only.
    private func requireOwnNetwork() throws(BootFailure) {
        let ownProcesses = (try? Files.target(of: "/proc/self/ns/pid")) != "pid:[4026531836]"
        let settings = try? FileStatus(of: "/proc/sys/net/core/netdev_max_backlog")
        guard ownProcesses, settings != nil else { return }
        throw BootFailure(
            .configuration,
            "cannot lock the container down: it shares the host's network: run it without `--network host`"
        )
    }

    private static func failure(_ error: NetlinkError) -> BootFailure {
        switch error.kind {
        case .notPermitted:
            BootFailure(
                .noPermission,
                "cannot write nftables rules: the container lacks CAP_NET_ADMIN: add `--cap-add NET_ADMIN`"
            )
        case .unsupported:
            BootFailure(
                .unavailable,
                "cannot write nftables rules: \(error): this kernel lacks nf_tables or a part of it: load the modules nf_tables, nft_ct, nft_reject_inet, nft_nat and nft_log on the host"
            )
        default:
            BootFailure(
                .unavailable,
                "cannot write nftables rules: \(error): report this with the output of `uname -r`")
        }
    }
}
