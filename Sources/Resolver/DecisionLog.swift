import DNSWire
import Egress
public import Linux
import Policy

/// The latest decisions, in the memory that the resolver shares: a ring for each kind, so that a
/// flood of one does not wash the others away.
///
/// The resolver writes, others read; it survives the resolver. What is like a decision of the last
/// seconds is counted there, and takes no place of its own. Nothing here allocates or calls the kernel.
///
/// ```
/// 0   form | decisions ever, of each ring | ...
/// 64  rings
///
/// decision: | number + 1 | first (ns) | last (ns) | count | what | address (16) | protocol, port, user |
///           | name (256) | rule (256) |
/// what:     | audit 1 | rule's length 15 | others 16 | name's length 16 | reason 8 | verdict 8 |
/// ```
///
/// A decision's first word is 0 while it is written.
public struct DecisionLog: ~Copyable {
    /// One ring: where it is, how many decisions it holds, and how long each is.
    package struct Ring {
        package let number: Int
        let start: Int
        package let slots: Int
        let length: Int

        /// The names that no rule allows, and all else that the agent may make as much of as it likes.
        package static let denied = Ring(number: 0, start: log + 64, slots: 512, length: 320)
        /// What became of names that a rule allows.
        package static let allowed = Ring(
            number: 1, start: denied.end, slots: 256, length: 64 + 256 + DecisionLog.longestRule)
        /// Packets that the kernel refused.
        package static let refused = Ring(number: 2, start: allowed.end, slots: 512, length: 64)
        /// Packets that opened a flow.
        package static let opened = Ring(number: 3, start: refused.end, slots: 512, length: 64)
        package static let all = [denied, allowed, refused, opened]

        /// Whether it is of names, not of packets.
        package var isOfNames: Bool { number < Ring.refused.number }

        /// Where the log starts in the shared memory.
        package static let log = ResolverStatistics.ownByteCount

        var end: Int { start + slots * length }
        /// How many decisions there have been ever.
        package var head: Int { Ring.log + 8 + number * 8 }

        package func place(_ sequence: UInt64) -> Int {
            start + Int(truncatingIfNeeded: sequence % UInt64(slots)) * length
        }
    }

    /// Raised whenever the layout changes; the memory may be read by another program's.
    package static let form: UInt64 = 3
    package static let end = Ring.opened.end
    /// What is kept of a rule, in octets.
    package static let longestRule = 256
    /// For so long what is alike is one decision.
    public static let window: Milliseconds = 10_000

    private let memory: SharedMemory
    /// The number of the latest decision with each low octet of a hash, for each ring.
    private var latest = [UInt64](repeating: .max, count: Ring.all.count << 8)

    init(mapping file: CInt) throws(SystemCallError) {
        memory = try SharedMemory(mapping: file, byteCount: Self.end)
        memory.store(Self.form, at: Ring.log)
    }

    /// - Parameter address: the one that is not public, where that is why.
    mutating func deny(
        _ name: borrowing Name, _ reason: Decision.Reason, _ hash: UInt64,
        address: Address? = nil, audits: Bool = false, at now: Instant
    ) {
        // What the agent may ask for without end stays away from what rules allow.
        let isBounded = reason == .notPublic || reason == .notOpened
        let what =
            UInt64(Decision.Verdict.denied.rawValue) | UInt64(reason.rawValue) << 8
            | UInt64(name.count) << 16 | (audits ? 1 << 63 : 0)
        add(isBounded ? .allowed : .denied, what, name, { "" }, hash, address, 0, at: now)
    }

    /// - Parameter rule: made only where it is kept.
    mutating func allow(
        _ name: borrowing Name, _ addresses: [Address], rule: () -> String, _ hash: UInt64,
        at now: Instant
    ) {
        let what =
            UInt64(Decision.Verdict.allowed.rawValue) | UInt64(name.count) << 16
            | UInt64(max(0, addresses.count - 1)) << 32
        add(.allowed, what, name, rule, hash, addresses.first, 0, at: now)
    }

    /// - Parameter port: 0 for a protocol without ports.
    mutating func note(
        _ mark: LoggedPacket.Mark, _ address: Address, protocolNumber: UInt8, port: UInt16,
        user: UInt32?, at now: Instant
    ) {
        let verdict = mark == .opened ? Decision.Verdict.allowed : .refused
        let what = UInt64(verdict.rawValue) | (mark == .audited ? 1 << 63 : 0)
        let service =
            UInt64(protocolNumber) << 48 | UInt64(port) << 32 | UInt64(user ?? .max)
        let (high, low) = halves(of: address)
        let hash = ((high ^ low) &+ service) &* 0xff51_afd7_ed55_8ccd
        let ring = mark == .opened ? Ring.opened : .refused
        add(ring, what, Name(), { "" }, hash >> 32, address, service, at: now)
    }

    // MARK: Places

    @inline(never) private mutating func add(
        _ ring: Ring, _ what: UInt64, _ name: borrowing Name, _ rule: () -> String, _ hash: UInt64,
        _ address: Address?, _ service: UInt64, at now: Instant
    ) {
        let head = memory.load(at: ring.head)
        let index = ring.number << 8 | Int(truncatingIfNeeded: hash & 0xff)
        // The one of the same hash, or the last one: a name is asked for its IPv4 and IPv6 addresses
        // at once, and those are two hashes.
        var sequence = latest[index]
        if !isSame(sequence, head, ring, what, name, address, service, at: now) {
            sequence = head &- 1
            guard isSame(sequence, head, ring, what, name, address, service, at: now) else {
                latest[index] = head
                write(head, ring, what, name, rule, address, service, at: now)
                return memory.store(head &+ 1, at: ring.head)
            }
            latest[index] = sequence
        }
        let place = ring.place(sequence)
        memory.store(UInt64(bitPattern: now.nanoseconds), at: place + 16)
        memory.store(memory.load(at: place + 24) &+ 1, at: place + 24)
    }

    /// Whether what happened is what a decision says, and not long after; where the name came from a
    /// rule, its addresses may be others by now.
    private func isSame(
        _ sequence: UInt64, _ head: UInt64, _ ring: Ring, _ what: UInt64, _ name: borrowing Name,
        _ address: Address?, _ service: UInt64, at now: Instant
    ) -> Bool {
        guard sequence < head, head - sequence <= UInt64(ring.slots) else { return false }
        let place = ring.place(sequence)
        let first = Instant(nanoseconds: Int64(bitPattern: memory.load(at: place + 8)))
        guard now < first + Self.window else { return false }
        let named: UInt64 = 1 << 63 | 0xffff_ffff
        guard (memory.load(at: place + 32) ^ what) & named == 0 else { return false }
        guard !ring.isOfNames else {
            return memory.holds(name.octets, at: place + 64)
        }
        let (high, low) = halves(of: address)
        return memory.load(at: place + 40) == high && memory.load(at: place + 48) == low
            && memory.load(at: place + 56) == service
    }

    @inline(never) private func write(
        _ sequence: UInt64, _ ring: Ring, _ what: UInt64, _ name: borrowing Name,
        _ rule: () -> String, _ address: Address?, _ service: UInt64, at now: Instant
    ) {
        let place = ring.place(sequence)
        let (high, low) = halves(of: address)
        memory.store(0, at: place)
        memory.store(UInt64(bitPattern: now.nanoseconds), at: place + 8)
        memory.store(UInt64(bitPattern: now.nanoseconds), at: place + 16)
        memory.store(1, at: place + 24)
        memory.store(high, at: place + 40)
        memory.store(low, at: place + 48)
        memory.store(service, at: place + 56)
        var what = what
        if ring.isOfNames { memory.store(name.octets, at: place + 64) }
        if ring.number == Ring.allowed.number {
            let text = Array(rule().utf8.prefix(Self.longestRule))
            memory.store(text.span, at: place + 320)
            what |= UInt64(text.count) << 48
        }
        memory.store(what, at: place + 32)
        memory.store(sequence &+ 1, at: place)
    }

    /// As in `ResolverStatistics`; no address at all has both halves full.
    private func halves(of address: Address?) -> (UInt64, UInt64) {
        switch address {
        case .v4(let bits): (.max, UInt64(bits))
        case .v6(let high, let low): (high, low)
        case nil: (.max, .max)
        }
    }
}
