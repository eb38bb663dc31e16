import DNSWire

/// A hash of names under a secret key, so that nobody outside can choose names that collide.
struct NameHash {
    private let key: (UInt64, UInt64)

    init(using random: inout some RandomNumberGenerator) {
        key = (random.next(), random.next() | 1)
    }

    func callAsFunction(_ name: borrowing Name, _ type: RecordType) -> UInt64 {
        var hash = key.0 ^ UInt64(type.rawValue) &* 0x9e37_79b9_7f4a_7c15
        let octets = name.octets
        for index in octets.indices {
            hash = (hash ^ UInt64(octets[index])) &* 0x0000_0100_0000_01b3
        }
        hash = hash.multipliedFullWidth(by: key.1).high ^ hash &* key.1
        return hash ^ hash >> 29
    }
}
