import DNSWire
public import Linux
public import Policy

/// What the resolver has seen, in memory that it shares with whoever shows it.
///
/// The resolver writes, others read; it survives the resolver, whose next life goes on counting.
///
/// ```
/// 0       counters, 8 octets each
/// 256     256 denied names of 288 octets
/// 73984   256 granted addresses of 304 octets
/// 151808  256 refused destinations of 48 octets
/// 164096  the latest decisions, see `DecisionLog`
///
/// record: | version | when (ns) | count or end (ns) | hash, name's length | ... | name (256) |
/// refused: | version | when (ns) | count | address (16) | protocol, port, user |
/// ```
///
/// A record's version is odd while it is written, and 0 when it never was.
public struct ResolverStatistics: ~Copyable {
    /// What is counted.
    public enum Counter: Int, CaseIterable, Sendable {
        case queries, answered, denied, cacheHits, forwarded, upstreamFailures
        case filteredAddresses, grantsRefused, tcpConnections, malformed, notRelayed, overBudget
        case dropped, starts, heartbeats
    }

    /// A name that no rule allows, and how often it was asked for.
    public struct DeniedName: Equatable, Sendable {
        public let name: String
        public let count: UInt64
        public let last: Instant
    }

    /// An address that is open because an allowed name gave it.
    public struct Attribution: Equatable, Sendable {
        public let address: Address
        public let name: String
        public let granted: Instant
        /// When the kernel closes it, unless it is granted again.
        public let ends: Instant
    }

    /// Where packets went that the kernel refused, and how many.
    public struct RefusedDestination: Equatable, Sendable {
        public let address: Address
        /// The IP protocol's number.
        public let protocolNumber: UInt8
        /// 0 for a protocol without ports.
        public let port: UInt16
        /// Who sent the last one; nil when its socket was closed already.
        public let user: UInt32?
        public let count: UInt64
        public let last: Instant
    }

    /// Octets of the shared memory.
    public static let byteCount = DecisionLog.end

    /// Without the decisions.
    static let ownByteCount = refusedStart + refusedSlots * refusedLength

    private static let deniedStart = 256
    private static let deniedSlots = 256
    private static let deniedLength = 288
    private static let attributionStart = deniedStart + deniedSlots * deniedLength
    private static let attributionSlots = 256
    private static let attributionLength = 304
    private static let refusedStart = attributionStart + attributionSlots * attributionLength
    private static let refusedSlots = 256
    private static let refusedLength = 48
    /// A record goes to one of so many places that its hash names; the one written longest ago
    /// makes way.
    private static let ways = 4

    private let memory: SharedMemory

    public init(mapping file: CInt, writable: Bool) throws(SystemCallError) {
        memory = try SharedMemory(mapping: file, byteCount: Self.byteCount, writable: writable)
    }

    // MARK: Reading

    public func value(of counter: Counter) -> UInt64 { memory.load(at: counter.rawValue * 8) }

    /// The denied names that are remembered, the latest first. One that was asked for in several ways
    /// (A and AAAA) has several records, and is one.
    public var deniedNames: [DeniedName] {
        var names: [String: DeniedName] = [:]
        for slot in 0..<Self.deniedSlots {
            let record = Record(memory, at: Self.deniedStart + slot * Self.deniedLength)
            guard let record, let name = record.name else { continue }
            let earlier = names[name]
            names[name] = DeniedName(
                name: name, count: record.extra &+ (earlier?.count ?? 0),
                last: max(record.when, earlier?.last ?? record.when))
        }
        return names.values.sorted { $0.last > $1.last }
    }

    /// The addresses whose names are remembered, the latest first.
    public var attributions: [Attribution] {
        var found: [Attribution] = []
        for slot in 0..<Self.attributionSlots {
            let start = Self.attributionStart + slot * Self.attributionLength
            guard let record = Record(memory, at: start, addressed: true), let name = record.name,
                let address = record.address
            else { continue }
            found.append(
                Attribution(
                    address: address, name: name, granted: record.when,
                    ends: Instant(nanoseconds: Int64(truncatingIfNeeded: record.extra))))
        }
        return found.sorted { $0.granted > $1.granted }
    }

    /// The refused destinations that are remembered, the latest first.
    public var refusedDestinations: [RefusedDestination] {
        var found: [RefusedDestination] = []
        for slot in 0..<Self.refusedSlots {
            let start = Self.refusedStart + slot * Self.refusedLength
            let version = memory.load(at: start)
            let destination = refusedDestination(at: start)
            // Even, and the same before and after: nobody was writing meanwhile.
            guard version != 0, version & 1 == 0, memory.load(at: start) == version else {
                continue
            }
            found.append(destination)
        }
        return found.sorted { $0.last > $1.last }
    }

    private func refusedDestination(at start: Int) -> RefusedDestination {
        let (high, low) = (memory.load(at: start + 24), memory.load(at: start + 32))
        let packed = memory.load(at: start + 40)
        let user = UInt32(truncatingIfNeeded: packed)
        return RefusedDestination(
            address: high == .max ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high, low),
            protocolNumber: UInt8(truncatingIfNeeded: packed >> 48),
            port: UInt16(truncatingIfNeeded: packed >> 32),
            user: user == .max ? nil : user, count: memory.load(at: start + 16),
            last: Instant(nanoseconds: Int64(bitPattern: memory.load(at: start + 8))))
    }

    // MARK: Writing

    /// - Parameter port: 0 for a protocol without ports.
    func refuse(
        _ address: Address, protocolNumber: UInt8, port: UInt16, user: UInt32?, at now: Instant
    ) {
        let (high, low) = Record.halves(of: address)
        let service = UInt64(protocolNumber) << 48 | UInt64(port) << 32
        let hash = ((high ^ low) &+ service) &* 0xff51_afd7_ed55_8ccd
        func isSame(_ start: Int) -> Bool {
            memory.load(at: start) != 0 && memory.load(at: start + 24) == high
                && memory.load(at: start + 32) == low
                && memory.load(at: start + 40) >> 32 == service >> 32
        }
        let start = place(
            hash >> 32, Self.refusedStart, Self.refusedSlots, Self.refusedLength, isSame)
        let isKnown = isSame(start)
        let version = memory.load(at: start) | 1
        memory.store(version, at: start)
        memory.store(UInt64(bitPattern: now.nanoseconds), at: start + 8)
        memory.store(isKnown ? memory.load(at: start + 16) &+ 1 : 1, at: start + 16)
        memory.store(high, at: start + 24)
        memory.store(low, at: start + 32)
        memory.store(service | UInt64(user ?? .max), at: start + 40)
        memory.store(version &+ 1, at: start)
    }

    func add(_ count: UInt64, to counter: Counter) {
        memory.store(value(of: counter) &+ count, at: counter.rawValue * 8)
    }

    func deny(_ name: borrowing Name, _ hash: UInt64, at now: Instant) {
        let octets = name.octets
        let start = place(hash, Self.deniedStart, Self.deniedSlots, Self.deniedLength) {
            isName(octets, hash, ofRecordAt: $0)
        }
        let isKnown = isName(octets, hash, ofRecordAt: start)
        let version = memory.load(at: start) | 1
        memory.store(version, at: start)
        memory.store(UInt64(bitPattern: now.nanoseconds), at: start + 8)
        memory.store(isKnown ? memory.load(at: start + 16) &+ 1 : 1, at: start + 16)
        if !isKnown { store(octets, hash, at: start + Record.deniedName, lengthAt: start + 24) }
        memory.store(version &+ 1, at: start)
    }

    func attribute(
        _ address: Address, to name: borrowing Name, at now: Instant, until end: Instant
    ) {
        let (high, low) = Record.halves(of: address)
        let hash = (high ^ low &* 0x9e37_79b9_7f4a_7c15) &* 0xff51_afd7_ed55_8ccd
        let start = place(
            hash >> 32, Self.attributionStart, Self.attributionSlots, Self.attributionLength
        ) { start in
            memory.load(at: start + 32) == high && memory.load(at: start + 40) == low
                && memory.load(at: start) != 0
        }
        let version = memory.load(at: start) | 1
        memory.store(version, at: start)
        memory.store(UInt64(bitPattern: now.nanoseconds), at: start + 8)
        memory.store(UInt64(bitPattern: end.nanoseconds), at: start + 16)
        memory.store(high, at: start + 32)
        memory.store(low, at: start + 40)
        store(name.octets, 0, at: start + Record.attributedName, lengthAt: start + 24)
        memory.store(version &+ 1, at: start)
    }

    /// Where a record is, or the place that has not been written for longest.
    private func place(
        _ hash: UInt64, _ start: Int, _ slots: Int, _ length: Int, _ isSame: (Int) -> Bool
    ) -> Int {
        let first = Int(truncatingIfNeeded: hash) & (slots - 1) & ~(Self.ways - 1)
        var oldest = start + first * length
        var oldestWhen = UInt64.max
        for slot in first..<first + Self.ways {
            let place = start + slot * length
            if isSame(place) { return place }
            let when = memory.load(at: place) == 0 ? 0 : memory.load(at: place + 8)
            if when < oldestWhen { (oldest, oldestWhen) = (place, when) }
        }
        return oldest
    }

    private func isName(_ name: Span<UInt8>, _ hash: UInt64, ofRecordAt start: Int) -> Bool {
        memory.load(at: start + 24) == Record.lengthWord(name, hash)
            && memory.holds(name, at: start + Record.deniedName)
    }

    private func store(_ name: Span<UInt8>, _ hash: UInt64, at start: Int, lengthAt length: Int) {
        memory.store(Record.lengthWord(name, hash), at: length)
        memory.store(name, at: start)
    }
}

/// A record as another process reads it: only when it was not being written meanwhile.
private struct Record {
    let when: Instant
    let extra: UInt64
    let name: String?
    let address: Address?

    /// Where the name stands in a record of either kind.
    static let deniedName = 32
    static let attributedName = 48

    /// The name's length, with a hash above it that tells names of one length apart at a glance.
    static func lengthWord(_ name: Span<UInt8>, _ hash: UInt64) -> UInt64 {
        hash << 8 | UInt64(name.count)
    }

    /// An IPv4 address stands in the low half below a mark that no IPv6 address has twice.
    static func halves(of address: Address) -> (UInt64, UInt64) {
        switch address {
        case .v4(let bits): (UInt64.max, UInt64(bits))
        case .v6(let high, let low): (high, low)
        }
    }

    init?(_ memory: borrowing SharedMemory, at start: Int, addressed: Bool = false) {
        let version = memory.load(at: start)
        guard version != 0, version & 1 == 0 else { return nil }
        when = Instant(nanoseconds: Int64(bitPattern: memory.load(at: start + 8)))
        extra = memory.load(at: start + 16)
        let length = Int(memory.load(at: start + 24) & 0xff)
        guard 1...Name.longest ~= length else { return nil }
        let nameStart = start + (addressed ? Self.attributedName : Self.deniedName)
        let octets = memory.bytes(at: nameStart, count: length)
        name = (try? Name(wire: octets.span))?.description
        if addressed {
            let (high, low) = (memory.load(at: start + 32), memory.load(at: start + 40))
            address =
                high == .max ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high, low)
        } else {
            address = nil
        }
        guard memory.load(at: start) == version else { return nil }
    }
}
