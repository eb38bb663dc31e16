/// Reads a golden packet: hex octets and "quoted text", each line with a comment after a semicolon.
func packet(_ annotated: String) -> [UInt8] {
    var octets: [UInt8] = []
    for line in annotated.split(separator: "\n") {
        let code = line.split(separator: ";", omittingEmptySubsequences: false)[0]
        for word in code.split(separator: " ") {
            if word.hasPrefix("\"") {
                octets += word.dropFirst().dropLast().utf8
            } else {
                octets.append(UInt8(word, radix: 16)!)
            }
        }
    }
    return octets
}

/// A generator whose numbers are the same in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
