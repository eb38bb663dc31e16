import DNSWire
public import Linux
public import Policy

/// What the resolver has seen, in memory that it shares with whoever shows it.
///
/// The resolver writes, others read; it survives the resolver, whose next life goes on counting.
///
/// ```
/// 0        counters, 8 octets each
/// 256      1,024 denied names of 296 octets, see `RecordTable`
/// 307472   1,024 granted addresses of 320 octets
/// 639264   1,024 refused TCP destinations of 56 octets
/// 700720   1,024 other refused destinations of 56 octets
/// 762176   the latest decisions, see `DecisionLog`
///
/// name:    | head (32) | name's length | name (256) |
/// granted: | head (32) | end (ns) | address (16) | name's length | name (256) |
/// refused: | head (32) | address (16) | protocol, port, user |
/// ```
///
/// Memory is taken where it is written: by 1,024 denied names 0.3 MiB, by all of it 0.7 MiB. TCP has a
/// table of its own: datagrams go astray without any connection, and are many.
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
    static let ownByteCount = otherRefusals.end

    private static let denials = RecordTable(start: 256, slots: 1024, length: 296)
    private static let attributed = RecordTable(start: denials.end, slots: 1024, length: 320)
    private static let tcpRefusals = RecordTable(start: attributed.end, slots: 1024, length: 56)
    private static let otherRefusals = RecordTable(start: tcpRefusals.end, slots: 1024, length: 56)

    private let memory: SharedMemory

    public init(mapping file: CInt, writable: Bool) throws(SystemCallError) {
        memory = try SharedMemory(mapping: file, byteCount: Self.byteCount, writable: writable)
    }

    // MARK: Reading

    public func value(of counter: Counter) -> UInt64 { memory.load(at: counter.rawValue * 8) }

    /// How many denied names, and refused destinations, made way for others.
    public var lost: (names: UInt64, destinations: UInt64) {
        (
            Self.denials.lost(in: memory),
            Self.tcpRefusals.lost(in: memory) &+ Self.otherRefusals.lost(in: memory)
        )
    }

    /// The denied names that are remembered, the latest first. One may have several records, and is one.
    public var deniedNames: [DeniedName] {
        var names: [String: DeniedName] = [:]
        for place in Self.denials.places(in: memory) {
            let record = Record(memory, at: place, length: RecordTable.head)
            guard let record, let name = record.name else { continue }
            let earlier = names[name]
            names[name] = DeniedName(
                name: name, count: record.count &+ (earlier?.count ?? 0),
                last: max(record.when, earlier?.last ?? record.when))
        }
        return names.values.sorted { $0.last > $1.last }
    }

    /// The addresses whose names are remembered, the latest first.
    public var attributions: [Attribution] {
        var found: [Attribution] = []
        for place in Self.attributed.places(in: memory) {
            guard let record = Record(memory, at: place, length: RecordTable.head + 24),
                let name = record.name
            else { continue }
            found.append(
                Attribution(
                    address: record.address, name: name, granted: record.when,
                    ends: Instant(nanoseconds: Int64(bitPattern: record.first))))
        }
        return found.sorted { $0.granted > $1.granted }
    }

    /// The refused destinations that are remembered, the latest first.
    public var refusedDestinations: [RefusedDestination] {
        var found: [RefusedDestination] = []
        for table in [Self.tcpRefusals, Self.otherRefusals] {
            for place in table.places(in: memory) {
                let version = memory.load(at: place)
                let destination = refusedDestination(at: place)
                // Even, and the same before and after: nobody was writing meanwhile.
                guard version != 0, version & 1 == 0, memory.load(at: place) == version else {
                    continue
                }
                found.append(destination)
            }
        }
        return found.sorted { $0.last > $1.last }
    }

    private func refusedDestination(at place: Int) -> RefusedDestination {
        let packed = memory.load(at: place + 48)
        let user = UInt32(truncatingIfNeeded: packed)
        return RefusedDestination(
            address: Record.address(memory.load(at: place + 32), memory.load(at: place + 40)),
            protocolNumber: UInt8(truncatingIfNeeded: packed >> 48),
            port: UInt16(truncatingIfNeeded: packed >> 32),
            user: user == .max ? nil : user, count: memory.load(at: place + 16),
            last: Instant(nanoseconds: Int64(bitPattern: memory.load(at: place + 8))))
    }

    // MARK: Writing

    func add(_ count: UInt64, to counter: Counter) {
        memory.store(value(of: counter) &+ count, at: counter.rawValue * 8)
    }

    /// - Parameter port: 0 for a protocol without ports.
    func refuse(
        _ address: Address, protocolNumber: UInt8, port: UInt16, user: UInt32?, at now: Instant
    ) {
        let (high, low) = Record.halves(of: address)
        let service = UInt64(protocolNumber) << 48 | UInt64(port) << 32
        let hash = Self.mixed(service ^ Self.mixed(high ^ Self.mixed(low)))
        let isTCP = protocolNumber == Transport.tcp.rawValue
        (isTCP ? Self.tcpRefusals : Self.otherRefusals).note(hash, salt: hash, at: now, in: memory)
        {
            isAddress(high, low, at: $0 + 32) && memory.load(at: $0 + 48) >> 32 == service >> 32
        } write: {
            memory.store(high, at: $0 + 32)
            memory.store(low, at: $0 + 40)
            memory.store(service | UInt64(user ?? .max), at: $0 + 48)
        }
        // Its name is to be known as long as the refusal is.
        let named = Self.attributed.find(Self.mixed(high ^ Self.mixed(low)), in: memory) {
            isAddress(high, low, at: $0 + 40)
        }
        if let named { memory.store(memory.load(at: named + 16) &+ 1, at: named + 16) }
    }

    /// - Parameter hash: under a secret key, so that nobody chooses the names that make way.
    func deny(_ name: borrowing Name, _ hash: UInt64, at now: Instant) {
        let octets = name.octets
        Self.denials.note(Self.hash(octets), salt: hash, at: now, in: memory) {
            memory.load(at: $0 + 32) == UInt64(octets.count) && memory.holds(octets, at: $0 + 40)
        } write: {
            store(octets, at: $0 + 32)
        }
    }

    /// - Parameter name: as octets, up to and including the root label.
    func attribute(
        _ address: Address, to name: Span<UInt8>, at now: Instant, until end: Instant
    ) {
        let (high, low) = Record.halves(of: address)
        let hash = Self.mixed(high ^ Self.mixed(low))
        // Several names may have one address: each has a record, found by the address.
        Self.attributed.note(hash, salt: hash, weight: 0, at: now, in: memory) {
            isAddress(high, low, at: $0 + 40)
                && memory.load(at: $0 + 56) == UInt64(name.count)
                && memory.holds(name, at: $0 + 64)
        } write: {
            memory.store(UInt64(bitPattern: end.nanoseconds), at: $0 + 32)
            memory.store(high, at: $0 + 40)
            memory.store(low, at: $0 + 48)
            store(name, at: $0 + 56)
        }
    }

    private func isAddress(_ high: UInt64, _ low: UInt64, at place: Int) -> Bool {
        memory.load(at: place) == high && memory.load(at: place + 8) == low
    }

    private func store(_ name: Span<UInt8>, at place: Int) {
        memory.store(UInt64(name.count), at: place)
        memory.store(name, at: place + 8)
    }

    /// The same whatever was asked for, and in every life of the resolver (FNV-1a).
    private static func hash(_ name: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in name.indices { hash = (hash ^ UInt64(name[index])) &* 0x0000_0100_0000_01b3 }
        return mixed(hash)
    }

    /// Every bit of it depends on every bit of `value` (MurmurHash3's finalizer).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = (value ^ value >> 33) &* 0xff51_afd7_ed55_8ccd
        value = (value ^ value >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return value ^ value >> 33
    }
}

/// A record as another process reads it: only when it was not being written meanwhile.
private struct Record {
    let when: Instant
    let count: UInt64
    let name: String?
    /// The words behind the head, where an attribution has its end and its address.
    let first: UInt64
    let address: Address

    /// An IPv4 address stands in the low half below a mark that no IPv6 address has twice.
    static func halves(of address: Address) -> (UInt64, UInt64) {
        switch address {
        case .v4(let bits): (UInt64.max, UInt64(bits))
        case .v6(let high, let low): (high, low)
        }
    }

    static func address(_ high: UInt64, _ low: UInt64) -> Address {
        high == .max ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high, low)
    }

    /// - Parameter length: where the name's length stands in it, before the name.
    init?(_ memory: borrowing SharedMemory, at place: Int, length: Int) {
        let version = memory.load(at: place)
        guard version != 0, version & 1 == 0 else { return nil }
        when = Instant(nanoseconds: Int64(bitPattern: memory.load(at: place + 8)))
        count = memory.load(at: place + 16)
        first = memory.load(at: place + 32)
        address = Self.address(memory.load(at: place + 40), memory.load(at: place + 48))
        let count = memory.load(at: place + length)
        guard 1...UInt64(Name.longest) ~= count else { return nil }
        let octets = memory.bytes(at: place + length + 8, count: Int(count))
        name = (try? Name(wire: octets.span))?.description
        guard memory.load(at: place) == version else { return nil }
    }
}

extension [ResolverStatistics.Attribution] {
    /// The name that gave an address last before a moment. Where each was asked for again since, the
    /// one for which that is longest ago.
    public func name(of address: Address, at moment: Instant) -> String? {
        let names = filter { $0.address == address }
        let before = names.filter { $0.granted <= moment }.max { $0.granted < $1.granted }
        return (before ?? names.min { $0.granted < $1.granted })?.name
    }
}
