import Egress
import Policy

/// What the policy has a request open.
extension GrantKeeper {
    /// What a record opens; nil when the policy does not allow it.
    static func grants(
        for record: GrantRecord, in allowlist: Allowlist, isLeased: Bool = false
    ) -> [Grant]? {
        var grants: [Grant] = []
        return open(record, in: allowlist, isLeased: isLeased, &grants) ? grants : nil
    }

    /// Appends what a record opens to `grants`.
    ///
    /// The resolver is not believed: its rule must exist and be about names, and an address that
    /// is not public must be named by the policy itself, or be a private one of a name that the
    /// policy has as private.
    ///
    /// - Returns: whether the policy allows it.
    static func open(
        _ record: GrantRecord, in allowlist: Allowlist, isLeased: Bool = false,
        _ grants: inout [Grant]
    ) -> Bool {
        guard let (name, service) = allowlist.opening(of: record.rule) else { return false }
        guard
            allowlist.permits(record.address, under: record.rule)
                || isLeased && record.address.isOnOwnNetwork
        else { return false }
        let isPrivate = !isLeased && isPrivate(record, in: allowlist)
        let lifetime = lifetime(of: record)
        for range in service.ports {
            for port in range.first...range.last {
                grants.append(
                    Grant(
                        Destination(record.address, service.transport, port), seconds: lifetime,
                        name: name, isPrivate: isPrivate, isLeased: isLeased))
            }
        }
        return true
    }

    static func isPrivate(_ record: GrantRecord, in allowlist: Allowlist) -> Bool {
        allowlist.opensPrivate(record.rule) && record.address.isPrivate
    }

    static func lifetime(of record: GrantRecord) -> UInt32 {
        min(max(record.timeToLive, shortestLifetime), longestLifetime)
    }
}
