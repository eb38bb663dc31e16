import Egress

/// Which rule last opened a destination. The kernel forgets that when a grant expires or makes way,
/// but a flow that it let through may live on, and a denial must still find it.
struct GrantHistory {
    /// Destinations that are remembered before the first look at which of them are needed, under
    /// 2 MiB of them. A look walks the host's whole table of connections, some 10 ms in which no
    /// grant is given, so it must be rare.
    static let leastLimit = 16_384

    private var subjects: [Destination: String] = [:]
    private var limit = leastLimit

    /// Whether `keep` should be called.
    var isFull: Bool { subjects.count >= limit }

    mutating func note(_ grants: [Grant]) {
        for grant in grants { subjects[grant.destination] = grant.name }
    }

    /// What was granted and is not among `live`, with no time left.
    func expired(besides live: [LiveGrant]) -> [LiveGrant] {
        let current = Set(live.map(\.destination))
        return subjects.compactMap { destination, name in
            current.contains(destination)
                ? nil : LiveGrant(destination: destination, seconds: 0, secondsLeft: 0, name: name)
        }
    }

    /// Forgets all but `needed`; the next look is worth it when there are twice as many.
    mutating func keep(_ needed: Set<Destination>) {
        subjects = subjects.filter { needed.contains($0.key) }
        limit = max(Self.leastLimit, 2 * subjects.count)
    }
}
