public import Control
public import Egress
import Policy

extension EgressPlan {
    /// The plan that PID 1 has put in force, from what it hands on.
    ///
    /// - Parameter statics: what the policy opens by address; a comparison of rules does without.
    public init(facts: SupervisorFacts, statics: [DestinationRange] = []) {
        self.init(
            resolver: facts.resolver.user,
            upstreams: facts.resolver.upstreams.compactMap { try? Address(parsing: $0) },
            published: facts.egress.published.compactMap { ports in
                guard let transport = Transport(rawValue: ports.transport),
                    let range = PortRange(first: ports.first, last: ports.last)
                else { return nil }
                return PublishedPort(transport, range)
            }, statics: statics, mode: facts.egress.audits ? .audit : .enforce)
        metricsPort = facts.metricsPort
        lease = facts.lease.map { lease in
            let address = lease.isAddress ? try? Address(parsing: lease.host) : nil
            return Lease(
                user: lease.user, server: address.map { Destination($0, .tcp, lease.port) })
        }
    }
}
