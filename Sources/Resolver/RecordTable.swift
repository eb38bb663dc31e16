import Linux

/// Records in memory that two processes share: found by a hash, counted, and bounded.
///
/// They fill it from the front, so that what was never used takes no memory, and a reader touches
/// none of it. When it is full the one counted least makes way, of some that lie apart; of those the
/// one written longest ago. That is counted.
///
/// ```
/// 0   used | lost | first of each chain, 8 octets for every other slot
/// ... records
///
/// record: | version | when (ns) | count | hash 48, next of its chain 16 | what it is about |
/// ```
///
/// A record's version is odd while it is written, and 0 when it never was. Slots are numbered from 1 in
/// chains. What an earlier life of the writer left may be wrong: each walk ends by its bound.
struct RecordTable {
    /// Octets before what a record is about.
    static let head = 32
    /// What is farther back in a chain is not found, and gets another record.
    private static let longestWalk = 32
    /// Records of which one makes way.
    private static let candidates = 32

    let start: Int
    /// A power of two, at most 32,768.
    let slots: Int
    /// Of a record, in octets.
    let length: Int

    private var records: Int { start + 16 + slots / 2 * 8 }
    var end: Int { records + slots * length }

    // MARK: Reading

    /// Where the records are that were ever written.
    func places(in memory: borrowing SharedMemory) -> [Int] {
        (0..<Int(min(UInt64(slots), memory.load(at: start)))).map(place)
    }

    /// Records that made way for others.
    func lost(in memory: borrowing SharedMemory) -> UInt64 { memory.load(at: start + 8) }

    /// The record with a hash for which `isSame` holds.
    func find(
        _ hash: UInt64, in memory: borrowing SharedMemory, _ isSame: (Int) -> Bool
    ) -> Int? {
        var next = memory.load(at: chain(of: hash)) & 0xffff
        for _ in 0..<Self.longestWalk {
            guard 1...UInt64(slots) ~= next else { return nil }
            let place = place(Int(next) - 1)
            let link = memory.load(at: place + 24)
            if link >> 16 == hash >> 16, isSame(place) { return place }
            next = link & 0xffff
        }
        return nil
    }

    // MARK: Writing

    /// Counts what a record is about, in the place of another where there is no record of it and no
    /// room.
    ///
    /// - Parameters:
    ///   - salt: decides which records may make way.
    ///   - weight: what is added to the count.
    ///   - write: puts down what the record is about, from `head` on.
    func note(
        _ hash: UInt64, salt: UInt64, weight: UInt64 = 1, at now: Instant,
        in memory: borrowing SharedMemory, isSame: (Int) -> Bool, write: (Int) -> Void
    ) {
        let known = find(hash, in: memory, isSame)
        let slot = known == nil ? claim(salt, in: memory) : 0
        let place = known ?? place(slot)
        let version = memory.load(at: place) | 1
        memory.store(version, at: place)
        memory.store(UInt64(bitPattern: now.nanoseconds), at: place + 8)
        memory.store((known == nil ? 0 : memory.load(at: place + 16)) &+ weight, at: place + 16)
        if known == nil {
            let chain = chain(of: hash)
            memory.store(hash & ~0xffff | memory.load(at: chain) & 0xffff, at: place + 24)
            memory.store(UInt64(slot + 1), at: chain)
        }
        write(place)
        memory.store(version &+ 1, at: place)
    }

    /// A slot that is in no chain.
    private func claim(_ salt: UInt64, in memory: borrowing SharedMemory) -> Int {
        let used = memory.load(at: start)
        guard used >= UInt64(slots) else {
            memory.store(used + 1, at: start)
            return Int(used)
        }
        memory.store(lost(in: memory) &+ 1, at: start + 8)
        // What came together lies together, and is counted alike.
        let distance = max(1, slots / Self.candidates)
        let first = Int(truncatingIfNeeded: salt & UInt64(distance - 1))
        var least = first
        for slot in stride(from: first + distance, to: slots, by: distance) {
            let (count, when) = rank(slot, in: memory)
            let (leastCount, leastWhen) = rank(least, in: memory)
            if count < leastCount || count == leastCount && when < leastWhen { least = slot }
        }
        unlink(least, in: memory)
        return least
    }

    private func rank(_ slot: Int, in memory: borrowing SharedMemory) -> (UInt64, UInt64) {
        (memory.load(at: place(slot) + 16), memory.load(at: place(slot) + 8))
    }

    private func unlink(_ slot: Int, in memory: borrowing SharedMemory) {
        let link = memory.load(at: place(slot) + 24)
        var before = chain(of: link)
        for _ in 0..<slots {
            let word = memory.load(at: before)
            let next = word & 0xffff
            guard 1...UInt64(slots) ~= next else { return }
            guard next != UInt64(slot + 1) else {
                return memory.store(word & ~0xffff | link & 0xffff, at: before)
            }
            before = place(Int(next) - 1) + 24
        }
    }

    // MARK: Places

    private func place(_ slot: Int) -> Int { records + slot * length }

    /// By those bits of a hash that a record keeps.
    private func chain(of hash: UInt64) -> Int {
        start + 16 + Int(truncatingIfNeeded: hash >> 16 & UInt64(slots / 2 - 1)) * 8
    }
}
