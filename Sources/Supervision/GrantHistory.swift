import Egress

/// Which rule last opened a destination. The kernel forgets that when a grant expires or makes way,
/// but a flow that it let through may live on, and a denial must still find it.
struct GrantHistory {
    /// Destinations that are remembered before the first look at which of them are needed, under
    /// 2 MiB of them. A look walks the host's whole table of connections, some 10 ms in which no
    /// grant is given, so it must be rare.
    static let leastLimit = 16_384

    private struct Reason {
        var name: String
        var isPrivate: Bool
    }

    private var reasons: [Destination: Reason] = [:]
    private var limit = leastLimit

    /// Whether `keep` should be called.
    var isFull: Bool { reasons.count >= limit }

    mutating func note(_ grants: [Grant]) {
        for grant in grants {
            reasons[grant.destination] = Reason(name: grant.name, isPrivate: grant.isPrivate)
        }
    }

    /// What was granted and is not among `live`, with no time left.
    func expired(besides live: [LiveGrant]) -> [LiveGrant] {
        let current = Set(live.map(\.destination))
        return reasons.compactMap { destination, reason in
            current.contains(destination)
                ? nil
                : LiveGrant(
                    destination: destination, seconds: 0, secondsLeft: 0, name: reason.name,
                    isPrivate: reason.isPrivate)
        }
    }

    /// Forgets all but `needed`; the next look is worth it when there are twice as many.
    mutating func keep(_ needed: Set<Destination>) {
        reasons = reasons.filter { needed.contains($0.key) }
        limit = max(Self.leastLimit, 2 * reasons.count)
    }
}
