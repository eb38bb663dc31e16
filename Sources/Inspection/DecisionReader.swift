import DNSWire
public import Linux
import Policy
public import Resolver
import SystemPackage

/// Reads what `DecisionLog` writes, in whichever process has its memory. The resolver parses what
/// comes from the network, so nothing that stands there is believed: it can be wrong, never make the
/// reader trap or turn for ever.
public struct DecisionReader: ~Copyable {
    /// What is new in one ring.
    private struct Position {
        /// All before it are over and were shown.
        var next: UInt64 = 0
        /// How many were shown of each decision from `next` on.
        var shown: [UInt64] = []
    }

    /// The resolver's moment is that of the start of its turn.
    private static let margin: Milliseconds = 1_000

    private let memory: SharedMemory
    private var positions = [Position](repeating: Position(), count: DecisionLog.Ring.all.count)

    /// - Throws: `SystemCallError`: `EINVAL` for memory of another program's layout.
    public init(mapping file: CInt) throws(SystemCallError) {
        let memory = try SharedMemory(
            mapping: file, byteCount: DecisionLog.end, writable: false)
        guard memory.load(at: DecisionLog.Ring.log) == DecisionLog.form else {
            throw SystemCallError("mmap", "decisions", .invalidArgument)
        }
        self.memory = memory
    }

    /// What has happened since it was asked last: new decisions at once, and how many more were like
    /// one that was shown when its time is over.
    ///
    /// - Returns: the decisions, by their last moment, and how many were overwritten before they were
    ///   read.
    public mutating func next(at now: Instant) -> (decisions: [Decision], lost: UInt64) {
        var decisions: [Decision] = []
        var lost: UInt64 = 0
        for ring in DecisionLog.Ring.all {
            var position = positions[ring.number]
            positions[ring.number] = Position()
            lost &+= read(ring, &position, into: &decisions, at: now)
            positions[ring.number] = position
        }
        decisions.sort { $0.last < $1.last }
        return (decisions, lost)
    }

    private func read(
        _ ring: DecisionLog.Ring, _ position: inout Position, into decisions: inout [Decision],
        at now: Instant
    ) -> UInt64 {
        let head = memory.load(at: ring.head)
        // A ring that goes back is not one: it is read from where it says it is.
        if head < position.next { position = Position(next: head, shown: []) }
        var lost: UInt64 = 0
        while head - position.next > UInt64(ring.slots) {
            let skipped = head - position.next - UInt64(ring.slots)
            guard !position.shown.isEmpty else {
                lost &+= skipped
                position.next += skipped
                break
            }
            if position.shown.removeFirst() == 0 { lost &+= 1 }
            position.next += 1
        }
        // Those before the first whose time is not over.
        var over: Int?
        for place in 0..<Int(head - position.next) {
            if place == position.shown.count { position.shown.append(0) }
            guard var decision = decision(position.next + UInt64(place), in: ring) else {
                if position.shown[place] == 0 { lost &+= 1 }
                position.shown[place] = .max
                continue
            }
            let shown = position.shown[place]
            let isOpen = now < decision.first + DecisionLog.window + Self.margin
            if decision.count > shown, shown == 0 || !isOpen {
                position.shown[place] = decision.count
                decision.count -= shown
                decisions.append(decision)
            }
            if isOpen, over == nil { over = place }
        }
        let done = over ?? position.shown.count
        position.shown.removeFirst(done)
        position.next += UInt64(done)
        return lost
    }

    /// nil when it is being overwritten, or is none.
    private func decision(_ sequence: UInt64, in ring: DecisionLog.Ring) -> Decision? {
        let place = ring.place(sequence)
        guard memory.load(at: place) == sequence &+ 1 else { return nil }
        let what = memory.load(at: place + 32)
        guard let verdict = Decision.Verdict(rawValue: UInt8(truncatingIfNeeded: what)),
            let reason = Decision.Reason(rawValue: UInt8(truncatingIfNeeded: what >> 8))
        else { return nil }
        var decision = Decision(verdict, first: moment(place + 8), last: moment(place + 16))
        decision.reason = reason
        decision.isAudit = what >> 63 == 1
        decision.count = max(1, memory.load(at: place + 24))
        decision.others = Int(what >> 32 & 0xffff)
        let (high, low) = (memory.load(at: place + 40), memory.load(at: place + 48))
        if high != .max {
            decision.address = .v6(high, low)
        } else if low != .max {
            decision.address = .v4(UInt32(truncatingIfNeeded: low))
        }
        if !ring.isOfNames {
            decision.isPacket = true
            let service = memory.load(at: place + 56)
            decision.protocolNumber = UInt8(truncatingIfNeeded: service >> 48)
            decision.port = UInt16(truncatingIfNeeded: service >> 32)
            let user = UInt32(truncatingIfNeeded: service)
            decision.user = user == .max ? nil : user
        } else {
            let length = Int(what >> 16 & 0xffff)
            guard 1...Name.longest ~= length else { return nil }
            let octets = memory.bytes(at: place + 64, count: length)
            guard let name = try? Name(wire: octets.span) else { return nil }
            decision.name = name.description
        }
        let ruleLength = Int(what >> 48 & 0x7fff)
        if ring.number == DecisionLog.Ring.allowed.number,
            1...DecisionLog.longestRule ~= ruleLength
        {
            let octets = memory.bytes(at: place + 320, count: ruleLength)
            decision.rule = String(decoding: octets, as: UTF8.self)
        }
        return memory.load(at: place) == sequence &+ 1 ? decision : nil
    }

    private func moment(_ place: Int) -> Instant {
        Instant(nanoseconds: Int64(bitPattern: memory.load(at: place)))
    }
}
