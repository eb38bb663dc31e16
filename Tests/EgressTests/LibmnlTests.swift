import CMnl
import Glibc
import Testing

/// Ours against the system's: the same octets written, the same verdicts on what is read.
struct LibmnlTests {
    static let both = [Libmnl.ours, Libmnl.systems]

    @Test func theTwoAreDifferentCode() {
        #expect(Libmnl.ours.address != Libmnl.systems.address)
    }

    @Test(arguments: 0..<300)
    func sameOctetsAreWritten(_ seed: UInt64) {
        let written = Self.both.map { library in
            var random = SplitMix(state: seed)
            return Self.write(library, &random, over: 0)
        }
        #expect(written[0] == written[1])
        #expect(written[0].count > 20)
    }

    /// libmnl 1.0.4 leaves in the padding what was in the memory, ours clears it.
    @Test func paddingIsClean() {
        for seed: UInt64 in 0..<50 {
            var (one, two) = (SplitMix(state: seed), SplitMix(state: seed))
            let dirty = Self.write(.ours, &one, over: 0xAA)
            let clean = Self.write(.ours, &two, over: 0)
            #expect(dirty.dropLast(64) == clean.dropLast(64))
            #expect(dirty.suffix(64).allSatisfy { $0 == 0xAA })
        }
    }

    /// A message of up to 40 attributes, nested up to four deep, and the 64 octets behind it.
    private static func write(
        _ library: Libmnl, _ random: inout SplitMix, over octet: UInt8
    ) -> [UInt8] {
        var memory = [UInt8](repeating: octet, count: 32 * 1024)
        return unsafe memory.withUnsafeMutableBytes { bytes in
            let message = unsafe library.putHeader(bytes.baseAddress)!
            _ = unsafe library.putExtraHeader(message, Int(random.next() % 9))
            var nests: [UnsafeMutablePointer<nlattr>] = unsafe []
            for _ in 0..<random.next() % 40 {
                let type = UInt16(random.next() % 200)
                let bits = random.next()
                let value = (0..<Int(random.next() % 70)).map { _ in
                    UInt8(1 + random.next() % 255)
                }
                switch random.next() % 9 {
                case 0: unsafe library.put(message, type, value.count, value)
                case 1: unsafe library.put8(message, type, UInt8(truncatingIfNeeded: bits))
                case 2: unsafe library.put16(message, type, UInt16(truncatingIfNeeded: bits))
                case 3: unsafe library.put32(message, type, UInt32(truncatingIfNeeded: bits))
                case 4: unsafe library.put64(message, type, bits)
                case 5: unsafe library.putText(message, type, text(value))
                case 6: unsafe library.putTextWithNul(message, type, text(value))
                case 7 where unsafe nests.count < 4:
                    unsafe nests.append(library.nestStart(message, type)!)
                default:
                    if let nest = unsafe nests.popLast() { unsafe library.nestEnd(message, nest) }
                }
            }
            while let nest = unsafe nests.popLast() { unsafe library.nestEnd(message, nest) }
            let length = unsafe Int(message.pointee.nlmsg_len)
            return unsafe Array(bytes[..<(length + 64)])
        }
    }

    private static func text(_ bytes: [UInt8]) -> [CChar] {
        bytes.map { CChar(bitPattern: $0) } + [0]
    }

    @Test func sameAttributesAreValid() {
        for length in 0...12 {
            for last in [UInt8(0), 1] {
                let octets: [UInt8] =
                    [UInt8(length + 4), 0, 9, 0x80]
                    + [UInt8](repeating: last, count: length) + [0, 0, 0, 0]
                for type in UInt32(0)...20 {
                    let verdicts = Self.both.map { library in
                        unsafe octets.withUnsafeBytes { bytes in
                            errno = 0
                            let attribute = unsafe bytes.baseAddress!
                                .assumingMemoryBound(to: nlattr.self)
                            let verdict = unsafe library.validate(
                                attribute, mnl_attr_data_type(rawValue: type))
                            return [verdict, errno]
                        }
                    }
                    #expect(verdicts[0] == verdicts[1], "type \(type), length \(length)")
                }
            }
        }
    }

    @Test(arguments: 0..<2000)
    func sameVerdictsOnAnyOctets(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        // Small lengths and types, so that many attributes and messages are well-formed.
        let octets = (0..<256).map { _ in
            UInt8(truncatingIfNeeded: random.next() % (random.next() % 4 == 0 ? 256 : 24))
        }
        let size = Int(random.next() % 200)
        let readings = Self.both.map { Self.read($0, octets, size) }
        #expect(readings[0] == readings[1])
    }

    /// Well-formed messages, changed in one octet each.
    @Test(arguments: 0..<300)
    func sameVerdictsOnDamagedMessages(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        var octets = Self.write(.ours, &random, over: 0)
        let size = octets.count - 64
        octets += [UInt8](repeating: 0, count: 64)
        for _ in 0..<32 {
            var damaged = octets
            damaged[Int(random.next() % UInt64(min(size, 64)))] = UInt8(
                truncatingIfNeeded: random.next())
            // Whoever calls mnl_attr_parse has checked that the message ends in its memory.
            let length = damaged.prefix(4).enumerated().reduce(0) {
                $0 | Int($1.element) << (8 * $1.offset)
            }
            guard length <= size else { continue }
            let readings = Self.both.map { Self.read($0, damaged, size) }
            #expect(readings[0] == readings[1])
        }
    }

    @Test func lengthWithTheHighestBitEndsTheWalk() {
        var octets = [UInt8](repeating: 0, count: 64)
        octets[0] = 16
        octets[4] = 17
        octets[19] = 0x80
        #expect(overreaches(octets, 64))
        let visits = Visits()
        let data = unsafe Unmanaged.passUnretained(visits).toOpaque()
        #expect(unsafe mnl_cb_run(octets, 64, 0, 0, visitMessage, data) == MNL_CB_OK)
        #expect(visits.seen == [17, 16])
    }

    /// Everything that reads, over the same octets: what it returned, `errno`, what it visited.
    private static func read(_ library: Libmnl, _ octets: [UInt8], _ size: Int) -> [Int] {
        let visits = Visits()
        let data = unsafe Unmanaged.passUnretained(visits).toOpaque()
        unsafe octets.withUnsafeBytes { bytes in
            let start = bytes.baseAddress!
            let attribute = unsafe start.assumingMemoryBound(to: nlattr.self)
            visits.note(unsafe library.isOK(attribute, CInt(size)) ? 1 : 0)
            visits.note(
                unsafe Int(library.type(attribute)), unsafe Int(library.payloadLength(attribute)))
            visits.note(unsafe Int(library.get8(attribute)), unsafe Int(library.get16(attribute)))
            visits.note(unsafe Int(library.get32(attribute)))
            visits.note(unsafe Int(truncatingIfNeeded: library.get64(attribute)))
            visits.note(
                unsafe Int(bitPattern: library.next(attribute)) - Int(bitPattern: start))
            errno = 0
            visits.note(unsafe Int(library.typeIsValid(attribute, 12)), Int(errno))
            if unsafe library.isOK(attribute, CInt(size)) {
                let verdict = unsafe library.parseNested(attribute, visitAttribute, data)
                visits.note(Int(verdict))
            }
            let message = unsafe start.assumingMemoryBound(to: nlmsghdr.self)
            let length = unsafe message.pointee.nlmsg_len
            for offset: CUnsignedInt in [0, 4, 7] where length >= 16 && length <= size {
                visits.note(unsafe Int(library.parse(message, offset, visitAttribute, data)))
            }
            guard !overreaches(octets, size) else { return }
            for (sequence, port): (CUnsignedInt, CUnsignedInt) in [(0, 0), (5, 0), (0, 7), (5, 7)] {
                errno = 0
                let verdict = unsafe library.run(start, size, sequence, port, visitMessage, data)
                visits.note(Int(verdict), verdict < 0 ? Int(errno) : 0)
            }
        }
        return visits.seen
    }
}

/// Whether a message's length has its highest bit set. libmnl 1.0.4 takes that for a negative
/// number, hence for a length that fits, and walks out of its memory; ours takes it for too long.
private func overreaches(_ octets: [UInt8], _ size: Int) -> Bool {
    var position = 0
    while position + 16 <= size {
        let length = (0..<4).reduce(0) { $0 | Int(octets[position + $1]) << (8 * $1) }
        guard length < 1 << 31 else { return true }
        guard length >= 16, position + length <= size else { return false }
        position += (length + 3) & ~3
    }
    return false
}

/// What a visitor was shown. A type of 21 stops, of 22 fails.
private final class Visits {
    private(set) var seen: [Int] = []

    func note(_ values: Int...) { seen += values }
}

private func visitAttribute(
    _ attribute: UnsafePointer<nlattr>?, _ data: UnsafeMutableRawPointer?
) -> CInt {
    let visits = unsafe Unmanaged<Visits>.fromOpaque(data!).takeUnretainedValue()
    let (type, length) = unsafe (attribute!.pointee.nla_type, attribute!.pointee.nla_len)
    visits.note(Int(type), Int(length))
    return verdict(on: type)
}

private func visitMessage(
    _ message: UnsafePointer<nlmsghdr>?, _ data: UnsafeMutableRawPointer?
) -> CInt {
    let visits = unsafe Unmanaged<Visits>.fromOpaque(data!).takeUnretainedValue()
    let (type, length) = unsafe (message!.pointee.nlmsg_type, message!.pointee.nlmsg_len)
    visits.note(Int(type), Int(length))
    return verdict(on: type)
}

private func verdict(on type: UInt16) -> CInt {
    switch type {
    case 21: CInt(MNL_CB_STOP)
    case 22: CInt(MNL_CB_ERROR)
    default: CInt(MNL_CB_OK)
    }
}
