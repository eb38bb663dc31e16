import CNftnl
import Glibc
import Policy

/// How the timeout of an element that is in a set already is made to start anew.
public enum Renewal: Sendable {
    /// Adding it again with a timeout and an expiration does it, since Linux 6.12 (commit
    /// 4201f3938914, "nf_tables: set element timeout update support").
    case inPlace
    /// Before, adding it again succeeds and changes nothing. Within one transaction it is added,
    /// so that it is there in any case, deleted, and added anew.
    case byReplacement

    public static var ofRunningKernel: Renewal {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return .byReplacement }
        let release = unsafe withUnsafeBytes(of: &names.release) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Renewal(kernelRelease: release)
    }

    /// - Parameter kernelRelease: as uname(2) gives it, `6.18.4-generic`.
    init(kernelRelease: String) {
        let numbers = kernelRelease.split(separator: ".", maxSplits: 2).prefix(2).map { part in
            Int(part.prefix { $0.isNumber }) ?? 0
        }
        let isNew = numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 12)
        self = isNew ? .inPlace : .byReplacement
    }
}

extension NetfilterSocket {
    /// Puts the table in its place in one transaction; no packet sees part of it, or none.
    ///
    /// - Parameter grants: what the new table's granted sets hold from the first moment.
    /// - Throws: `NetlinkError`; the table is then as it was.
    public mutating func replace(
        with ruleset: Ruleset, grants: [Grant] = []
    ) throws(NetlinkError) {
        // A socket that deleted nothing closes at once: the first table of a boot costs no wait.
        let isThere = try hasTable(ruleset.table)
        do throws(NetlinkError) {
            try commit { transaction in
                transaction.replace(with: ruleset, isThere: isThere)
                for (set, members) in Self.bySet(Self.longest(of: grants)) {
                    transaction.put(members, in: set, of: ruleset.table)
                }
            }
        } catch {
            // All that the ruleset names it brings along; what is absent is a part of the kernel.
            guard error.kind == .absent else { throw error }
            throw NetlinkError(.unsupported, error.action, error.cause, error.detail)
        }
    }

    private mutating func hasTable(_ name: String) throws(NetlinkError) -> Bool {
        do throws(NetlinkError) {
            try request(
                "look for table \(name)", type: NFTablesMessage.type(NFT_MSG_GETTABLE),
                family: NFTablesMessage.inet
            ) { $0.put(NFTA_TABLE_NAME.rawValue, text: name) }
            return true
        } catch {
            guard error.kind == .absent else { throw error }
            return false
        }
    }

    /// Opens destinations, or has their lifetime start anew; all of them or none.
    ///
    /// When it returns, the kernel lets their packets pass.
    ///
    /// - Throws: `NetlinkError`, `full` when a set is at its limit.
    public mutating func grant(_ grants: [Grant]) throws(NetlinkError) {
        let grants = Self.longest(of: grants)
        do throws(NetlinkError) {
            try put(grants)
        } catch {
            // An element may expire between two messages of a transaction; now it is gone.
            guard error.kind == .absent, renewal == .byReplacement else { throw error }
            try put(grants)
        }
    }

    private mutating func put(_ grants: [Grant]) throws(NetlinkError) {
        let renewal = self.renewal
        // Somebody waits for it.
        try commit(isAcknowledged: false) { transaction in
            if grants.count == 1 {
                transaction.put(grants, in: EgressPlan.set(of: grants[0]), renewal)
            } else {
                for (set, members) in Self.bySet(grants) {
                    transaction.put(members, in: set, renewal)
                }
            }
        }
    }

    /// Closes destinations; one that is not open is no error.
    ///
    /// Flows that are live stay so: see `closeFlows(to:)`.
    ///
    /// - Parameter isPrivate: whether they are in the sets of private destinations.
    public mutating func revoke(
        _ destinations: [Destination], isPrivate: Bool = false
    ) throws(NetlinkError) {
        do throws(NetlinkError) {
            try delete(destinations, isPrivate)
        } catch {
            guard error.kind == .absent, destinations.count > 1 else {
                if error.kind == .absent { return }
                throw error
            }
            // One that is missing undid the whole transaction.
            for destination in destinations { try revoke([destination], isPrivate: isPrivate) }
        }
    }

    private mutating func delete(
        _ destinations: [Destination], _ isPrivate: Bool
    ) throws(NetlinkError) {
        try commit { transaction in
            for family in Family.allCases {
                let own = Set(destinations.filter { $0.address.family == family })
                let elements = own.map { SetElement(key: SetElement.key($0)) }
                transaction.delete(
                    elements, from: EgressPlan.grantSet(family, isPrivate: isPrivate),
                    of: EgressPlan.table)
            }
        }
    }

    /// Which set takes which of `grants`.
    private static func bySet(_ grants: [Grant]) -> [String: [Grant]] {
        Dictionary(grouping: grants, by: EgressPlan.set)
    }

    /// An element of a set: those of the agent's private destinations and of the lease service's are
    /// other sets.
    private struct Place: Hashable {
        let destination: Destination
        let isPrivate, isLeased: Bool
    }

    /// For each place its longest grant, under the first one's name.
    private static func longest(of grants: [Grant]) -> [Grant] {
        guard grants.count > 1 else { return grants }
        var longest: [Place: Grant] = [:]
        for grant in grants {
            let place = Place(
                destination: grant.destination, isPrivate: grant.isPrivate,
                isLeased: grant.isLeased)
            let seconds = longest[place]?.seconds ?? 0
            longest[place, default: grant].seconds = max(seconds, grant.seconds)
        }
        return Array(longest.values)
    }
}

extension Transaction {
    /// Puts grants into a set of theirs, where their time starts anew.
    fileprivate mutating func put(_ grants: [Grant], in set: String, _ renewal: Renewal) {
        put(grants, in: set, of: EgressPlan.table)
        guard renewal == .byReplacement else { return }
        delete(grants, from: set, of: EgressPlan.table)
        put(grants, in: set, of: EgressPlan.table)
    }
}
