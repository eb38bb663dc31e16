/// A hash of the name that ends where a wire name ends, grown label by label from the right, so
/// that one pass gives the hash of every suffix.
///
/// FNV-1a, then one multiplication to spread its bits. Collisions are decided by the names of the
/// list, which the operator wrote; a query only looks up, so it cannot make a lookup longer than
/// the list has made it.
struct NameHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    /// The hash of a whole wire name.
    init(of name: Span<UInt8>, from start: Int) {
        prepend(name, start..<name.count - 1)
    }

    /// Puts bytes before what is hashed already; letters count as lower case.
    mutating func prepend(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var position = range.upperBound
        while position > range.lowerBound {
            position -= 1
            state = (state ^ UInt64(bytes[position].foldedASCII)) &* 0x0000_0100_0000_01B3
        }
    }

    var value: UInt32 { UInt32(truncatingIfNeeded: (state &* 0x9E37_79B9_7F4A_7C15) >> 32) }
}

/// Finds a number that goes with a name by the name's hash: open addressing, linear probing, at most half
/// full.
struct NameIndex: Sendable {
    struct Slot {
        var hash: UInt32
        /// `NameIndex.none` in a slot without a name.
        var value: UInt32
    }

    private var slots = [Slot](repeating: NameIndex.empty, count: 64)
    private var count = 0
    /// Most slots after its first that any name in the table is away: where a lookup gives up.
    private(set) var longestProbe = 0

    /// No number goes with a name.
    static let none = UInt32.max
    private static let empty = Slot(hash: 0, value: none)

    /// The slot that is `probe` after the first for a hash.
    func slot(_ hash: UInt32, probe: Int) -> Slot {
        slots[position(hash, probe)]
    }

    /// Adds a name that is not in the table.
    mutating func insert(hash: UInt32, _ value: UInt32) {
        if count * 2 >= slots.count { grow() }
        place(Slot(hash: hash, value: value))
        count += 1
    }

    /// Puts a later number for a name in the place of an earlier one.
    mutating func replace(hash: UInt32, _ earlier: UInt32, with later: UInt32) {
        for probe in 0...longestProbe where slot(hash, probe: probe).value == earlier {
            slots[position(hash, probe)].value = later
            return
        }
    }

    private func position(_ hash: UInt32, _ probe: Int) -> Int {
        // The number of slots is a power of two.
        (Int(hash) &+ probe) & (slots.count - 1)
    }

    private mutating func place(_ slot: Slot) {
        var probe = 0
        // At most half of the slots are taken, so there is a free one.
        while slots[position(slot.hash, probe)].value != Self.none { probe += 1 }
        slots[position(slot.hash, probe)] = slot
        longestProbe = max(longestProbe, probe)
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Self.empty, count: old.count * 2)
        longestProbe = 0
        for slot in old where slot.value != Self.none { place(slot) }
    }
}
