/// Which octets of a wire name are capitals: one bit for each of at most 256.
///
/// A name is compared in lower case and echoed as it was asked; between the two, this is all that
/// has to be kept. As random bits it is the "0x20" token that a forged answer must guess
/// (draft-vixie-dnsext-dns0x20).
public struct LetterCase: Equatable, Sendable {
    private var bits: InlineArray<4, UInt64>

    /// No capitals.
    public init() { bits = InlineArray(repeating: 0) }

    /// The capitals of a wire form.
    public init(of octets: Span<UInt8>) {
        self.init()
        for index in 0..<min(octets.count, 256)
        where UInt8(ascii: "A")...UInt8(ascii: "Z") ~= octets[index] {
            insert(index)
        }
    }

    /// A random choice for every letter of `name`.
    public init(for name: Name, using random: inout some RandomNumberGenerator) {
        self.init()
        var toss: UInt64 = 0
        for index in 0..<name.count {
            if index & 63 == 0 { toss = random.next() }
            defer { toss >>= 1 }
            let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= name.octets[index]
            if isLetter, toss & 1 == 1 { insert(index) }
        }
    }

    private mutating func insert(_ index: Int) { bits[index >> 6] |= 1 << UInt64(index & 63) }

    public var isEmpty: Bool { bits[0] | bits[1] | bits[2] | bits[3] == 0 }

    public func contains(_ index: Int) -> Bool {
        bits[index >> 6] >> UInt64(index & 63) & 1 == 1
    }

    public static func == (left: LetterCase, right: LetterCase) -> Bool {
        left.bits[0] == right.bits[0] && left.bits[1] == right.bits[1]
            && left.bits[2] == right.bits[2] && left.bits[3] == right.bits[3]
    }
}
