import Control
import Linux
import Policy
import Resolver

/// What the resolver's shared counters said at one moment; nothing where they cannot be read.
struct ResolverReading {
    private(set) var queries: UInt64 = 0
    private(set) var answered: UInt64 = 0
    private(set) var denied: UInt64 = 0
    private(set) var deniedNames: [ResolverStatistics.DeniedName] = []
    private(set) var refused: [ResolverStatistics.RefusedDestination] = []
    /// What made way for others of these.
    private(set) var lost: (names: UInt64, destinations: UInt64) = (0, 0)
    /// The names that gave each address.
    private var origins: [Address: [ResolverStatistics.Attribution]] = [:]
    /// Names that gave a private address.
    private(set) var privateNames: Set<String> = []

    /// - Parameter isAudit: then nothing is left out, of boot's own questions either: all of them pass.
    init(statistics file: CInt?, isAudit: Bool) {
        guard let file, let memory = try? ResolverStatistics(mapping: file, writable: false) else {
            return
        }
        queries = memory.value(of: .queries)
        answered = memory.value(of: .answered)
        denied = memory.value(of: .denied)
        lost = memory.lost
        deniedNames = memory.deniedNames.filter { isAudit || !ProbeTarget.covers(name: $0.name) }
        refused = memory.refusedDestinations.filter {
            isAudit
                || $0.address != .v4(ProbeTarget.address) && $0.port != ProbeTarget.port
                    && $0.address != .v4(ProbeTarget.dockerResolver)
        }
        let attributions = memory.attributions
        origins = Dictionary(grouping: attributions, by: \.address)
        for attribution in attributions where attribution.address.isPrivate {
            privateNames.insert(attribution.name)
        }
    }

    /// The name that had given an address by then.
    func name(of address: Address, at moment: Instant) -> String? {
        origins[address]?.name(of: address, at: moment)
    }
}
